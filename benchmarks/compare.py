"""Time the library against NetworkX and AequilibraE on the same graph, in one run."""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from peers import AequilibraEPeer, Edges, NetworkXPeer, plain_edges

import kervan
from kervan.network import build_network, leg_costs
from kervan.routes import build_sets
from kervan.routes.choice_sets import usable_cores
from kervan.routes.corridors import find_corridors
from kervan.routes.skims import least_cost_skims

MAX_ROUTES = 8
SAMPLE = 6
"""Pairs that NetworkX lists paths for."""

TOLERANCE = 1e-6


@dataclass(frozen=True)
class Timing:
    """Least wall and CPU seconds of a job, and the number of things it made."""

    job: str
    library: str
    wall_s: float
    cpu_s: float
    made: int
    first_s: float


def best_of(job: str, library: str, repeats: int, work: Callable[[], int]) -> Timing:
    begin = time.perf_counter()
    made = int(work())
    first = time.perf_counter() - begin
    walls, cpus = [], []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return Timing(job, library, min(walls), min(cpus), made, first)


def our_timings(
    study: kervan.Study, commodity: str, repeats: int
) -> tuple[list[Timing], np.ndarray]:
    network = build_network(study)
    costs, corridors = leg_costs(network, commodity), find_corridors(network)
    n = len(network.zones)
    factors, everyone = np.ones((n, n)), np.arange(n)

    def skims() -> int:
        return int(np.isfinite(least_cost_skims(network, costs, factors)["km"]).sum())

    def sets() -> int:
        pairs = everyone, everyone
        return int(build_sets(network, costs, corridors, pairs=pairs, factors=factors).count.sum())

    timings = [
        best_of("build", "kervan", repeats, lambda: len(build_network(study).edges)),
        best_of("skims", "kervan", repeats, skims),
        best_of("sets", "kervan", repeats, sets),
    ]
    return timings, least_cost_skims(network, costs, factors)["generalised_cost"]


def peer_timings(
    peer: NetworkXPeer | AequilibraEPeer,
    pairs: list[tuple[int, int]],
    repeats: int,
    expected: np.ndarray,
) -> list[Timing]:
    build = best_of("build", peer.name, repeats, lambda: built(peer))
    found = peer.skims()[..., 0]
    if not np.allclose(found, expected, rtol=TOLERANCE, equal_nan=True):
        worst = np.nanmax(np.abs(found - expected))
        raise SystemExit(f"least costs of {peer.name} differ by up to {worst}")
    skims = best_of("skims", peer.name, repeats, lambda: np.isfinite(peer.skims()[..., 0]).sum())
    sample = pairs[:: max(1, len(pairs) // SAMPLE)] if isinstance(peer, NetworkXPeer) else pairs
    sets = best_of("sets", peer.name, 1, lambda: peer.sets(sample, MAX_ROUTES))
    scale = len(pairs) / len(sample)
    scaled = Timing("sets", peer.name, sets.wall_s * scale, sets.cpu_s * scale,
                    round(sets.made * scale), sets.first_s)  # fmt: skip
    return [build, skims, scaled]


def built(peer: NetworkXPeer | AequilibraEPeer) -> int:
    peer.build()
    return len(peer.edges.table)


def find_peers(edges: Edges) -> list[NetworkXPeer | AequilibraEPeer]:
    peers: list[NetworkXPeer | AequilibraEPeer] = []
    for make in (NetworkXPeer, lambda e: AequilibraEPeer(e, usable_cores())):
        try:
            peers.append(make(edges))
        except ImportError as error:
            print(f"left out: {error}")
    return peers


def report(timings: list[Timing], n_pairs: int) -> None:
    heads = ("wall s", "CPU s", "× wall", "× CPU", "made")
    print(f"{'job':6} {'library':12}", *(f"{head:>9}" for head in heads))
    for job in ("build", "skims", "sets"):
        rows = [timing for timing in timings if timing.job == job]
        ours = rows[0]
        for row in rows:
            print(
                f"{job:6} {row.library:12} {row.wall_s:9.4f} {row.cpu_s:9.4f} "
                f"{row.wall_s / ours.wall_s:9.1f} {row.cpu_s / max(ours.cpu_s, 1e-9):9.1f} "
                f"{row.made:9d}"
            )
    print(f"{n_pairs} pairs; × is how many times kervan's time; sets by networkx are scaled up")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--study", default="east-west-line")
    parser.add_argument("--commodity", default="containers")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--smoke", action="store_true", help="toy study, once")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    name, repeats = ("toy", 1) if options.smoke else (options.study, options.repeats)
    study = kervan.open(name)
    study = study.as_of(study.settings.base_year)
    network = build_network(study)
    edges = plain_edges(network, leg_costs(network, options.commodity))
    timings, expected = our_timings(study, options.commodity, repeats)
    pairs = [
        (int(a), int(b))
        for a in edges.zones
        for b in edges.zones
        if np.isfinite(expected[a - 1, b - 1])
    ]
    libraries = {"kervan": kervan.__version__}
    for peer in find_peers(edges):
        libraries[peer.name] = version(peer.name)
        timings += peer_timings(peer, pairs, repeats, expected)
    size = f"{network.graph.n_vertices} vertices, {len(edges.table)} open edges"
    print(f"{name}, {options.commodity}: {size}, {len(edges.zones)} zones, {usable_cores()} cores")
    print(", ".join(f"{library} {number}" for library, number in libraries.items()))
    report(timings, len(pairs))
    if options.json:
        content = {"libraries": libraries, "timings": [asdict(timing) for timing in timings]}
        options.json.write_text(json.dumps(content, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
