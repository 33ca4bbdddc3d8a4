"""Speed of the assignment engine beside its peers, and its convergence curve.

Run by hand: ``.venv/bin/pip install ".[bench]" && .venv/bin/python benchmarks/assignment.py``.
Every solver runs in a process of its own on one thread, is compiled before the clock starts, and is
timed in CPU seconds around the solution alone. The gap it reached is measured by one function for
all, from its link flows. The instances are read from ``../shared/fixtures/tntp``. With ``--cities``
made-up networks of the size of the largest published instances come too (`synthetic.py`; written to
a temporary folder, or to the one named by ``KERVAN_CITIES``, where they stay).
"""

from __future__ import annotations

import argparse
import multiprocessing
import multiprocessing.connection
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
FIXTURES = Path(os.environ.get("KERVAN_FIXTURES", ROOT.parent / "shared" / "fixtures")) / "tntp"
CITY_FOLDER = Path(os.environ.get("KERVAN_CITIES", Path(tempfile.gettempdir()) / "kervan-cities"))
CITIES = ("sketch", "centre", "city", "region")
INSTANCES = ("SiouxFalls", "Anaheim", "Barcelona", "Winnipeg")
REPEATS = 3

Outcome = tuple[float, np.ndarray]
"""CPU seconds and link flows."""


def files(name: str) -> tuple[Path, Path]:
    if name in CITIES:
        from synthetic import write_city

        return write_city(CITY_FOLDER, name)
    return FIXTURES / name / f"{name}_net.tntp", FIXTURES / name / f"{name}_trips.tntp"


def run_kervan(name: str, gap: float) -> Outcome:
    from kervan.assign import assign_demand, warm_up
    from kervan.assign.readers import read_tntp

    warm_up()
    instance = read_tntp(*files(name))
    results = [
        assign_demand(instance.network, instance.commodities, gap=gap, threads=1)
        for _ in range(1 if name in CITIES else REPEATS)
    ]
    return min(r.solve_s for r in results), results[0].link_flow


def run_pytraf(name: str, gap: float) -> Outcome:
    import pytraf

    net, trips = files(name)
    with tempfile.TemporaryDirectory() as folder:
        adapted = Path(folder) / net.name
        adapted.write_text(without_zero_power(net))
        network = pytraf.Network.from_tntp(str(adapted))
    demand = pytraf.Demand.from_tntp(network, str(trips))
    seconds = []
    for _ in range(REPEATS if name == "SiouxFalls" else 1):
        began = time.process_time()
        result = pytraf.assign(network, demand, gap=gap, max_iter=20_000, threads=1)
        seconds.append(time.process_time() - began)
    return min(seconds), np.asarray(result.link_flow, dtype=float)


def without_zero_power(net: Path) -> str:
    """Write links of power 0 as power 1 and b 0, since pytraf refuses the former."""
    lines = []
    for line in net.read_text().splitlines():
        words = line.replace(";", " ").split()
        if len(words) >= 7 and words[0].isdigit() and float(words[6]) == 0:
            words[5], words[6] = "0", "1"
            lines.append("\t".join([*words, ";"]))
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


def run_bfw(name: str, gap: float) -> Outcome:
    import pandas as pd
    from aequilibrae.matrix import AequilibraeMatrix
    from aequilibrae.paths import Graph, TrafficAssignment, TrafficClass

    from kervan.assign.readers.tntp_net import COLUMNS, read_net

    net = read_net(files(name)[0], [], {"toll": 0.0, "length": 0.0})
    rows = pd.DataFrame(net.rows, columns=list(COLUMNS))
    level = (rows["power"] == 0) | (rows["b"] == 0)
    links = pd.DataFrame(
        {
            "link_id": np.arange(1, len(rows) + 1),
            "a_node": rows["init_node"].astype(int),
            "b_node": rows["term_node"].astype(int),
            "direction": 1,
            "capacity": rows["capacity"].where(~level, 1.0),
            "free_flow_time": rows["free_flow_time"],
            "b": rows["b"].where(~level, 0.0),
            "power": rows["power"].where(~level, 1.0),
        }
    )
    graph = Graph()
    graph.network = links
    graph.prepare_graph(np.arange(1, net.n_zones + 1))
    graph.set_graph("free_flow_time")
    graph.set_blocked_centroid_flows(net.first_through > 1)
    matrix = AequilibraeMatrix()
    matrix.create_empty(zones=net.n_zones, matrix_names=["trips"], memory_only=True)
    matrix.index[:] = np.arange(1, net.n_zones + 1)
    matrix.matrix["trips"][:, :] = demand_matrix(name, net.n_zones)
    matrix.computational_view(["trips"])
    assignment = TrafficAssignment()
    assignment.set_classes([TrafficClass("car", graph, matrix)])
    assignment.set_vdf("BPR")
    assignment.set_vdf_parameters({"alpha": "b", "beta": "power"})
    assignment.set_capacity_field("capacity")
    assignment.set_time_field("free_flow_time")
    assignment.set_algorithm("bfw")
    assignment.set_cores(1)
    assignment.max_iter, assignment.rgap_target = 100_000, gap
    began = time.process_time()
    assignment.execute()
    seconds = time.process_time() - began
    flows = assignment.results()["trips_ab"].reindex(links["link_id"]).fillna(0.0)
    return seconds, flows.to_numpy(dtype=float)


def demand_matrix(name: str, n_zones: int) -> np.ndarray:
    from kervan.assign.readers import read_tntp

    trips = read_tntp(*files(name)).commodities[0]
    matrix = np.zeros((n_zones, n_zones))
    matrix[trips.origin, trips.destination] = trips.amount
    np.fill_diagonal(matrix, 0.0)
    return matrix


SOLVERS: dict[str, Callable[[str, float], Outcome]] = {
    "kervan": run_kervan,
    "pytraf": run_pytraf,
    "aequilibrae bfw": run_bfw,
}


def gap_of(name: str, flows: np.ndarray) -> float:
    """Relative gap of link flows, whoever found them."""
    from kervan.assign.engine.audit import search_least_costs
    from kervan.assign.engine.graph import build_graph
    from kervan.assign.engine.state import set_costs
    from kervan.assign.readers import read_tntp

    instance = read_tntp(*files(name))
    graph = build_graph(instance.network, instance.commodities)
    prices = graph.fresh_prices()
    there = graph.link_arc >= 0
    prices.flow[graph.link_arc[there]] = flows[there]
    set_costs(prices)
    paid = float(prices.flow @ prices.cost[0])
    owed = float(graph.pairs.amount @ search_least_costs(graph, prices.cost))
    return (paid - owed) / paid


def _child(solver: str, name: str, gap: float, pipe: multiprocessing.connection.Connection) -> None:
    with Path(os.devnull).open("w") as nowhere:  # peers draw bars on standard error
        os.dup2(nowhere.fileno(), 2)
    try:
        pipe.send(SOLVERS[solver](name, gap))
    except Exception as error:  # a peer may refuse an instance in any way
        pipe.send(f"{type(error).__name__}: {error}")


def timed(solver: str, name: str, gap: float, limit: float) -> Outcome | str:
    """Run a solver in a process of its own; give what it found or why not."""
    os.environ["AEQ_SHOW_PROGRESS"] = "FALSE"  # its bars cost time that is not the solver's
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=_child, args=(solver, name, gap, theirs))
    process.start()
    found: Outcome | str = f"stopped after {limit:.0f} s"
    if mine.poll(limit):
        found = mine.recv()
    process.kill()
    process.join()
    return found


def show_table(instances: list[str], gap: float, limit: float) -> None:
    print(f"CPU seconds to a relative gap of {gap:g}, one thread, solver only, compiled")
    print(f"{'instance':<12}{'solver':<18}{'CPU s':>10}{'gap found':>12}{'times ours':>12}")
    for name in instances:
        ours = float("nan")
        for solver in SOLVERS:
            found = timed(solver, name, gap, limit)
            if isinstance(found, str):
                print(f"{name:<12}{solver:<18}{'-':>10}  {found[:60]}")
                continue
            seconds, flows = found
            ours = seconds if solver == "kervan" else ours
            measured = gap_of(name, flows)
            print(f"{name:<12}{solver:<18}{seconds:>10.4f}{measured:>12.1e}{seconds / ours:>12.1f}")


def show_curves(instances: list[str], gap: float) -> None:
    from kervan.assign import assign_demand, warm_up
    from kervan.assign.readers import read_tntp

    print(f"\ncompiling or reading the cache: {warm_up():.2f} s")
    print("convergence: CPU seconds at which the relative gap first was below")
    levels = [10.0**-e for e in range(2, 13, 2) if 10.0**-e >= gap * (1.0 - 1e-9)]
    print(f"{'instance':<12}" + "".join(f"{level:>10.0e}" for level in levels))
    for name in instances:
        instance = read_tntp(*files(name))
        history = assign_demand(instance.network, instance.commodities, gap=gap, threads=1).history
        reached = [history.loc[history["relative_gap"] <= level, "cpu_s"].min() for level in levels]
        print(f"{name:<12}" + "".join(f"{seconds:>10.4f}" for seconds in reached))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("instances", nargs="*", default=list(INSTANCES))
    parser.add_argument("--gap", type=float, default=1e-6)
    parser.add_argument("--limit", type=float, default=300.0, help="wall seconds a solver may take")
    parser.add_argument("--cities", action="store_true", help="made-up cities too")
    parser.add_argument("--curve", type=float, default=1e-12, help="gap the curves go down to")
    given = parser.parse_args()
    instances = [*given.instances, *(CITIES if given.cities else ())]
    show_table(instances, given.gap, given.limit)
    show_curves(instances, given.curve)


if __name__ == "__main__":
    main()
