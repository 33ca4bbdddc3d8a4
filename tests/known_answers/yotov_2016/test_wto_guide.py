"""The Advanced Guide to Trade Policy Analysis, chapters 1 and 2."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kervan.trade.gravity import (
    GravityFit,
    conditional_trade,
    estimate_gravity,
    solve_resistances,
)

ROOT = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("KERVAN_FIXTURES", ROOT.parent / "shared" / "fixtures"))
FILE = SHARED / "wto_guide" / "agtpa_applications.csv"

PRINTED = 0.0005
"""Half a unit of the last digit printed."""
SIX_DIGITS = 5e-7
PERCENT = 5e-4

YEARS = (1986, 1990, 1994, 1998, 2002, 2006)
PAIR = "log(dist) + cntg + lang + clny"
TWO_WAY = "exporter^year + importer^year"
THREE_WAY = f"{TWO_WAY} + pair"

pytestmark = pytest.mark.skipif(not FILE.is_file(), reason=f"the data are not at {FILE}")


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    data = pd.read_csv(FILE).drop(columns="pair_id")
    data = data[data["year"].isin(YEARS)].reset_index(drop=True)
    years = data["year"]
    data["output"] = data.groupby(["exporter", years])["trade"].transform("sum")
    data["spending"] = data.groupby(["importer", years])["trade"].transform("sum")
    world = data.groupby("year")["trade"].transform("sum")
    for side, size, name in (("exporter", "spending", "out"), ("importer", "output", "in")):
        far = data["dist"] * world / data[size]
        data[f"remoteness_{name}"] = far.groupby([data[side], years]).transform("sum")
    data["border"] = (data["exporter"] != data["importer"]).astype(float)
    data["home"] = np.where(data["border"] == 1, "foreign", data["exporter"])
    for year in YEARS[:-1]:
        data[f"border_{year}"] = data["border"] * (years == year)
    return data


@pytest.fixture(scope="module")
def foreign(panel: pd.DataFrame) -> pd.DataFrame:
    return panel[panel["border"] == 1]


def check(fit: GravityFit, **expected: float) -> None:
    got = {name: fit.coefficient(name) for name in expected}
    assert got == pytest.approx(expected, abs=PRINTED)


def test_distance_by_least_squares(foreign: pd.DataFrame) -> None:
    sizes = f"{PAIR} + log(output) + log(spending)"
    plain = estimate_gravity(foreign, f"log(trade) ~ {sizes}", method="ols")
    assert plain.coefficient("log(dist)") == pytest.approx(-1.002, abs=PRINTED)
    remote = f"{sizes} + log(remoteness_out) + log(remoteness_in)"
    indexed = estimate_gravity(foreign, f"log(trade) ~ {remote}", method="ols")
    assert indexed.coefficient("log(dist)") == pytest.approx(-1.185, abs=PRINTED)
    effects = estimate_gravity(foreign, f"log(trade) ~ {PAIR} | {TWO_WAY}", method="ols")
    assert effects.coefficient("log(dist)") == pytest.approx(-1.216, abs=PRINTED)


@pytest.mark.parametrize("engine", ["pyfixest", "fereg"])
def test_distance_by_ppml(foreign: pd.DataFrame, engine: str) -> None:
    fit = estimate_gravity(foreign, f"trade ~ {PAIR} | {TWO_WAY}", engine=engine)
    assert fit.coefficient("log(dist)") == pytest.approx(-0.841, abs=PRINTED)


def test_trade_agreements(panel: pd.DataFrame, foreign: pd.DataFrame) -> None:
    check(estimate_gravity(foreign, f"trade ~ {PAIR} + rta | {TWO_WAY}"), rta=0.191)
    check(estimate_gravity(panel, f"trade ~ {PAIR} + rta | {TWO_WAY} + home"), rta=0.409)
    fit = estimate_gravity(panel, f"trade ~ rta | {THREE_WAY}")
    check(fit, rta=0.557)
    assert fit.standard_error("rta") == pytest.approx(0.102, abs=PRINTED)
    assert (len(fit.rows), len(fit.separated)) == (28_482, 84)
    assert fit.domestic is not None
    assert fit.domestic.coverage == "all"


def test_directed_pairs_give_another_answer(panel: pd.DataFrame) -> None:
    fit = estimate_gravity(panel, f"trade ~ rta | {TWO_WAY} + exporter^importer")
    check(fit, rta=0.567)


def test_leads_and_lags(panel: pd.DataFrame) -> None:
    check(
        estimate_gravity(panel, f"trade ~ rta + rta_lead4 | {THREE_WAY}"),
        rta=0.520,
        rta_lead4=0.077,
    )
    lags = "rta + rta_lag4 + rta_lag8 + rta_lag12"
    fit = estimate_gravity(panel, f"trade ~ {lags} | {THREE_WAY}")
    check(fit, rta=0.291, rta_lag4=0.414, rta_lag8=0.169, rta_lag12=0.119)
    borders = " + ".join(f"border_{year}" for year in YEARS[:-1])
    fit = estimate_gravity(panel, f"trade ~ {lags} + {borders} | {THREE_WAY}")
    check(fit, rta=0.116, rta_lag4=0.288, rta_lag8=0.069, rta_lag12=0.002)


def test_trade_without_borders(panel: pd.DataFrame) -> None:
    data = panel[panel["year"] == 2006].reset_index(drop=True)
    formula = "trade ~ log(dist) + cntg + border | exporter + importer"
    fit = estimate_gravity(data, formula)
    expected = {"log(dist)": -0.7912879, "cntg": 0.6736456, "border": -2.47445}
    got = {name: fit.coefficient(name) for name in expected}
    assert got == pytest.approx(expected, rel=SIX_DIGITS * 2)

    def square(values: object) -> pd.DataFrame:
        table = data.assign(values=values)
        return table.pivot_table(index="exporter", columns="importer", values="values")

    border = fit.coefficient("border") * data["border"]
    index = fit.coefficient("log(dist)") * np.log(data["dist"])
    index += fit.coefficient("cntg") * data["cntg"] + border
    flows = square(data["trade"])
    countries = list(flows.index)
    ease = square(np.exp(index)).to_numpy()
    base = solve_resistances(
        ease, flows.sum(axis="columns").to_numpy(), flows.sum(axis="index").to_numpy()
    )
    assert base.trade == pytest.approx(square(fit.fitted).to_numpy(), rel=1e-6)
    open_world = conditional_trade(base, square(np.exp(index - border)).to_numpy())
    exports = [made.trade.sum(axis=1) - np.diag(made.trade) for made in (base, open_world)]
    change = dict(zip(countries, 100 * (exports[1] / exports[0] - 1), strict=True))
    printed = {"CAN": 80.825, "USA": 359.981, "ARG": 65.524}
    assert {code: change[code] for code in printed} == pytest.approx(printed, abs=PERCENT)
