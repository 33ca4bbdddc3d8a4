"""Draws: the same wherever they are made, kept as they come, summed up as the formulas say."""

from __future__ import annotations

import json
import os
import re
import signal
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toy_trade import toy_world

import kervan
from kervan import Study
from kervan.appraisal.ranks import rank_correlations, shares_by_basis
from kervan.core.errors import InputError
from kervan.core.executors import map_tasks
from kervan.pipeline.joint import solve_joint
from kervan.pipeline.uncertainty import (
    Case,
    CaseOutcome,
    Experiment,
    Plan,
    Progress,
    Uncertainty,
    draw_outcomes,
    prepare_experiment,
    stored_intervals,
    summarise,
    uncertainty_layout,
    write_uncertainty,
)
from kervan.pipeline.uncertainty import stored as shipping
from kervan.pipeline.uncertainty.code import code_hash
from kervan.pipeline.uncertainty.files import as_layout
from kervan.pipeline.uncertainty.inputs import drawn_inputs, position_of, study_at
from kervan.scenarios import apply_cards

CARD = "borders-halved"
PLAN = Plan(draws=3, seed=7, scenarios=(CARD,), tornado=0)
CASES = [Case("draw", k) for k in range(PLAN.draws)]


@pytest.fixture(scope="module")
def toy() -> Study:
    study = kervan.open("toy")
    return study.replace({}, settings=replace(study.settings, target_parties=("XAA", "XDD")))


OLD = tuple(map(int, np.__version__.split(".")[:2])) < (2, 3)
"""Linear algebra of older NumPy differs between processes in the twelfth digit."""


@pytest.fixture(scope="module")
def experiment(toy: Study) -> Experiment:
    return prepare_experiment(toy, [CARD], seed=PLAN.seed, data=toy_world())


@pytest.fixture(scope="module")
def alone(experiment: Experiment) -> list[CaseOutcome]:
    return map_tasks(experiment, CASES, executor="serial")


def test_a_draw_depends_on_seed_and_number_alone(
    experiment: Experiment, alone: list[CaseOutcome]
) -> None:
    backwards = map_tasks(experiment, CASES[::-1], executor="serial")
    assert [as_layout(one) for one in backwards[::-1]] == [as_layout(one) for one in alone]
    assert np.array_equal(position_of(7, 3, 20), position_of(7, 3, 20))
    assert not np.allclose(position_of(7, 3, 20), position_of(7, 4, 20))
    assert not np.allclose(position_of(7, 3, 20), position_of(8, 3, 20))


def rounded(value: Any) -> Any:
    """Give the same with every number to nine digits."""
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


@dataclass(frozen=True, eq=False)
class Deadly:
    """The experiment; it kills its worker the first time it meets draw 1."""

    experiment: Experiment
    trace: str

    def __call__(self, case: Case) -> CaseOutcome:
        if case.number == 1 and not Path(self.trace).exists():
            Path(self.trace).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return self.experiment(case)


@pytest.mark.parametrize("executor", ["processes", "dask://local"])
def test_identical_under_every_executor_though_a_worker_is_killed(
    experiment: Experiment, alone: list[CaseOutcome], executor: str, tmp_path: Path
) -> None:
    if executor.startswith("dask"):
        pytest.importorskip("distributed")
    deadly = Deadly(experiment, str(tmp_path / "killed"))
    workers = 2 if executor.startswith("dask") else 1
    found = map_tasks(deadly, CASES, executor=executor, workers=workers)
    assert (tmp_path / "killed").exists()
    layouts = [[as_layout(one) for one in answers] for answers in (found, alone)]
    if OLD:
        layouts = [rounded(answers) for answers in layouts]
    assert layouts[0] == layouts[1]


def test_positions_are_triangular_round_the_central_value() -> None:
    drawn = np.concatenate([position_of(1, k, 100) for k in range(200)])
    assert np.abs(drawn).max() <= 1.0
    assert np.median(drawn) == pytest.approx(0.0, abs=0.02)
    assert drawn.std() == pytest.approx(np.sqrt(1.0 / 6.0), rel=0.02)


def test_a_drawn_study_holds_the_drawn_numbers(toy: Study) -> None:
    inputs = drawn_inputs(toy)
    at = np.zeros(len(inputs))
    fields = [(item.table, item.field) for item in inputs]
    wait = fields.index(("border", "wait_h"))
    trade = fields.index(("elasticity", "trade_elasticity"))
    at[[wait, trade]] = 1.0, -1.0
    study, epsilon = study_at(toy, inputs, at)
    np.testing.assert_allclose(study.table("border")["wait_h"], 2 * toy.table("border")["wait_h"])
    assert epsilon["machinery"] == 2.5
    assert study.table("mode").equals(toy.table("mode"))
    shares, _ = study_at(toy, inputs, position_of(3, 0, len(inputs)))
    sums = shares.table("sector_commodity").groupby("sector")["value_share"].sum()
    np.testing.assert_allclose(sums, 1.0)
    assert not shares.table("sector_commodity").equals(toy.table("sector_commodity"))


def test_the_central_case_is_the_joint_fixed_point(toy: Study, experiment: Experiment) -> None:
    found = experiment(Case("central"))
    base = experiment.base
    direct = solve_joint(base, apply_cards(toy, [CARD]).as_of(base.study.when))
    assert found.outcomes[CARD]["trade_hat"] == pytest.approx(
        direct.pair_hat("XAA", "XDD"), abs=2e-6
    )
    flows = base.assignment.od_flows
    focus = flows.loc[flows["corridor"] == "lake", "tonnes"].sum()
    assert found.outcomes["baseline"]["focus_t"] == pytest.approx(focus, rel=1e-6)
    best = kervan.find_routes(base.study, "alma", "deniz", commodity="containers")
    least = min(route.generalised_cost for route in best)
    assert found.outcomes["baseline"]["generalised_cost:1"] == pytest.approx(least)


def run(study: Study, out: Path, plan: Plan = PLAN, **options: Any) -> Uncertainty:
    return draw_outcomes(study, out, plan=plan, executor="serial", data=toy_world(), **options)


def test_a_stopped_run_is_usable_and_goes_on_to_the_same_bytes(
    toy: Study, alone: list[CaseOutcome], tmp_path: Path
) -> None:
    def stop(one: Progress) -> None:
        if one.step == "cli.steps.draws" and one.done == 3:
            raise KeyboardInterrupt

    part = run(toy, tmp_path / "a", progress=stop)
    assert not part.complete
    assert len(part.records) == 3
    layout = uncertainty_layout(part)
    assert layout["draws"] == {"asked": 3, "finished": 2, "without_failure": 2, "complete": False}
    with (tmp_path / "a" / "draws.jsonl").open("a") as file:
        file.write('{"case": "draw", "number": 2, "outc')
    with pytest.raises(InputError, match="--resume"):
        run(toy, tmp_path / "a")
    with pytest.raises(InputError, match="something else \\(seed\\)"):
        run(toy, tmp_path / "a", replace(PLAN, seed=8), resume=True)
    whole = run(toy, tmp_path / "a", resume=True)
    assert whole.complete
    drawn = [as_layout(one) for one in whole.records if one.case.kind == "draw"]
    assert drawn == [as_layout(one) for one in alone]
    lines = (tmp_path / "a" / "draws.jsonl").read_text().splitlines()
    assert [json.loads(line)["number"] for line in lines[1:]] == [0, 0, 1, 2]


def test_a_failed_draw_is_recorded_with_its_reason(toy: Study, tmp_path: Path) -> None:
    """With arrivals of three hundred times what they are, no queue settles."""
    lines = toy.table("evidence").copy()
    lines.loc[lines["evidence_id"] == "e34", ["low", "high"]] = 300.0, 400.0
    result = run(toy.replace({"evidence": lines}), tmp_path)
    failed = result.summary.failed
    assert len(failed)
    assert failed["reason"].str.contains("Saturated").all()
    assert set(failed["number"]) == {0, 1, 2}
    assert set(failed["scenario"]) == {"baseline", CARD}
    assert result.summary.done == 0


@pytest.fixture(scope="module")
def whole(toy: Study, tmp_path_factory: pytest.TempPathFactory) -> Uncertainty:
    return run(toy, tmp_path_factory.mktemp("whole"))


def test_stored_intervals_hold_only_for_the_same_study_and_program(
    toy: Study, whole: Uncertainty, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = whole
    write_uncertainty(result, tmp_path)
    path = tmp_path / "uncertainty.json"
    found = stored_intervals(toy, path=path)
    assert found is not None
    row = found.interval(CARD, "trade_hat")
    assert row is not None
    values = [one.outcomes[CARD]["trade_hat"] for one in result.records if one.case.kind == "draw"]
    assert row["p5"] == pytest.approx(np.quantile(values, 0.05))
    assert row["median"] == pytest.approx(np.median(values))
    assert found.command == f"kervan uncertainty toy --draws 3 --seed 7 --scenario {CARD}"
    assert stored_intervals(toy.as_of(2025), path=path) is not None
    assert stored_intervals(toy, path=tmp_path / "none.json") is None
    other = toy.replace({"mode": toy.table("mode").assign(speed_kph=1.0)})
    assert stored_intervals(other, path=path) is None
    assert stored_intervals(apply_cards(toy, [CARD]), path=path) is None
    monkeypatch.setattr("kervan.pipeline.uncertainty.identity.code_hash", lambda: "another")
    assert stored_intervals(toy, path=path) is None


def keys(value: object, path: str = "") -> set[str]:
    if isinstance(value, list):
        return set().union(*(keys(item, f"{path}[]") for item in value))
    if not isinstance(value, dict):
        return set()
    below = {f"{path}.{key}".lstrip("."): item for key, item in value.items()}
    return set(below).union(*(keys(item, key) for key, item in below.items()))


def test_every_key_is_on_the_page(whole: Uncertainty) -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "json.md").read_text("utf-8")
    parts = {part.partition("\n")[0]: part for part in page.split("\n## ")}
    known = set(re.findall(r"^\| `([^`]+)` \|", parts["uncertainty"], flags=re.MULTILINE))
    known |= set(re.findall(r"^\| `([^`]+)` \|", parts["every object"], flags=re.MULTILINE))
    found = keys(uncertainty_layout(whole))
    starred = tuple(key.removesuffix("*") for key in known if key.endswith(".*"))
    assert {key for key in found - known if not key.startswith(starred)} == set()
    assert {key for key in known - found if "*" not in key and "[]" not in key} == set()


def test_ranks_and_tornado_of_an_answer_that_is_known(experiment: Experiment) -> None:
    """The headline follows one input alone: all the variance is its, and no other's."""
    wait = [(item.table, item.field) for item in experiment.inputs].index(("border", "wait_h"))

    def answer(case: Case) -> CaseOutcome:
        hat = 1.0 - 0.01 * float(experiment.position(case)[wait])
        values = {"trade_hat": hat, "focus_t": 5.0}
        return CaseOutcome(case, {"baseline": {"focus_t": 3.0}, CARD: values}, {})

    ends = [Case("central"), Case("low", wait), Case("high", wait)]
    summary = summarise(experiment, [answer(case) for case in ends + [
        Case("draw", k) for k in range(300)
    ]])  # fmt: skip
    first = summary.ranks.iloc[0]
    assert (first["field"], first["evidence_id"], first["correlation"]) == ("wait_h", "e22", -1.0)
    row = summary.tornado.iloc[0]
    assert (row["at_low"], row["central"], row["at_high"]) == pytest.approx((1.01, 1.0, 0.99))
    assert summary.shares["assumed"] == 1.0
    assert summary.shares["explained"] == pytest.approx(1.0, abs=0.1)
    assert summary.done == 300
    change = summary.intervals.set_index("outcome").loc["focus_change_t"]
    assert (change["median"], change["unit"]) == (2.0, "t/yr")


def test_code_hash_does_not_mind_line_ends_or_words() -> None:
    assert code_hash() == code_hash()
    assert len(code_hash()) == 16


def test_rank_correlations_by_hand() -> None:
    rng = np.random.default_rng(5)
    x = rng.random((400, 300))
    table = rank_correlations(x, np.exp(2.0 * x[:, 0] - x[:, 1]))
    assert table["correlation"][0] == pytest.approx(2 / np.sqrt(5), abs=0.05)
    assert table["correlation"][1] == pytest.approx(-1 / np.sqrt(5), abs=0.08)
    assert (table["low"] < table["correlation"]).all()
    assert (table["correlation"] < table["high"]).all()
    idle = table["share"][2:].sum()
    assert abs(idle) < 0.2
    parts = shares_by_basis(
        table["share"].to_numpy(), ["assumed", "sourced"] + ["derived"] * 298, 400
    )
    assert parts["assumed"] / parts["sourced"] == pytest.approx(4.0, rel=0.4)
    assert sum(parts[name] for name in ("assumed", "sourced", "derived")) == pytest.approx(1.0)


def test_too_few_draws_decide_nothing() -> None:
    table = rank_correlations(np.zeros((4, 2)), np.arange(4.0))
    assert table.isna().all(axis=None)
    bases = ["assumed", "sourced"]
    assert np.isnan(shares_by_basis(table["share"].to_numpy(), bases, 4)["assumed"])
    few = shares_by_basis(np.array([0.5, 0.2]), bases, 10)
    assert few["noise"] == pytest.approx(0.2)
    assert np.isnan(few["assumed"])
    assert shares_by_basis(np.array([0.5, 0.2]), bases, 100)["assumed"] == pytest.approx(5 / 7)


def shipped() -> Path:
    path = shipping.shipped_path(kervan.open("east-west-line"))
    assert path is not None
    return path


@pytest.mark.slow
def test_ten_shipped_draws_are_made_again() -> None:
    """The stored result of the built-in study is what the program still gives."""
    if not shipped().is_file():
        pytest.skip("the built-in study ships no uncertainty.json: run tools/make_uncertainty.py")
    layout = json.loads(shipped().read_text("utf-8"))
    study = kervan.open("east-west-line")
    if stored_intervals(study) is None:
        pytest.skip("the study or the program changed since: run tools/make_uncertainty.py")
    experiment = prepare_experiment(study, layout["scenarios"], seed=layout["seed"])
    first = layout["first_draws"]
    assert len(first) == 10
    for kept, found in zip(
        first, map_tasks(experiment, [Case("draw", row["number"]) for row in first]), strict=True
    ):
        assert set(found.failed) == set(kept["failed"])
        for scenario, values in kept["outcomes"].items():
            again = as_layout(found)["outcomes"][scenario]
            assert again == pytest.approx(values, rel=1e-4, abs=1e-7), (kept["number"], scenario)
