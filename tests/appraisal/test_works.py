"""From a row of the project table to a plan, and volumes split, by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest

from kervan.appraisal.targets_prices import PriceIndex
from kervan.appraisal.volume import PAIR, split_volume, volume_residual
from kervan.appraisal.works import Terms, plan_of, read_works, switching_growth
from kervan.core.errors import InputError

INDEX = PriceIndex({2020: 80.0, 2023: 100.0, 2025: 125.0}, {})
ROW = {
    "group": "g", "owner": "kz", "cost_low": math.nan, "cost_central": 50.0, "cost_high": 100.0,
    "price_year": 2025.0, "construction_start": 2026.0, "construction_end": 2027.0,
    "life_years": 4.0,
}  # fmt: skip


def test_a_dated_project_by_hand() -> None:
    works = read_works("p", ROW, INDEX, years=(2023, 2024), terms=Terms())
    assert works.costs == {"central": pytest.approx(40.0), "high": pytest.approx(80.0)}
    assert (works.phasing, works.first_year, works.opening) == ((0.5, 0.5), 2026, 2028)
    assert works.dated
    assert works.index_year == 2025


def test_dates_that_are_missing_are_assumed_and_said() -> None:
    none = {**ROW, "construction_start": math.nan, "construction_end": math.nan}
    works = read_works("p", none, INDEX, years=(2023, 2024), terms=Terms(build_years=4))
    assert (works.first_year, len(works.phasing), works.dated) == (2025, 4, False)
    end_only = {**none, "construction_end": 2030.0}
    works = read_works("p", end_only, INDEX, years=(2023, 2024), terms=Terms(build_years=4))
    assert (works.first_year, works.opening, works.dated) == (2027, 2031, False)


def test_prices_beyond_the_index_take_its_last_year() -> None:
    works = read_works("p", {**ROW, "price_year": 2027.0}, INDEX, years=(2023, 2024), terms=Terms())
    assert (works.index_year, works.deflator) == (2025, pytest.approx(0.8))
    bare = read_works("p", ROW, PriceIndex(), years=(2023, 2024), terms=Terms())
    assert (bare.index_year, bare.deflator) == (None, 1.0)


def test_years_of_use_growth_upkeep_by_hand() -> None:
    works = read_works("p", ROW, INDEX, years=(2023, 2024), terms=Terms())
    terms = Terms(horizon=3, growth=0.1, upkeep=0.02, overrun=0.5)
    plan = plan_of(works, 40.0, 10.0, terms, 2024)
    assert plan.benefit == pytest.approx((10 * 1.1**4, 10 * 1.1**5, 10 * 1.1**6))
    assert plan.upkeep == pytest.approx(0.02 * 40.0 * 1.5)
    assert len(plan_of(works, 40.0, 10.0, Terms(), 2024).benefit) == 4


def test_growth_at_which_nothing_is_left_by_hand() -> None:
    """One year of use, four years after that of the traffic: 40 = 10 (1 + g)^4 without discount."""
    works = replace(read_works("p", ROW, INDEX, years=(2023, 2024), terms=Terms()), life=None)
    terms = Terms(horizon=1, growth=0.3)
    found = switching_growth(works, 40.0, 10.0, terms, base_year=2024, rate=0.0)
    assert found == pytest.approx(4.0**0.25 - 1.0)
    assert math.isnan(switching_growth(works, 40.0, 0.0, terms, base_year=2024, rate=0.0))


@pytest.mark.parametrize(
    "terms",
    [Terms(rates=(-1.0,)), Terms(rates=()), Terms(horizon=0), Terms(ramp_up=(1.2,)),
     Terms(overrun=-1.0), Terms(growth=1.0), Terms(upkeep=-0.1), Terms(build_years=0)],
)  # fmt: skip
def test_terms_out_of_range_are_named(terms: Terms) -> None:
    with pytest.raises(InputError):
        terms.check()


def cells(*rows: tuple[str, str, float]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["corridor", "family", "tonnes"])
    return table.assign(origin="a", destination="b", commodity="c")


def test_volume_split_by_hand() -> None:
    """100 t: 60 rail north, 30 rail south, 10 road; then 120 of 125 t: 48, 60, 12.

    Shares .6 .3 .1 become .4 .5 .1: a fifth of 100 t changes corridor, none its mode. Demand rises
    from 110 to 125: created 15 x 120/125 = 14.4, freed 110 x (.96 - 100/110) = 5.6.
    """
    before = cells(("n", "rail", 60.0), ("s", "rail", 30.0), ("w", "road", 10.0))
    after = cells(("n", "rail", 48.0), ("s", "rail", 60.0), ("w", "road", 12.0))
    demand = pd.DataFrame([("a", "b", "c", 110.0, 125.0)],
                          columns=[*PAIR, "demand_base", "demand_cf"])  # fmt: skip
    row = split_volume(before, after, demand).iloc[0]
    assert (row["stayed"], row["diverted"], row["shifted"]) == pytest.approx((80.0, 20.0, 0.0))
    assert (row["created"], row["freed"]) == pytest.approx((14.4, 5.6))


def test_volume_that_changes_mode_by_hand() -> None:
    """Half of 100 t goes from road to rail, of which nothing is merely diverted; 20 t are lost."""
    before = cells(("w", "road", 100.0))
    after = cells(("n", "rail", 40.0), ("w", "road", 40.0))
    demand = pd.DataFrame([("a", "b", "c", 100.0, 80.0), ("x", "y", "c", 5.0, 5.0)],
                          columns=[*PAIR, "demand_base", "demand_cf"])  # fmt: skip
    table = split_volume(before, after, demand)
    row = table.iloc[0]
    assert (row["stayed"], row["diverted"], row["shifted"]) == pytest.approx((40.0, 0.0, 40.0))
    assert (row["created"], row["freed"]) == pytest.approx((-20.0, 0.0))
    assert table.iloc[1][["tonnes_base", "tonnes_cf", "stayed"]].tolist() == [0.0, 0.0, 0.0]
    assert volume_residual(table) < 1e-12
