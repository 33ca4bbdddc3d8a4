"""Calibration under capacity: parameters found again, intervals that cover, files handed on."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from capped import TRUE, YEARS, capped_study
from typer.testing import CliRunner

import kervan
from kervan import Study
from kervan.assign import assign_study
from kervan.assign.calibration.calibrate import Calibration, calibrate
from kervan.assign.calibration.congested import Congested
from kervan.assign.calibration.counts import read_counts
from kervan.assign.calibration.estimates import Z, parameters_of
from kervan.assign.calibration.file import FILE, read_calibration, to_toml, write_calibration
from kervan.assign.calibration.free_flow import FreeFlow
from kervan.assign.calibration.posterior import most_probable
from kervan.assign.calibration.prediction import Parameters, Predictor
from kervan.cli.app import app
from kervan.core.errors import InputError
from kervan.routes import find_routes

PULL = 0.06
"""Exact counts are met to so much in the logarithm; the priors pull at them."""


@cache
def study() -> Study:
    return capped_study()


@cache
def fitted(with_capacity: bool = True) -> Calibration:
    predictor: Predictor = Congested() if with_capacity else FreeFlow()
    return calibrate(study(), years=YEARS, predictor=predictor)


def test_known_parameters_are_found_again_past_a_full_ferry() -> None:
    for estimate in fitted().estimates:
        assert estimate.low < TRUE[estimate.name] < estimate.high, estimate
        assert estimate.is_free == (estimate.name != "theta_scale")
    assert fitted().residuals["log_ratio"].abs().max() < PULL
    assert fitted().predictor == "Congested"


def test_free_flow_cannot_meet_counts_that_a_capacity_made() -> None:
    with_caps, without = (
        np.square(fitted(caps).residuals["log_ratio"]).sum() for caps in (True, False)
    )
    assert without > 10 * with_caps


def test_a_prediction_is_that_of_the_assignment() -> None:
    """Two ways to one answer: other parameters on kept routes, and a calibrated study anew."""
    parameters = parameters_of(TRUE)
    counts = [c for c in read_counts(study()) if c.year == 2025]
    demand = study().table("demand").query("year == 2025")
    boxes, grain = Congested()(study().as_of(2025), demand, counts, parameters)
    found = assign_study(parameters.applied(study()).as_of(2025), year=2025, starts=1).od_flows
    lake = found[found["corridor"] == "lake"].set_index("commodity")["tonnes"]
    assert boxes * 10 == pytest.approx(lake["containers"], rel=1e-4)
    assert grain == pytest.approx(lake["grain"], rel=1e-4)


def test_the_ferry_takes_no_more_than_it_can() -> None:
    """336 wagons a week of 50 t, of which boxes may take some."""
    count = [c for c in read_counts(study()) if c.series == "grain" and c.year == 2025]
    demand = study().table("demand").query("year == 2025")
    tenfold = demand.assign(tonnes=10 * demand["tonnes"])
    plenty = Congested()(study().as_of(2025), tenfold, count, Parameters())[0]
    free = FreeFlow()(study().as_of(2025), tenfold, count, Parameters())[0]
    assert plenty <= 336 * 50 * 365.25 / 7
    assert free > 3 * plenty


def test_an_answer_does_not_depend_on_what_was_asked_before() -> None:
    counts = [c for c in read_counts(study()) if c.year == 2024]
    demand = study().table("demand").query("year == 2024")
    used, fresh = Congested(), Congested()
    for scale in (0.5, 2.0, 1.0):
        used(study().as_of(2024), demand, counts, Parameters(scale))
    wanted = Parameters(1.2, {"lake": 5.0})
    assert (
        used(study().as_of(2024), demand, counts, wanted).tolist()
        == fresh(study().as_of(2024), demand, counts, wanted).tolist()
    )


def test_the_same_twice() -> None:
    again = calibrate(study(), years=YEARS[:3])
    assert to_toml(again) == to_toml(calibrate(study(), years=YEARS[:3]))


def test_intervals_cover() -> None:
    """Parameters drawn from the prior, residuals from Student's: 90 % lie within, give or take."""
    rng = np.random.default_rng(11)
    slopes, noise, inside, drawn = rng.normal(size=(12, 2)), 0.25, 0, 200
    for _ in range(drawn):
        truth = rng.normal(size=2)
        counted = slopes @ truth + noise * rng.standard_t(4, 12)
        found = most_probable(
            lambda x, counted=counted: slopes @ x - counted, np.zeros(2), np.ones(2), noise=noise
        )
        inside += int((np.abs(found.mean - truth) < Z * found.sd).sum())
    assert 0.84 < inside / (2 * drawn) < 0.96


def test_a_calibrated_study_chooses_by_its_constants() -> None:
    plain = find_routes(study(), "Alma", "Deniz")
    parameters = Parameters(1.0, {"lake": 20.0})
    moved = find_routes(parameters.applied(study()), "Alma", "Deniz")
    share = {name: [sum(r.share for r in routes if r.corridor == name) for routes in (plain, moved)]
             for name in ("lake", "south-sea")}  # fmt: skip
    odds = np.divide(*np.array([share["lake"], share["south-sea"]]))
    assert np.log(odds[1] / odds[0]) == pytest.approx(-plain.theta * 20.0, rel=1e-9)
    assert [r.generalised_cost for r in plain] == [r.generalised_cost for r in moved]
    assert parameters.applied(study()).hash != study().hash
    twice = parameters.applied(parameters.applied(study()))
    assert twice.constants == (("lake", 40.0),)


def run(*words: str, status: int = 0) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == status, done.output
    return done.output


def toy_calibration(folder: Path) -> Path:
    """Write a calibration of the toy study as it stands."""
    known = replace(fitted(), study="toy", study_hash=kervan.open("toy").hash)
    return write_calibration(known, folder)


def test_commands_take_a_calibration(tmp_path: Path) -> None:
    path = str(toy_calibration(tmp_path))
    for words in (
        ("flows", "toy", "--starts", "1", "--json"),
        ("select-link", "service", "bela-cey", "--study", "toy", "--json"),
        ("routes", "Alma", "Deniz", "--study", "toy", "--json"),
    ):
        plain, moved = (
            json.loads(CliRunner().invoke(app, [*words, *more]).stdout)
            for more in ((), ("--calibration", path))
        )
        key = next(name for name in ("od_flows", "users", "routes") if name in plain)
        assert plain[key] != moved[key]


def test_a_calibration_of_another_study_is_refused(tmp_path: Path) -> None:
    path = write_calibration(fitted(), tmp_path)
    for words in (("flows", "toy"), ("routes", "Alma", "Deniz", "--study", "toy")):
        said = run(*words, "--calibration", str(path), status=1)
        assert "study_hash: was fitted to" in said
        assert "run kervan calibrate again" in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "theta_scale"', 'name = "beta"', "is no parameter's name"),
        ("\nvalue = 1.0", "\nvalue = -1.0", "is not above 0"),
        ("\nvalue = 1.0", "\nvalue = nan", "is no finite number"),
        ("\nvalue = 1.0", "\nvalue = true", "is no finite number"),
        ("\nhigh = ", "\nhigher = ", "field high: is missing"),
        ("[[parameter]]", "[parameter]", "calibration.toml"),
        ("study_hash = ", "study_hash = 1 #", "is of the wrong type"),
    ],
)
def test_a_spoilt_file_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    written = to_toml(fitted())
    assert old in written
    (tmp_path / FILE).write_text(written.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_calibration(tmp_path)
