"""Back-test: nothing of the future enters a forecast; naive, plans, shocks, hindsight, commands."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from counted import YEARS, counted_study, observed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny_study import table
from typer.testing import CliRunner

import kervan
from kervan import Study
from kervan.assign.calibration.backtest import Backtest, backtest
from kervan.assign.calibration.later_inputs import later_inputs, summarise_later
from kervan.assign.calibration.years import Years, check_day, forecast_demand, shocks
from kervan.cli.app import app
from kervan.core.errors import InputError

PLAN = observed(2018, "grain", "t", basis="announced", use="shown", value=5e6, commodity="grain")


@cache
def study() -> Study:
    plan = {**PLAN, "observation_id": "grain_2018_plan"}
    return counted_study(more=[plan])


@cache
def result() -> Backtest:
    return backtest(study(), years=(2016, 2018))


def row(name: str) -> pd.Series:
    return result().forecasts.set_index("observation_id").loc[name]


def test_naive_is_the_last_year_known() -> None:
    observation = study().table("observation")
    assert row("grain_2018")["naive"] == observation["value"]["grain_2017"]
    assert row("grain_2018")["naive_year"] == 2017


def test_naive_waits_until_the_figure_is_out() -> None:
    observation = study().table("observation")
    late = np.where(observation.index == "grain_2017", "2018-04-01", "")
    later = study().replace({"observation": observation.assign(available_on=late)})
    found = backtest(later, years=(2018,)).forecasts.set_index("observation_id")
    assert found.loc["grain_2018", "naive_year"] == 2016
    assert found.loc["boxes_2018", "naive_year"] == 2017


def test_plan_stands_in_the_outcomes_unit() -> None:
    assert row("grain_2018")["plans"] == [5.0]
    assert row("grain_2018")["plan_ids"] == ["grain_2018_plan"]
    assert row("grain_2018")["error_plans"] == [
        pytest.approx(5.0 / row("grain_2018")["outcome"] - 1)
    ]
    assert row("boxes_2018")["plans"] == []


def test_errors_by_hand() -> None:
    here = row("boxes_2018")
    assert here["error_model"] == pytest.approx(here["model"] / here["outcome"] - 1)
    assert here["log_error_model"] == pytest.approx(np.log(here["model"] / here["outcome"]))
    worse = abs(here["log_error_model"]) > abs(here["log_error_naive"])
    assert here["is_worse_than_naive"] == worse
    assert set(result().worse["observation_id"]) <= set(result().forecasts["observation_id"])


def test_demand_that_came_is_conditional() -> None:
    """Demand grows by a tenth: a forecast from last year's misses just that."""
    realised = result().conditional.set_index("observation_id")["model"]
    assert realised["boxes_2018"] / row("boxes_2018")["model"] == pytest.approx(1.1)


def test_first_origin_rests_on_the_prior() -> None:
    fits = result().fits.set_index(["year", "parameter"])
    assert set(fits.loc[2016, "decided_by"]) == {"prior"}
    assert fits.loc[(2018, "constant:upper"), "counts_fitted"] == 6
    assert "data" in set(fits.loc[2018, "decided_by"])
    assert set(fits.loc[2018, "demand_year"]) == {2017}


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(factors=st.lists(st.floats(0.01, 100.0), min_size=6, max_size=6))
def test_the_future_enters_no_forecast(factors: list[float]) -> None:
    """Counts and demand from 2018 on may be anything: the forecast of 2018 stays."""
    observation, demand = study().table("observation"), study().table("demand")
    coming = pd.to_numeric(observation["date"]) >= 2018
    factor = np.resize(np.array(factors), len(observation))
    changed = study().replace(
        {
            "observation": observation.assign(
                value=np.where(coming, observation["value"] * factor, observation["value"])
            ),
            "demand": demand.assign(
                tonnes=np.where(
                    demand["year"] >= 2018, demand["tonnes"] * factors[0], demand["tonnes"]
                )
            ),
        }
    )
    found = backtest(changed, years=(2018,)).forecasts.set_index("observation_id")
    for name in ("boxes_2018", "grain_2018"):
        assert found.loc[name, "model"] == pytest.approx(row(name)["model"], rel=1e-9)
        assert found.loc[name, "naive"] == row(name)["naive"]


def test_demand_rules_by_hand() -> None:
    last = forecast_demand(study(), 2018)
    trend = forecast_demand(study(), 2018, rule="trend")
    actual = study().table("demand").query("year == 2018")["tonnes"].to_numpy()
    assert last["tonnes"].to_numpy() * 1.1 == pytest.approx(actual)
    assert trend["tonnes"].to_numpy() == pytest.approx(actual)
    assert set(last["year"]) == {2018}
    assert forecast_demand(study(), 2015).empty
    assert forecast_demand(study(), 2016, rule="trend")["tonnes"].to_numpy() == pytest.approx(
        study().table("demand").query("year == 2015")["tonnes"].to_numpy()
    )
    with pytest.raises(InputError, match="is not a rule"):
        forecast_demand(study(), 2018, rule="best")


def test_years_that_cannot_be_forecast() -> None:
    with pytest.raises(InputError, match="choose among 2016, 2017, 2018, 2019, 2020"):
        backtest(study(), years=(2015,))
    empty = study().replace({"demand": table("demand", [])})
    with pytest.raises(InputError, match="write demand"):
        backtest(empty)
    with pytest.raises(InputError, match="is not a day"):
        check_day("2022")


def test_the_shock_of_2022_stands_from_2022_on() -> None:
    built_in = kervan.open("east-west-line")
    years = Years(built_in)
    assert shocks(built_in, 2021) == ()
    assert shocks(built_in, 2023) == ("shock-2022-northern",)
    assert years[2021].scenarios == ()
    assert years[2022].scenarios == ("shock-2022-northern",)
    cost = years[2022].table("border")["cost_value"]
    assert cost["malaszewicze-brest-r1520"] == 962
    assert years[2021].table("border")["cost_value"]["malaszewicze-brest-r1520"] == 100


def test_hindsight_is_listed() -> None:
    built_in = kervan.open("east-west-line")
    early, late = (later_inputs(Years(built_in)[year], year) for year in (2019, 2025))
    claims = early[early["kind"] == "claim"]
    assert (claims["known_on"] > "2019-03-31").all()
    assert len(claims) > len(late[late["kind"] == "claim"]) > 0
    assert list(late.loc[late["kind"] == "card", "evidence_id"]) == ["shock-2022-northern"]
    assert not (early["kind"] == "card").any()
    summary = summarise_later(early).set_index("table")
    assert (summary["numbers_later"] + summary["numbers_assumed"] <= summary["numbers"]).all()


def run(*words: str, status: int = 0) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == status, done.output
    return done.stdout


@cache
def folder(root: Path) -> Path:
    """The toy study with counts of its demand's year and one more year."""
    import shutil

    source = kervan.open("toy").path
    shutil.copytree(source, root, dirs_exist_ok=True)
    rows = ["d9,alma,deniz,containers,2024,150000"]
    demand = (root / "demand.csv").read_text("utf-8")
    (root / "demand.csv").write_text(demand + "\n".join(rows) + "\n", encoding="utf-8")
    header = ",".join(table("observation", []).columns)
    lines = [header]
    for year, value in ((2024, 9000), (2025, 11000)):
        cells = {"observation_id": f"lake_{year}", "kind": "volume", "via": "corridor:lake",
                 "commodity": "containers", "basis": "reported", "date": str(year),
                 "value": str(value), "unit": "teu", "use": "fit"}  # fmt: skip
        lines.append(",".join(cells.get(name, "") for name in header.split(",")))
    (root / "observation.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root


@pytest.mark.parametrize("lang", ["en", "tr"])
def test_commands(tmp_path: Path, lang: str) -> None:
    toy, out = str(folder(tmp_path / "toy")), tmp_path / "out"
    shown = run("calibrate", toy, "--years", "2024-2025", "--out", str(out), "--lang", lang)
    assert "lake_2025" in shown
    assert ("Önsel" if lang == "tr" else "Prior") in shown
    assert [path.name for path in out.iterdir()] == ["calibration.toml"]
    shown = run("backtest", toy, "--lang", lang)
    assert "lake_2025" in shown
    assert ("koşullu" if lang == "tr" else "conditional") in shown


def test_commands_as_json(tmp_path: Path) -> None:
    toy = str(folder(tmp_path / "toy"))
    fitted = json.loads(
        run("calibrate", toy, "--years", "2025", "--out", str(tmp_path / "out"), "--json")
    )
    assert fitted["parameters"][0]["name"] == "theta_scale"
    assert fitted["counts_fitted"] == 1
    tested = json.loads(run("backtest", toy, "--demand", "trend", "--json"))
    assert tested["forecasts"][0]["naive_year"] == 2024
    assert tested["demand_rule"] == "trend"


def test_commands_used_wrongly(tmp_path: Path) -> None:
    out = ("--out", str(tmp_path / "out"))
    for words, said in (
        (("calibrate", "toy", "--years", "soon", *out), "is not a year"),
        (("calibrate", "toy", "--years", "2025", *out), "no volume of 2025-2025 to fit"),
        (("calibrate", "toy", "--years", "2025", "--known", "now", *out), "is not a day"),
        (("backtest", "toy"), "no volume has an outcome"),
        (("backtest", "toy", "--years", "x"), "is not a year"),
    ):
        done = CliRunner().invoke(app, list(words))
        assert done.exit_code == 1
        assert said in done.output
    assert not (tmp_path / "out").exists()


def test_all_years_of_the_made_up_study() -> None:
    made_up = counted_study(years=YEARS[:3])
    assert sorted(set(backtest(made_up).forecasts["year"])) == list(YEARS[1:3])
