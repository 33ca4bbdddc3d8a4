"""Time OD estimation from counts against SciPy's bounded least squares, in one run.

    python benchmarks/od_estimation.py            # 10,000 ODs, 500 counts
    python benchmarks/od_estimation.py --smoke    # 400 ODs, 40 counts

The peer solves the same stacked problem, [A / s; 1 / (c q)] x = [b / s; 1 / c] with x >= 0, by
scipy.optimize.lsq_linear (trust-region reflective, LSMR). Flows are compared before any time is
printed; if they differ by more than the peer's own tolerance allows, the run fails.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
from scipy import optimize, sparse

from kervan.assign.od.estimation import estimate_od

SEED = 20170911
AGREEMENT = 1e-3
"""Largest difference of a flow, as a part of its prior spread."""


@dataclass(frozen=True)
class Case:
    prior: np.ndarray
    shares: sparse.csr_array
    counts: np.ndarray
    count_sd: np.ndarray
    prior_cv: float


def make_case(n_od: int, n_counts: int, density: float) -> Case:
    """Draw a prior, route shares, and counts of a truth that differs from the prior."""
    rng = np.random.default_rng(SEED)
    shares = sparse.random_array((n_counts, n_od), density=density, rng=rng, format="csr")
    prior = rng.lognormal(8.0, 1.5, n_od)
    truth = prior * rng.lognormal(0.0, 0.8, n_od)
    exact = shares @ truth
    counts = np.maximum(exact * (1.0 + 0.05 * rng.standard_normal(n_counts)), 0.0)
    return Case(prior, shares, counts, 0.05 * np.maximum(exact, 1.0), 0.8)


def by_lsq_linear(case: Case) -> np.ndarray:
    sd = case.prior_cv * case.prior
    stacked = sparse.vstack(
        [sparse.diags_array(1.0 / case.count_sd) @ case.shares * sd, sparse.eye_array(len(sd))]
    ).tocsr()
    data = np.concatenate([case.counts / case.count_sd, case.prior / sd])
    done = optimize.lsq_linear(
        stacked, data, bounds=(0.0, np.inf), tol=1e-10, lsmr_tol="auto", max_iter=500
    )
    return np.asarray(done.x * sd)


def by_kervan(case: Case, method: str) -> np.ndarray:
    return estimate_od(
        case.prior,
        case.shares,
        case.counts,
        count_sd=case.count_sd,
        prior_cv=case.prior_cv,
        method=method,
    ).matrix


@dataclass(frozen=True)
class Timing:
    job: str
    wall_s: float
    cpu_s: float
    ratio: float
    """CPU seconds as a multiple of kervan's least squares."""


def timed(work: Callable[[], np.ndarray], repeats: int) -> tuple[float, float, np.ndarray]:
    walls, cpus = [], []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        flows = work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return min(walls), min(cpus), flows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="a small case, once")
    parser.add_argument("--ods", type=int, default=10_000)
    parser.add_argument("--counts", type=int, default=500)
    parser.add_argument("--density", type=float, default=0.02, help="part of the shares above 0")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", metavar="FILE")
    asked = parser.parse_args()
    size = (400, 40) if asked.smoke else (asked.ods, asked.counts)
    repeats = 1 if asked.smoke else asked.repeats
    case = make_case(*size, asked.density)
    jobs = {
        "kervan gls": timed(lambda: by_kervan(case, "gls"), repeats),
        "kervan entropy": timed(lambda: by_kervan(case, "entropy"), repeats),
        "scipy lsq_linear": timed(lambda: by_lsq_linear(case), 1),
    }
    apart = np.abs(jobs["kervan gls"][2] - jobs["scipy lsq_linear"][2])
    worst = float((apart / (case.prior_cv * case.prior)).max())
    base = jobs["kervan gls"][1]
    rows = [Timing(job, wall, cpu, cpu / base) for job, (wall, cpu, _) in jobs.items()]
    print(f"{size[0]} ODs, {size[1]} counts; largest difference {worst:.1e} prior sd")
    for row in rows:
        print(f"{row.job:18} {row.wall_s:9.3f} s wall {row.cpu_s:9.3f} s CPU {row.ratio:8.1f} x")
    if asked.json:
        with open(asked.json, "w", encoding="utf-8") as file:  # noqa: PTH123
            json.dump([asdict(row) for row in rows], file, indent=1)
    if worst > AGREEMENT:
        raise SystemExit("the answers differ")


if __name__ == "__main__":
    main()
