"""Flows on the screens of `kervan run` and `kervan flows`."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from kervan.cli.app import app

RUN = ("run", "toy", "--scenario", "tunnel", "--draws", "0", "--quiet")


def invoke(*arguments):
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("out")


@pytest.fixture(scope="module")
def shown(folder):
    return invoke(*RUN, "--out", str(folder), "--lang", "tr")


def test_run_shows_tonnes_by_corridor_and_scenario(shown, folder):
    summary = json.loads((folder / "summary.json").read_text("utf-8"))["flows"]
    lake = {row["scenario"]: row["tonnes"] / 1e3 for row in summary["corridors"]
            if row["corridor"] == "lake"}  # fmt: skip
    assert "Göl koridoru" in shown
    for tonnes in lake.values():
        assert f"{tonnes:.1f}".replace(".", ",") in shown
    assert "Hiçbir senaryoda geride yük kalmıyor." in shown


def test_without_flows_it_says_so_and_writes_none(tmp_path):
    shown = invoke(*RUN, "--out", str(tmp_path), "--no-flows")
    assert "--no-flows" in shown
    assert not (tmp_path / "tables" / "flows.csv").exists()
    assert json.loads((tmp_path / "summary.json").read_text("utf-8"))["flows"] is None
    assert 'id="flows-en"' not in (tmp_path / "report.html").read_text("utf-8")


def test_flows_name_the_scenario_and_speak_of_units_in_turkish():
    shown = invoke("flows", "toy", "--scenario", "tunnel", "--starts", "1", "--lang", "tr")
    assert "tunnel" in shown.splitlines()[0]
    assert "TEU/hafta" in shown
    assert "teu/week" not in shown
