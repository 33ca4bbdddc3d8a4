"""Worth of rows of the toy study: against solving again with one row changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from toy_trade import toy_world

import kervan
from kervan import Study
from kervan.assign import (
    Offers,
    congestion_at,
    join_all,
    log_sum_cube,
    make_probe,
    reprice_offers,
)
from kervan.assign.study.assignment import UNSERVED_USD_PER_T
from kervan.assign.study.priced_choice import choose, settle_prices
from kervan.assign.study.solve import make_choices
from kervan.core.errors import NameNotFound
from kervan.network import build_network
from kervan.pipeline.joint import JointBase, joint_base, solve_joint
from kervan.pipeline.worth import LinkWorth, log_sums_named, worth_of_rows
from kervan.pipeline.worth_check import check_routes, rank_correlation
from kervan.routes import Ground
from kervan.trade import counterfactual

OF = ("XAA", "XDD", "world")
STEP = 0.05
"""Hours or dollars by which a row is moved both ways."""


def toy_with_empties() -> Study:
    """Give the toy, with empties that cost, a line with a price of its own, and a full line."""
    study = kervan.open("toy")
    goods, links = study.table("commodity").copy(), study.table("link").copy()
    goods["empty_cost_ratio"] = 0.6
    links.loc["ceren-deniz", "capacity_value"] = 0.35
    links.loc["cey-ceren", ["cost_value", "cost_unit"]] = [0.03, "usd/tkm"]
    way = {"from_country": "XAA", "to_country": "XDD", "equipment": "box", "year": 2025}
    back = {**way, "from_country": "XDD", "to_country": "XAA"}
    rows = [
        {**way, "tonnes": 200.0, "balance_id": "b1"},
        {**back, "tonnes": 90.0, "balance_id": "b2"},
    ]
    balance = pd.DataFrame(rows, index=pd.Index(["b1", "b2"], name="balance_id"))
    return study.replace({"commodity": goods, "link": links, "balance": balance})


@pytest.fixture(scope="module")
def base() -> JointBase:
    return joint_base(toy_with_empties(), data=toy_world())


@pytest.fixture(scope="module")
def worth(base: JointBase) -> LinkWorth:
    return worth_of_rows(base, of=OF)


def moved(study: Study, table: str, key: str, field: str, more: float) -> Study:
    """Give the study with a number of a row changed."""
    rows = study.table(table).copy()
    rows.loc[key, field] = float(rows.loc[key, field]) + more
    return study.replace({table: rows})


def incomes(
    worth: LinkWorth, study: Study, after: Mapping[str, np.ndarray] | None = None
) -> np.ndarray:
    """Solve again: same routes, new prices, trade costs, trade; ln real income times spending."""
    base = worth.base
    later: Offers = reprice_offers(base.offers, Ground(build_network(study)))
    joined = join_all(base.offers, later, bears=base.bears)
    held = worth.state.congestion
    cubes = [log_sum_cube(joined, 0, held), log_sum_cube(joined, 1, after or held)]
    both = log_sums_named(joined, cubes[0])
    both["logsum_cf"] = (both["logsum_cf"].dims, cubes[1])
    d_hat = base.cost_map.costs(both).sectors["d_hat"].fillna(1.0)
    codes = list(base.trade.codes)
    d_hat = d_hat.reindex(exporter=codes, importer=codes, fill_value=1.0)
    solved = counterfactual(base.trade, d_hat=d_hat, model="caliendo_parro", tolerance=1e-13)
    gain = np.log(solved.welfare_hat.to_numpy()) * solved.base.income * 1e6
    by_code = dict(zip(codes, gain, strict=True))
    return np.array([by_code["XAA"], by_code["XDD"], gain.sum()])


def solved_again(worth: LinkWorth, table: str, key: str, field: str, step: float) -> np.ndarray:
    """Gain by one less, by central differences."""
    up, down = (
        incomes(worth, moved(worth.study, table, key, field, side * step)) for side in (1, -1)
    )
    return np.asarray((down - up) / (2 * step))


def told(worth: LinkWorth, kind: str, key: str, column: str) -> np.ndarray:
    """Worth of a row to the three."""
    rows = worth.rows[(worth.rows["kind"] == kind) & (worth.rows["ref_id"] == key)]
    assert len(rows) == len(OF)
    return rows.set_index("of").loc[list(OF), column].to_numpy()


@pytest.mark.parametrize(
    ("table", "key", "field", "column"),
    [
        ("border", "ceren-deniz-rail_1435", "wait_h", "usd_per_hour"),
        ("border", "esen-deniz-rail_1435", "wait_sd_h", "usd_per_spread_hour"),
        ("transfer", "bela-rail_1520-ferry", "cost_value", "usd_per_usd_per_t"),
        ("service", "filiz-dogan", "sailing_h", "usd_per_hour"),
    ],
)
def test_worth_is_what_solving_again_says(
    worth: LinkWorth, table: str, key: str, field: str, column: str
) -> None:
    again = solved_again(worth, table, key, field, STEP)
    np.testing.assert_allclose(told(worth, table, key, column), again, rtol=1e-5)


def test_the_price_of_a_line_carries_the_empties(worth: LinkWorth) -> None:
    """1,000 km at so much a tonne-kilometre."""
    factors = worth.base.offers.of["containers"].factors
    assert factors.max() > 1.05
    again = solved_again(worth, "link", "cey-ceren", "cost_value", 1e-5) / 1000.0
    np.testing.assert_allclose(
        told(worth, "link", "cey-ceren", "usd_per_usd_per_t"), again, rtol=1e-5
    )


def test_speed_is_hours_and_spread(worth: LinkWorth) -> None:
    """A faster line saves hours, and with them spread."""
    fast = moved(worth.study, "mode", "road", "speed_kph", 0.0)
    links = fast.table("link").copy()
    links.loc["firat-deniz", "speed_kph"] = 50.0
    step, key = 0.1, "firat-deniz"
    sides = [moved(fast.replace({"link": links}), "link", key, "speed_kph", x * step)
             for x in (1, -1)]  # fmt: skip
    edges = [build_network(side).edges for side in sides]
    nets = [table[(table["kind"] == "link") & (table["ref_id"] == key)] for table in edges]
    hours, spread = (float((nets[1][name] - nets[0][name]).iloc[0]) for name in ("hours", "risk_h"))
    gain = incomes(worth, sides[0]) - incomes(worth, sides[1])
    expected = hours * told(worth, "link", key, "usd_per_hour")
    expected += spread * told(worth, "link", key, "usd_per_spread_hour")
    np.testing.assert_allclose(expected, gain, rtol=1e-5)


def test_commodities_add_up(base: JointBase, worth: LinkWorth) -> None:
    parts = [worth_of_rows(base, of=OF, commodity=name) for name in worth.commodities]
    place = ["of", "kind", "ref_id", "from_node_id", "to_node_id"]
    for column in ("usd_per_hour", "usd_per_hour_prices_answer"):
        summed = sum(part.rows.set_index(place)[column].sort_index() for part in parts)
        whole = worth.rows.set_index(place)[column].sort_index()
        np.testing.assert_allclose(summed, whole, rtol=1e-9, atol=1e-6)


def test_rows_are_those_of_the_study_and_sorted(worth: LinkWorth) -> None:
    mine = worth.to("XDD")
    assert set(mine["kind"]) == {"link", "border", "transfer", "service"}
    assert mine["usd_per_hour"].is_monotonic_decreasing
    ferry = mine.set_index("ref_id").loc["bela-cey"]
    assert (ferry["corridor"], ferry["corridor_share"]) == ("lake", pytest.approx(1.0))


def test_names_are_checked(base: JointBase) -> None:
    with pytest.raises(NameNotFound, match="XZZ"):
        worth_of_rows(base, of=["XZZ"])
    with pytest.raises(NameNotFound, match="one of containers"):
        worth_of_rows(base, of=["world"], commodity="gold")


def test_all_routes_obey_hulten_and_agree_more_where_circles_fade(worth: LinkWorth) -> None:
    """One sector, nothing congested: the world's worth is the traffic itself."""
    found = check_routes(worth, margins=(1.01, 2.0, 4.0))
    assert found.hulten < 1e-12
    by = found.agreement[found.agreement["of"] == "world"].set_index("dispersion")
    assert list(by.index) == pytest.approx([found.critical * x for x in (1.01, 2.0, 4.0)])
    assert by["links_per_shipment"].is_monotonic_decreasing
    assert by["rank"].iloc[0] < by["rank"].iloc[1]
    assert found.own == pytest.approx(48.0)


def test_rank_correlation_by_hand() -> None:
    """Ranks 1 2 3 4 against 2 1 4 3: 1 − 6 · 4 / (4 · 15) = 0.6; the unused row is left out."""
    one = np.array([1.0, 2.0, 3.0, 4.0, 0.0])
    two = np.array([20.0, 10.0, 40.0, 30.0, 0.0])
    assert rank_correlation(one, two) == (pytest.approx(0.6), 4)


def test_prices_of_full_rows_answer(base: JointBase, worth: LinkWorth) -> None:
    """Against new prices by `settle_prices` at the same tonnes, and all the rest after them."""
    setting, solution = base.settled.setting, base.settled.solution
    assert (solution.chosen.price > 0).sum() >= 1
    key = "filiz-dogan"
    row = base.network.edges[base.network.edges["ref_id"] == key].index[0]
    choices = make_choices(setting, solution.table, solution.cost, solution.cuts)
    passes = solution.table.passes(np.array([row]))[:, 0]
    worth_of_time = setting.by_class("value_of_time")[solution.table.pair]
    plain = make_choices(setting, solution.table, setting.problem.cost, solution.cuts)

    def income(more: float) -> np.ndarray:
        extra = more * worth_of_time * passes
        unhindered = choose(
            replace(plain, cost=plain.cost + extra, limit=np.full(len(plain.limit), np.inf)),
            0.0 * solution.chosen.price,
        )
        limit = unhindered.expected + UNSERVED_USD_PER_T
        chosen = settle_prices(
            replace(choices, cost=choices.cost + extra, limit=limit),
            price=solution.chosen.price, tolerance=1e-13,
        )  # fmt: skip
        later = replace(solution, chosen=chosen)
        congestion = {
            name: congestion_at(make_probe(setting.problem, name), setting, later)
            for name in worth.commodities
        }
        return incomes(worth, moved(worth.study, "service", key, "sailing_h", more), congestion)

    again = (income(-STEP) - income(STEP)) / (2 * STEP)
    found = told(worth, "service", key, "usd_per_hour_prices_answer")
    np.testing.assert_allclose(found, again, rtol=1e-5)
    assert np.abs(found / told(worth, "service", key, "usd_per_hour") - 1.0).max() > 1e-3


def test_the_joint_loop_confirms_the_answer_of_prices(base: JointBase, worth: LinkWorth) -> None:
    """An hour less before the full line, tonnes and waits moving too: near the second column."""
    key = "ceren-deniz-rail_1435"
    after = solve_joint(base, moved(base.study, "border", key, "wait_h", -1.0))
    gain = np.log(after.trade.welfare_hat.to_numpy()) * base.trade.income * 1e6
    world = float(gain.sum())
    held, answered = (
        float(told(worth, "border", key, column)[2])
        for column in ("usd_per_hour", "usd_per_hour_prices_answer")
    )
    assert abs(world - answered) < 0.2 * abs(held - answered)
