"""Projects of the toy study appraised; identities and figures by hand."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from toy_trade import toy_world

import kervan
from kervan import Study
from kervan.appraisal.works import Terms
from kervan.assign import StudyAssignment, assign_study
from kervan.assign.study.transit import traffic_by_country
from kervan.assign.study.users import compare_users, rents_of
from kervan.core.errors import InputError, NameNotFound
from kervan.pipeline.appraise import (
    AppraisalRun,
    Asked,
    Without,
    appraise_projects,
    appraise_solved,
    equivalent_variation,
    find_projects,
    who_gains,
)
from kervan.pipeline.joint import JointBase, joint_base, solve_joint
from kervan.report.appraisal_view import appraisal_view
from kervan.routes import find_routes
from kervan.scenarios import apply_cards

ROWS = (
    ("quick", "Quick borders", "borders-halved", "", 2.0, 20.0, 30.0, 2026.0, 2027.0, 20.0),
    ("tunnel", "Tunnel", "tunnel", "", math.nan, 400.0, math.nan, math.nan, math.nan, math.nan),
    ("bare", "No cost", "borders-halved", "", *(math.nan,) * 6),
    ("mute", "No card", "", "", math.nan, 9.0, math.nan, math.nan, math.nan, math.nan),
    ("idle", "Neither", "", "", *(math.nan,) * 6),
)


def with_projects(study: Study, rows: tuple[tuple[object, ...], ...] = ROWS) -> Study:
    names = ("project_id", "name_en", "scenario", "group", "cost_low", "cost_central", "cost_high",
             "construction_start", "construction_end", "life_years")  # fmt: skip
    table = pd.DataFrame(rows, columns=list(names)).assign(
        name_tr=[f"{row[1]} tr" for row in rows], price_year=2025.0, currency="USD", owner="",
        note="",
    )  # fmt: skip
    return study.replace({"project": table.set_index("project_id", drop=False)})


@pytest.fixture(scope="module")
def toy() -> Study:
    return with_projects(kervan.open("toy"))


@pytest.fixture(scope="module")
def base(toy: Study) -> JointBase:
    return joint_base(toy, data=toy_world())


@pytest.fixture(scope="module")
def run(toy: Study, base: JointBase) -> AppraisalRun:
    asked = Asked(terms=Terms(rates=(0.0, 0.1), horizon=2), budget=300.0, resource_share=0.75)
    return appraise_projects(toy, asked=asked, base=base)


@pytest.fixture(scope="module")
def plain(toy: Study) -> StudyAssignment:
    return assign_study(toy.as_of(2025), starts=1)


def changed(toy: Study, card: str) -> StudyAssignment:
    return assign_study(apply_cards(toy, [card]).as_of(2025), starts=1)


def test_surplus_of_a_pair_by_hand(toy: Study, plain: StudyAssignment) -> None:
    """Elif to Fırat has no ferry that fills: log-sums from the legs of its routes, sizes frozen."""
    users = compare_users(plain, changed(toy, "borders-halved"))
    row = users.pairs.set_index(["origin", "commodity"]).loc[("elif", "general")]
    quick = apply_cards(toy, ["borders-halved"])
    routes = [list(find_routes(s, "elif", "firat", commodity="general", theta=0.02))
              for s in (toy, quick)]  # fmt: skip
    paths = {tuple(leg.ref_id for leg in r.legs): r for r in routes[0]}
    later = {tuple(leg.ref_id for leg in r.legs): r.generalised_cost for r in routes[1]}
    shared = [key for key in paths if key in later]
    weights = [sum(paths[k].path_size * math.exp(-0.02 * cost(k)) for k in shared)
               for cost in (lambda k: paths[k].generalised_cost, lambda k: later[k])]  # fmt: skip
    first, second = (-math.log(weight) / 0.02 for weight in weights)
    assert row["logsum_base"] == pytest.approx(first, abs=0.01)
    assert row["logsum_cf"] == pytest.approx(second, abs=0.01)
    assert row["surplus"] == pytest.approx(20_000 * (first - second), rel=1e-3)
    assert first - second == pytest.approx(42.0, abs=0.1)


def test_no_change_is_worth_nothing(plain: StudyAssignment) -> None:
    users = compare_users(plain, plain)
    assert users.benefit == 0.0
    assert users.pairs["comparable"].all()
    assert math.isnan(users.half_ratio)


def scaled_borders(toy: Study, factor: float) -> StudyAssignment:
    rows = toy.table("border").copy()
    rows["wait_h"] *= factor
    return assign_study(toy.replace({"border": rows}).as_of(2025), starts=1)


def test_rule_of_half_agrees_to_second_order(toy: Study, plain: StudyAssignment) -> None:
    """Ten times smaller a change brings the relative gap down at least as much as its square."""
    gaps = []
    for factor in (0.7, 0.97):
        users = compare_users(plain, scaled_borders(toy, factor))
        assert users.half_covers == 1.0
        gaps.append(abs(users.half_ratio - 1.0))
    assert gaps[0] > 1e-5
    assert gaps[1] < 2.0 * gaps[0] / 100.0


def test_rents_are_what_users_pay(toy: Study) -> None:
    """A full ferry: prices times capacity is what the tonnes on it pay beyond their cost."""
    rows = toy.table("link").copy()
    rows.loc["ceren-deniz", "capacity_value"] = 0.05
    tight = assign_study(toy.replace({"link": rows}).as_of(2025), starts=1)
    paid = tight.od_flows["tonnes"] @ tight.od_flows["scarcity"]
    assert rents_of(tight) == pytest.approx(paid, rel=1e-6)
    assert rents_of(tight) > 1e5


def test_more_capacity_helps_by_more_than_users_gain_less_rents(
    toy: Study, plain: StudyAssignment
) -> None:
    rows = toy.table("link").copy()
    rows.loc["ceren-deniz", "capacity_value"] = 0.05
    tight = assign_study(toy.replace({"link": rows}).as_of(2025), starts=1)
    users = compare_users(tight, plain)
    assert users.rents == pytest.approx(-users.rents_base)
    assert 0 < users.benefit < users.surplus


def test_benefit_is_the_fall_of_expected_cost(toy: Study, plain: StudyAssignment) -> None:
    """With the demand as it was and each network's own path sizes: Eq. (S2) of both."""
    later = changed(toy, "tunnel")
    users = compare_users(plain, later)
    fall = plain.expected_cost_usd - later.expected_cost_usd
    assert users.surplus_own + users.rents == pytest.approx(fall, rel=1e-6)


def test_transit_by_country_by_hand(toy: Study, plain: StudyAssignment) -> None:
    """What the lake corridor carries between Alma and Deniz passes Bela's and Cey's countries."""
    rows = traffic_by_country(plain)
    flows = plain.od_flows
    ends = flows["origin"].isin(["alma", "deniz"]) & flows["destination"].isin(["alma", "deniz"])
    lake = flows[(flows["corridor"] == "lake") & ends]["tonnes"].sum()
    assert rows.loc["XBB", "transit_t"] == pytest.approx(lake, rel=1e-4)
    # Ceren is the end of Bahar's cargo: only half of what the border to Deniz costs is Cey's
    by_cargo = flows[(flows["corridor"] == "lake") & ends].groupby("commodity")["tonnes"].sum()
    half = by_cargo["containers"] * 20 / 10 / 2 + by_cargo["grain"] * 20 / 20 / 2
    assert rows.loc["XCC", "transit_border_usd"] == pytest.approx(half, rel=1e-4)
    assert rows.loc["XBB", "transit_border_usd"] == pytest.approx(lake * 2 / 2, rel=1e-4)
    assert rows.loc["", ["transit_t", "transit_tariffs_usd"]].tolist() == [0.0, 0.0]
    carbon = sum(
        float(plain.solution.class_flow[k] @ plain.setting.problem.prices[name][0].kgco2e_per_t)
        for k, name in enumerate(plain.setting.problem.classes["commodity"])
    )
    assert rows["co2e_t"].sum() == pytest.approx(carbon / 1000.0)


def test_equivalent_variation_by_hand(toy: Study, base: JointBase) -> None:
    result = solve_joint(base, apply_cards(toy, ["borders-halved"]).as_of(base.study.when))
    table = equivalent_variation(result.trade)
    spent = base.data.final.sum("sector")
    welfare = result.trade.welfare_hat
    for code in ("XAA", "XDD"):
        one = float(spent.sel(country=code)) * (float(welfare.sel(country=code)) - 1.0)
        assert table.loc[code, "income_musd"] == pytest.approx(one, rel=1e-6)
    gain = Without(base).gain(result)
    assert gain.income_musd == pytest.approx(table["income_musd"].sum())
    assert gain.volume_residual < 1e-9
    # only these pairs of countries send cargo; every other pair's saving is carried by nothing
    saved = np.abs(base.trade.flows * (1.0 - result.d_hat.sel(exporter=list(base.trade.codes),
                   importer=list(base.trade.codes)).fillna(1.0))).sum("sector")  # fmt: skip
    pairs = [("XAA", "XDD"), ("XDD", "XAA"), ("XBB", "XCC"), ("XEE", "XFF")]
    backed = sum(float(saved.sel(exporter=i, importer=j)) for i, j in pairs)
    assert gain.backed == pytest.approx(backed / float(saved.sum()))
    assert 0 < gain.backed < 1


def test_what_cannot_be_appraised_says_why(run: AppraisalRun) -> None:
    reasons = {one.id: one.reasons for one in run.projects}
    assert reasons == {
        "quick": (), "tunnel": (), "bare": ("no_cost",), "mute": ("no_card",),
        "idle": ("no_card", "no_cost"),
    }  # fmt: skip
    appraised = {one.id for one in run.projects if one.appraised}
    assert appraised == {"quick", "tunnel"}


def test_present_values_by_hand(run: AppraisalRun) -> None:
    """Two years of building, two of use, life of 20: nine tenths of the cost are left over."""
    quick = run.projects[0]
    yearly = quick.benefit_musd
    assert yearly == pytest.approx(quick.gain.surplus_musd if quick.gain else math.nan)
    for case, cost in (("low", 2.0), ("central", 20.0), ("high", 30.0)):
        free = -cost + 2 * yearly + 0.9 * cost
        dear = -cost / 2 - cost / 2 / 1.1 + yearly / 1.1**2 + (yearly + 0.9 * cost) / 1.1**3
        rows = quick.npvs[quick.npvs["case"] == case].set_index("rate")
        assert rows.loc[0.0, "npv_musd"] == pytest.approx(free)
        assert rows.loc[0.1, "npv_musd"] == pytest.approx(dear)
    assert quick.break_even[0.0] == pytest.approx(2 * yearly / 0.1)
    no_cost = run.projects[2]
    assert no_cost.break_even[0.0] == pytest.approx(2 * yearly)


def test_one_benefit_at_a_time(toy: Study, base: JointBase, run: AppraisalRun) -> None:
    asked = Asked(benefit="income", terms=Terms(rates=(0.1,), horizon=2))
    income = appraise_projects(toy, projects=["quick"], asked=asked, base=base).projects[0]
    surplus = run.projects[0]
    assert surplus.gain is not None
    assert income.benefit_musd == pytest.approx(surplus.gain.income_musd)
    assert income.benefit_musd != pytest.approx(surplus.benefit_musd)


def test_sets_at_their_joint_fixed_point(toy: Study, base: JointBase, run: AppraisalRun) -> None:
    """The tunnel's card asks for quick borders: together they bring what the tunnel brings."""
    found = run.order.pairs.set_index(["project", "other"])["extra_musd"]
    quick = run.projects[0]
    assert found.loc[("quick", "tunnel")] == pytest.approx(-quick.benefit_musd)
    assert run.order.years == 5
    assert all(plan.exact for plan in run.order.sequences.values())
    assert list(run.order.alone["rate"].unique()) == [0.0, 0.1]


def test_who_gains_tells_what_is_not_known(run: AppraisalRun) -> None:
    gain = run.projects[0].gain
    assert gain is not None
    unknown = who_gains(gain)
    assert unknown["fees_net_musd"].isna().all()
    assumed = who_gains(gain, resource_share=0.75)
    np.testing.assert_allclose(assumed["fees_net_musd"], 0.25 * assumed["fees_musd"])
    assert assumed["country"].iloc[-1] == ""
    assert not assumed["in_trade_data"].iloc[-1]


def test_a_card_without_effect_is_said(toy: Study, base: JointBase) -> None:
    same = with_projects(toy, (("again", "Again", "carbon-200", "", *(math.nan,) * 6),))
    priced = same.replace({}, settings=apply_cards(toy, ["carbon-200"]).settings)
    there = joint_base(priced, data=toy_world(), like=base)
    found = appraise_projects(priced, base=there).projects[0]
    assert found.reasons == ("no_cost", "no_effect")
    assert found.benefit_musd == 0.0


@pytest.mark.parametrize(
    "wrong",
    [Asked(benefit="both"), Asked(budget=0.0), Asked(resource_share=1.1),
     Asked(terms=Terms(horizon=0))],
)  # fmt: skip
def test_wrong_choices_are_refused_before_solving(
    toy: Study, wrong: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> Callable[[], None]:
        raise AssertionError("solved")

    monkeypatch.setattr("kervan.pipeline.appraise.solve.joint_base", never)
    with pytest.raises(InputError):
        appraise_projects(toy, asked=wrong)


def test_projects_are_found_by_any_name(toy: Study) -> None:
    assert find_projects(toy, ["Tunnel tr", "quick"]) == ["quick", "tunnel"]
    with pytest.raises(NameNotFound):
        find_projects(toy, ["bridge"])
    with pytest.raises(InputError):
        find_projects(kervan.open("toy"))


def test_cards_that_are_solved_are_not_solved_again(
    toy: Study, base: JointBase, run: AppraisalRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run hands its joint results over: the same figures, and nothing is solved."""
    card = "borders-halved"
    solved = {card: solve_joint(base, apply_cards(toy, [card]).as_of(base.study.when))}

    def never(*_: object, **__: object) -> None:
        raise AssertionError("solved again")

    monkeypatch.setattr("kervan.pipeline.appraise.solve.solve_joint", never)
    found = appraise_solved(toy, base, solved, asked=Asked(terms=Terms(rates=(0.0,), horizon=2)))
    assert [one.id for one in found.projects] == ["quick", "bare", "mute", "idle"]
    first = run.projects[0].npvs
    same = first[first["rate"] == 0.0]["npv_musd"].to_numpy()
    np.testing.assert_allclose(found.projects[0].npvs["npv_musd"], same, rtol=1e-9)


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", ("no sourced cost found", "worth its cost up to", "NPV at 10%")),
     ("tr", ("kaynaklı maliyet bulunamadı", "maliyete kadar değer", "NBD (%10)"))],
)  # fmt: skip
def test_table_of_the_report(run: AppraisalRun, lang: str, words: tuple[str, ...]) -> None:
    view = appraisal_view(run, lang)
    assert view is not None
    written = " ".join([*(name for name, _ in view.headers),
                        *(f"{c.text} {c.note}" for row in view.rows for c in row)])  # fmt: skip
    assert all(word in written for word in words)
    assert len(view.rows) == len(run.projects)
