"""Speed of gravity estimation beside its peers, and of the multilateral resistances.

Run by hand: ``.venv/bin/pip install ".[bench]" && .venv/bin/python benchmarks/gravity.py``. Four
questions, each put to all in one process on one thread, least CPU seconds of the repeats:

* two-way effects on one year (4,692 flows): kervan, pyfixest, fereg, statsmodels' GLM, gme;
* three-way effects on six years (28,566 flows): kervan, pyfixest, fereg (the others build a dummy
  per pair and are left out);
* the overhead of kervan over the engine inside it: all of the call but the engine's own time;
* resistances of 200 countries.

Coefficients are compared first; where they differ the run fails. The data are read from
``../shared/fixtures/wto_guide``; without them simulated trade of the same size is taken.
"""

# ruff: noqa: E402 (threads are set before NumPy loads)
from __future__ import annotations

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = "1"

import argparse
import contextlib
import io
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("KERVAN_FIXTURES", ROOT.parent / "shared" / "fixtures"))
FILE = SHARED / "wto_guide" / "agtpa_applications.csv"
YEARS = (1986, 1990, 1994, 1998, 2002, 2006)
PAIR = ("ln_dist", "cntg", "lang", "clny")
SAME = 1e-6
"""Peers stop at looser tolerances than kervan."""


def flows() -> pd.DataFrame:
    if FILE.is_file():
        data = pd.read_csv(FILE).drop(columns="pair_id")
        data = data[data["year"].isin(YEARS)]
    else:
        rng = np.random.default_rng(0)
        names = [f"C{i:02d}" for i in range(69)]
        keys = [(a, b, y) for a in names for b in names for y in YEARS]
        data = pd.DataFrame(keys, columns=["exporter", "importer", "year"])
        data["dist"] = rng.lognormal(8, 1, len(data))
        for name in ("cntg", "lang", "clny", "rta"):
            data[name] = (rng.random(len(data)) < 0.2).astype(int)
        data["trade"] = data["dist"] ** -0.8 * rng.lognormal(8, 2, len(data))
    data["ln_dist"] = np.log(data["dist"])
    low = data[["exporter", "importer"]].min(axis="columns")
    data["pair"] = low + data[["exporter", "importer"]].max(axis="columns")
    for side in ("exporter", "importer"):
        data[f"{side}_year"] = data[side] + data["year"].astype(str)
    return data.reset_index(drop=True)


def least(run: Callable[[], float], repeats: int) -> tuple[float, float]:
    """CPU seconds and the coefficient that the runner gives, the first run not counted."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        coefficient = run()
        seconds = []
        for _ in range(repeats):
            began = time.process_time()
            run()
            seconds.append(time.process_time() - began)
    return min(seconds), coefficient


def kervan_runner(data: pd.DataFrame, formula: str, name: str, engine: str) -> Callable[[], float]:
    from kervan.trade.gravity import estimate_gravity

    return lambda: estimate_gravity(data, formula, engine=engine).coefficient(name)


def engine_runner(
    data: pd.DataFrame, formula: str, name: str, engine: str, *, tight: bool
) -> Callable[[], float]:
    """The engine alone, called as its own documentation does, or to kervan's tolerances."""
    import importlib

    module = importlib.import_module(engine)
    options: dict[str, object] = {"vcov": {"CRV1": "pair"}}
    if tight:
        options["iwls_tol"] = 1e-12
        if engine == "pyfixest":
            options["demeaner"] = module.MapDemeaner(fixef_tol=1e-9)
        else:
            options["fixef_tol"] = 1e-9
    return lambda: float(module.fepois(formula, data=data, **options).coef()[name])


def statsmodels_runner(data: pd.DataFrame) -> Callable[[], float]:
    import statsmodels.api as sm

    def run() -> float:
        dummies = [pd.get_dummies(data[s], dtype=float) for s in ("exporter", "importer")]
        design = pd.concat([data[list(PAIR)], dummies[0], dummies[1].iloc[:, 1:].add_prefix("m")],
                           axis="columns")  # fmt: skip
        model = sm.GLM(data["trade"], design, family=sm.families.Poisson())
        groups = pd.factorize(data["pair"])[0]
        return float(model.fit(cov_type="cluster", cov_kwds={"groups": groups}).params["ln_dist"])

    return run


def gme_runner(data: pd.DataFrame) -> Callable[[], float]:
    import gme

    def run() -> float:
        columns = ["exporter", "importer", "year", "trade", *PAIR]
        table = gme.EstimationData(data[columns].copy(), trade_var_name="trade")
        model = gme.EstimationModel(
            table, lhs_var="trade", rhs_var=list(PAIR),
            fixed_effects=["exporter", "importer"], keep_years=[2006],
        )  # fmt: skip
        found = model.estimate()
        return float(next(iter(found.values())).params["ln_dist"])

    return run


def compare(title: str, runners: dict[str, Callable[[], float]], repeats: int) -> None:
    print(f"\n{title}")
    expected = None
    for name, run in runners.items():
        try:
            seconds, coefficient = least(run, repeats)
        except ImportError as error:
            print(f"  {name:28s} not installed ({error.name})")
            continue
        expected = coefficient if expected is None else expected
        if abs(coefficient - expected) > SAME:
            raise SystemExit(f"{name}: {coefficient} is not {expected}")
        print(f"  {name:28s} {seconds:8.3f} CPU s   {coefficient:.9f}")


def overhead(data: pd.DataFrame, formula: str, engine: str, repeats: int) -> None:
    """CPU time of a call less that of the engine inside it, over the latter."""
    from kervan.trade.gravity import engine as engines
    from kervan.trade.gravity import estimate_gravity

    inside: list[float] = []
    original = engines._call

    def timed(*arguments: object) -> object:
        began = time.process_time()
        try:
            return original(*arguments)
        finally:
            inside.append(time.process_time() - began)

    engines._call = timed
    try:
        estimate_gravity(data, formula, engine=engine)
        shares = []
        for _ in range(repeats):
            began = time.process_time()
            estimate_gravity(data, formula, engine=engine)
            total = time.process_time() - began
            shares.append((total - inside[-1], inside[-1]))
    finally:
        engines._call = original
    own, theirs = min(shares)
    print(f"  {formula[:44]:46s} {engine:9s} {own:.3f} s over {theirs:.3f} s: {own / theirs:6.1%}")


def resistances(repeats: int) -> None:
    from kervan.trade.gravity import solve_resistances

    rng = np.random.default_rng(0)
    place = rng.uniform(0, 1, (200, 2))
    ease = (np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1)) + 0.05) ** -1.5
    output = rng.lognormal(0, 2, 200)
    expenditure = rng.permutation(output)
    seconds = []
    for _ in range(max(repeats, 5)):
        began = time.perf_counter()
        made = solve_resistances(ease, output, expenditure)
        seconds.append(time.perf_counter() - began)
    print(f"\nResistances of 200 countries: {1000 * min(seconds):.2f} ms "
          f"({made.iterations} rounds, residual {made.residual:.0e})")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    data = flows()
    year = data[(data["year"] == 2006) & (data["exporter"] != data["importer"])]
    year = year.reset_index(drop=True)
    right = " + ".join(PAIR)
    two_way = f"trade ~ {right} | exporter + importer"
    three_way = "trade ~ rta | exporter_year + importer_year + pair"
    for title, table, formula, name in (
        (f"Two-way effects, {len(year):,} flows", year, two_way, "ln_dist"),
        (f"Three-way effects, {len(data):,} flows", data, three_way, "rta"),
    ):
        runners = {}
        for engine in ("pyfixest", "fereg"):
            runners[f"kervan with {engine}"] = kervan_runner(table, formula, name, engine)
            for tight in (True, False):
                label = f"{engine} {'as tight' if tight else 'as it comes'}"
                runners[label] = engine_runner(table, formula, name, engine, tight=tight)
        if table is year:
            runners |= {"statsmodels GLM": statsmodels_runner(year), "gme": gme_runner(year)}
        compare(title, runners, repeats)
    print("\nkervan's own part of a call")
    for table, formula in ((year, two_way), (data, three_way)):
        for engine in ("pyfixest", "fereg"):
            overhead(table, formula, engine, max(repeats, 5))
    resistances(repeats)


if __name__ == "__main__":
    main()
