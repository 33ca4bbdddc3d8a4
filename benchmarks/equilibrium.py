"""Speed of counterfactuals, in one run, as ratios to gegravity where it is installed.

Run by hand: ``python benchmarks/equilibrium.py`` (gegravity: ``pip install gegravity``, in the
same environment, or in another one named by ``--peer PYTHON``). The WTO guide's 69 countries and
Caliendo and Parro's data are read from ``../shared/fixtures``; a job without its data is left out.
Linear algebra runs on one thread. Times are the least of the repeats, after one run that is not
counted, wall and CPU seconds of the front door: checks, solution, labels and decomposition.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

for variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np  # noqa: E402 - after the number of threads
import pandas as pd  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
FIXTURES = Path(os.environ.get("KERVAN_FIXTURES", ROOT.parent / "shared" / "fixtures"))
GUIDE = FIXTURES / "wto_guide" / "agtpa_applications.csv"
CP = FIXTURES / "cp2015"
YEAR = 2006
EPSILON = 6.0
"""Of the guide."""
ASSUMED = 5.0
"""Trade elasticity where the job measures time alone."""
CUT = 0.3
"""Fall of the border's ln cost^-ε in the job that both solve; an assumed shock."""
REPEATS = 7

Job = tuple[str, str, Callable[[], object]]


def guide_rows() -> pd.DataFrame:
    """Give the 69 countries; zero trade becomes a millionth, since gegravity takes logarithms."""
    rows = pd.read_csv(GUIDE).query("year == @YEAR")[["exporter", "importer", "trade"]]
    rows["trade"] = rows["trade"].clip(lower=1e-6)
    return rows.reset_index(drop=True)


def jobs() -> Iterator[Job]:
    from kervan.trade import (
        Draws,
        base_from_data,
        base_from_frame,
        counterfactual,
        counterfactuals,
        load_trade,
        one_sector,
        trade_base,
    )

    rng = np.random.default_rng(0)
    if GUIDE.is_file():
        guide = base_from_frame(guide_rows(), epsilon=EPSILON, value="trade")
        cut = np.where(np.eye(69) == 1, 1.0, np.exp(-CUT / EPSILON))
        yield (
            "guide",
            "69 countries, gegravity's model",
            lambda: counterfactual(guide, d_hat=cut, model="fixed_expenditure_share"),
        )
        yield "guide_full", "69 countries, full endowment", lambda: counterfactual(guide, d_hat=cut)
    flows = rng.lognormal(size=(200, 200)) + 100 * np.eye(200)
    large = trade_base(flows, epsilon=ASSUMED)
    noise = np.exp(0.1 * rng.normal(size=(200, 200)))
    yield "n200", "200 countries, one sector", lambda: counterfactual(large, d_hat=noise)
    if CP.is_dir():
        data = cp_data()
        base, tariff = data.read_base(CP), data.nafta_tariffs(CP)
        balanced = counterfactual(base, model="caliendo_parro", closure="zero").base
        nafta = {"tariff_cf": tariff, "model": "caliendo_parro", "closure": "zero"}
        yield "cp", "NAFTA, 31 × 40, from its base", lambda: counterfactual(balanced, **nafta)
        yield "cp_rebase", "the same, base solved too", lambda: counterfactual(base, **nafta)
    sectors = base_from_data(load_trade(), epsilon=ASSUMED)
    shock = np.exp(0.05 * rng.normal(size=(80, 80)))
    yield (
        "embedded",
        "embedded, 80 × 13",
        lambda: counterfactual(sectors, d_hat=shock, model="caliendo_parro"),
    )
    world = one_sector(sectors, epsilon=ASSUMED)
    many = np.exp(0.1 * rng.normal(size=(1000, 80, 80)))
    yield (
        "batch",
        "1,000 scenarios, 80 countries",
        lambda: counterfactuals(world, Draws(d_hat=many)),
    )


def cp_data() -> ModuleType:
    path = ROOT / "tests" / "known_answers" / "caliendo_parro_2015" / "data.py"
    spec = importlib.util.spec_from_file_location("cp_data", path)
    assert spec is not None and spec.loader is not None  # noqa: PT018
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def timed(job: Callable[[], object], repeats: int) -> tuple[float, float]:
    job()
    wall, cpu = [], []
    for _ in range(repeats):
        began, busy = time.perf_counter(), time.process_time()
        job()
        wall.append(time.perf_counter() - began)
        cpu.append(time.process_time() - busy)
    return min(wall), min(cpu)


def run_gegravity() -> dict[str, object]:
    """Solve the same shock with gegravity: base and experiment, and the experiment alone."""
    import warnings

    import gegravity as ge

    warnings.filterwarnings("ignore")
    rows = guide_rows()
    rows["Y"] = rows.groupby("exporter")["trade"].transform("sum")
    rows["E"] = rows.groupby("importer")["trade"].transform("sum")
    rows["rest"] = np.log(rows["trade"] * rows["trade"].sum() / (rows["Y"] * rows["E"]))
    rows["cut"] = 0.0
    rows["year"] = str(YEAR)
    table = pd.DataFrame({"name": ["rest", "cut"], "value": [1.0, CUT]})
    names = {"expend_var_name": "E", "output_var_name": "Y"}
    model = ge.OneSectorGE(
        ge.BaselineData(rows, trade_var_name="trade", **names),
        year=str(YEAR),
        reference_importer="DEU",
        sigma=1 + EPSILON,
        cost_variables=["rest", "cut"],
        cost_coeff_values=ge.CostCoeffs(table, identifier_col="name", coeff_col="value"),
        quiet=True,
        **names,
    )
    began = time.perf_counter()
    model.build_baseline()
    middle = time.perf_counter()
    after = model.baseline_data.copy()
    after.loc[after["exporter"] != after["importer"], "cut"] = 1.0
    model.define_experiment(after)
    model.simulate()
    done = time.perf_counter()
    prices = model.factory_gate_prices.iloc[:, 0]
    return {
        "experiment_s": done - middle,
        "whole_s": done - began,
        "messages": [str(found.message) for found in model.solver_diagnostics.values()],
        "prices": {str(code): float(price) for code, price in prices.items()},
    }


def peer(python: str) -> dict[str, object] | None:
    done = subprocess.run(
        [python, "-W", "ignore", __file__, "--gegravity"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = done.stdout.strip().splitlines()
    return json.loads(lines[-1]) if done.returncode == 0 and lines else None


def price_gap(there: dict[str, object]) -> float:
    from kervan.trade import base_from_frame, counterfactual, in_prices_of

    guide = base_from_frame(guide_rows(), epsilon=EPSILON, value="trade")
    cut = np.where(np.eye(69) == 1, 1.0, np.exp(-CUT / EPSILON))
    found = in_prices_of(
        counterfactual(guide, d_hat=cut, model="fixed_expenditure_share"), "DEU"
    ).wage_hat
    theirs = there["prices"]
    assert isinstance(theirs, dict)
    return max(abs(float(found.sel(country=code)) - theirs[code]) for code in guide.codes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", default=sys.executable, help="python that has gegravity")
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--gegravity", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.gegravity:
        print(json.dumps(run_gegravity()))
        return
    seconds = {}
    print(f"{'job':<36}{'wall s':>10}{'CPU s':>10}")
    for key, name, job in jobs():
        seconds[key] = timed(job, asked.repeats)
        print(f"{name:<36}{seconds[key][0]:>10.4f}{seconds[key][1]:>10.4f}")
    there = peer(asked.peer) if GUIDE.is_file() else None
    if there is None:
        print("gegravity: not installed, or without its data")
        return
    ours = seconds["guide"][0]
    print(f"gegravity, experiment alone: {there['experiment_s']:.3f} s, "
          f"{float(str(there['experiment_s'])) / ours:,.0f} times ours")  # fmt: skip
    print(f"gegravity, with its base: {there['whole_s']:.3f} s, "
          f"{float(str(there['whole_s'])) / ours:,.0f} times ours")  # fmt: skip
    print(f"largest gap of a price hat: {price_gap(there):.1e}; it says {there['messages']}")


if __name__ == "__main__":
    main()
