"""Calibration: parameters are found again, the prior says where it decides, units, bad input."""

from __future__ import annotations

import dataclasses
import logging
from pathlib import Path

import numpy as np
import pytest
from counted import TRUE, YEARS, counted_study, observed

from kervan.assign.calibration.calibrate import COUNT_SD, calibrate
from kervan.assign.calibration.congested import Congested
from kervan.assign.calibration.counts import Count, in_unit, parse_years, plans_for, read_counts
from kervan.assign.calibration.estimates import CONSTANT_SD, Z, parameter_names
from kervan.assign.calibration.file import (
    FILE,
    read_calibration,
    to_toml,
    with_calibration,
    write_calibration,
)
from kervan.assign.calibration.free_flow import FreeFlow
from kervan.assign.calibration.posterior import most_probable
from kervan.assign.calibration.prediction import Parameters, goods_of
from kervan.core.errors import InputError

NOISE = np.exp(np.random.default_rng(3).normal(0.0, 0.05, 2 * len(YEARS)))


def test_normal_case_by_hand() -> None:
    """One parameter, a straight line: the mean of prior and counts by precision and weight."""
    counted = np.array([2.0, 2.2, 1.8])
    found = most_probable(lambda x: x[0] - counted, np.zeros(1), np.ones(1), noise=0.5)
    weight = 5 / (4 + ((found.mean[0] - counted) / 0.5) ** 2)
    precision = weight.sum() / 0.5**2 + 1
    assert found.weight == pytest.approx(weight)
    assert found.mean[0] == pytest.approx((weight @ counted) / 0.5**2 / precision, rel=1e-6)
    assert found.sd[0] == pytest.approx((5 / 7 * weight.sum() / 0.5**2 + 1) ** -0.5, rel=1e-6)
    assert not found.by_prior[0]


def test_counts_that_cannot_be_met_widen_the_interval() -> None:
    counted = np.array([3.0, -3.0, 3.0, -3.0])
    found = most_probable(lambda x: x[0] - counted, np.zeros(1), np.ones(1), noise=0.5)
    assert found.weight == pytest.approx([5 / (4 + 36)] * 4)
    assert found.sd[0] == pytest.approx((5 / 7 * 4 * 0.125 / 0.25 + 1) ** -0.5, rel=1e-6)


def test_one_count_of_another_scope_does_not_decide() -> None:
    counted = np.array([1.0, 1.1, 0.9, 1.0, 9.0])
    found = most_probable(lambda x: x[0] - counted, np.zeros(1), np.full(1, 5.0), noise=0.1)
    assert found.mean[0] == pytest.approx(1.0, abs=0.02)
    assert found.weight[-1] < 1e-3


def test_at_most_a_third_of_the_counts() -> None:
    slopes = np.array([[1.0, 3.0, 2.0]] * 5)
    found = most_probable(lambda x: slopes @ x - 1.0, np.zeros(3), np.ones(3), noise=0.1)
    assert found.is_free.tolist() == [False, True, False]
    assert found.by_prior.tolist() == [True, False, True]
    assert found.sd[[0, 2]].tolist() == [1.0, 1.0]


def test_known_parameters_are_found_again() -> None:
    """Without noise: each lies in its interval, and the pull of the prior is weak."""
    found = calibrate(counted_study(noise=NOISE), years=YEARS)
    assert found.n_fitted == 12
    for estimate in found.estimates:
        assert estimate.low < TRUE[estimate.name.partition(":box")[0].partition(":wagon")[0]]
        assert estimate.high > TRUE[estimate.name.partition(":box")[0].partition(":wagon")[0]]
        assert estimate.is_free
    assert found.count_sd == COUNT_SD
    assert found.residuals["log_ratio"].abs().max() < 0.2


def test_counts_at_the_priors_leave_them_there() -> None:
    truth = {"theta_scale": 1.0, "constant:upper": 0.0}
    found = calibrate(counted_study(truth=truth), years=YEARS)
    assert [e.value for e in found.estimates] == pytest.approx([1.0, 1.0, 0.0], abs=1e-3)


def test_prior_decides_where_counts_are_few() -> None:
    found = calibrate(counted_study(), years=(2015,))
    assert found.n_fitted == 2
    assert {e.decided_by for e in found.estimates} == {"prior"}
    assert not any(e.is_free for e in found.estimates)
    constant = found.estimates[1]
    assert (constant.value, constant.unit) == (0.0, "USD/t")
    assert constant.high == pytest.approx(Z * CONSTANT_SD)
    assert found.estimates[0].value == 1.0


def test_only_what_is_for_fitting_and_was_available() -> None:
    study = counted_study()
    rows = study.table("observation")
    late = rows["date"] == "2020"
    held = rows["date"] == "2016"
    changed = rows.assign(
        available_on=np.where(late, "2030-01-01", ""), use=np.where(held, "holdout", rows["use"])
    )
    wild = changed.assign(value=np.where(late | held, 9e9, changed["value"]))
    plain, other = (
        calibrate(study.replace({"observation": table}), years=YEARS) for table in (changed, wild)
    )
    assert plain.n_fitted == 8
    assert plain.estimates == other.estimates
    assert set(plain.residuals["status"]) == {"fitted", "not_for_fitting"}
    assert 2020 not in set(plain.residuals["year"])


def test_units_by_hand() -> None:
    """10 t a TEU, 20 t a truck, 1e6 t a Mt; a count in TEU takes boxes alone."""
    more = [
        observed(2015, "all", "t"),
        observed(2015, "mass", "Mt"),
        observed(2015, "units", "teu", via="m"),
        observed(2015, "trucks", "truck", via="m"),
    ]
    study = counted_study(more=more).replace({})
    counts = {c.series: c for c in read_counts(_with_rows(more))}
    order = ["all", "mass", "units", "trucks"]
    demand = study.table("demand")
    demand = demand[demand["year"] == 2015]
    t, mt, teu, trucks = FreeFlow()(
        study.as_of(2018), demand, [counts[name] for name in order], Parameters()
    )
    boxes = FreeFlow()(
        study.as_of(2018), demand[demand["commodity"] == "boxes"], [counts["all"]], Parameters()
    )[0]
    assert mt == pytest.approx(t / 1e6)
    assert teu == pytest.approx(boxes / 10)
    assert 0 < boxes < 1e6 < t < 4e6
    assert trucks == 0.0


def _with_rows(rows: list[dict[str, object]]) -> object:
    from tiny_study import table

    return counted_study().replace({"observation": table("observation", rows)})


def test_a_constant_moves_cargo_off_its_corridor() -> None:
    study = counted_study()
    count = [c for c in read_counts(study) if c.year == 2015]
    demand = study.table("demand").query("year == 2015")
    predict = FreeFlow()
    plain = predict(study.as_of(2018), demand, count, Parameters())
    dear = predict(study.as_of(2018), demand, count, Parameters(1.0, {"upper": 1e4}))
    none = predict(study.as_of(2018), demand, count, Parameters(1.0, {"upper": 0.0, "gone": 9.0}))
    assert (dear < 1e-6 * plain).all()
    assert none == pytest.approx(plain)


def test_corridors_counted_together_share_a_constant() -> None:
    def count(*corridors: str) -> Count:
        return Count("x", "x", 2020, corridors, (), "", "t", 1.0, "fit", "reported")

    goods = goods_of(counted_study())
    names = parameter_names([count("b", "a"), count("c"), count("a", "d"), count()], goods)
    assert names == ("theta_scale", "constant:c", "constant:a|b|d")


def test_file_round_trip(tmp_path: Path) -> None:
    study = counted_study()
    found = calibrate(study, years=YEARS)
    path = write_calibration(found, tmp_path / "out")
    back = read_calibration(tmp_path / "out")
    assert path.name == FILE
    assert sorted(p.name for p in path.parent.iterdir()) == [FILE]
    assert to_toml(back) == to_toml(found)
    assert back.parameters == found.parameters
    applied = with_calibration(study, back)
    thetas = applied.table("commodity")["theta"] / study.table("commodity")["theta"]
    assert thetas.tolist() == pytest.approx([e.value for e in found.estimates[:2]])
    assert dict(applied.constants) == found.parameters.constants
    counts = [c for c in read_counts(study) if c.year == 2015]
    demand = study.table("demand").query("year == 2015")
    for predict in (FreeFlow(), Congested()):
        assert predict(applied.as_of(2018), demand, counts, Parameters()) == (
            pytest.approx(predict(study.as_of(2018), demand, counts, found.parameters))
        )


def test_file_of_another_study(caplog: pytest.LogCaptureFixture) -> None:
    found = calibrate(counted_study(), years=(2015, 2016))
    other = dataclasses.replace(found, study_hash="0")
    with pytest.raises(InputError, match="study_hash"):
        with_calibration(counted_study(), other)
    with caplog.at_level(logging.WARNING):
        with_calibration(counted_study(), other, other_study=True)
    assert "was fitted to" in caplog.text


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        ("schema_version = [", "not TOML"),
        ("schema_version = 9", "reads schema_version 1"),
        ("schema_version = 1", "the key is missing"),
        (None, "cannot be read"),
    ],
)
def test_bad_files(tmp_path: Path, written: str | None, wrong: str) -> None:
    path = tmp_path / FILE
    if written is not None:
        path.write_text(written, encoding="utf-8")
    with pytest.raises(InputError, match=wrong):
        read_calibration(path)


def test_a_parameter_without_its_value(tmp_path: Path) -> None:
    text = to_toml(calibrate(counted_study(), years=(2015,)))
    (tmp_path / FILE).write_text(text.replace("\nvalue = ", "\nworth = "), encoding="utf-8")
    with pytest.raises(InputError, match="field value"):
        read_calibration(tmp_path)


@pytest.mark.parametrize("written", ["", "2019-", "19", "2021-2019", "last", "2019-2021;2022"])
def test_bad_years(written: str) -> None:
    with pytest.raises(InputError, match="is not a year"):
        parse_years(written)


def test_years_without_counts_or_demand() -> None:
    with pytest.raises(InputError, match="to fit was available by 2031-03-31"):
        calibrate(counted_study(), years=(2030,))
    with pytest.raises(InputError, match="choose among 2015-2020"):
        calibrate(counted_study(), years=(2030,))
    with pytest.raises(InputError, match="no year is given"):
        calibrate(counted_study(), years=())


def test_demand_elsewhere_is_said_and_not_fitted() -> None:
    study = counted_study(more=[observed(2016, "void", "t", via="nowhere", value=5)])
    rows = study.table("observation")
    void = calibrate(study, years=(2016,)).residuals.set_index("observation_id").loc["void_2016"]
    assert void["status"] == "nothing_predicted"
    assert len(rows) == 13


def test_plans_are_matched_by_place_and_kind_of_unit() -> None:
    outcome = Count("v_2022", "v", 2022, ("u",), (), "", "Mt", 1.5, "fit", "reported")
    plan = dataclasses.replace(
        outcome, observation_id="v_2022_plan", series="v_plan", basis="announced", value=3.2
    )
    in_tonnes = dataclasses.replace(plan, unit="t", value=3.2e6)
    in_boxes = dataclasses.replace(plan, unit="teu")
    later = dataclasses.replace(plan, year=2023)
    elsewhere = dataclasses.replace(plan, corridors=("w",))
    found = plans_for([outcome, plan, in_tonnes, in_boxes, later, elsewhere], outcome)
    assert [in_unit(p, "Mt") for p in found] == [3.2, 3.2]
