"""`kervan appraise` on the screen, as JSON and as files, for the toy study with projects."""

from __future__ import annotations

import fnmatch
import json
import math
import re
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

import kervan
from kervan.cli.app import app
from kervan.pipeline.joint import JointBase, joint_base

sys.path.insert(0, str(Path(__file__).parents[1] / "pipeline"))
from toy_trade import toy_world

ROOT = Path(__file__).resolve().parents[2]
ROWS = {
    "project_id": ["quick", "tunnel", "bare", "mute"],
    "name_en": ["Quick borders", "Tunnel", "No cost", "No card"],
    "name_tr": ["Hızlı sınırlar", "Tünel", "Maliyetsiz", "Kartsız"],
    "scenario": ["borders-halved", "tunnel", "borders-halved", ""],
    "group": "",
    "cost_low": math.nan,
    "cost_central": [20.0, 400.0, math.nan, 5.0],
    "cost_high": [30.0, math.nan, math.nan, math.nan],
    "price_year": [2024.0, 2025.0, math.nan, 2025.0],
    "currency": "USD",
    "construction_start": [2026.0, math.nan, math.nan, math.nan],
    "construction_end": [2027.0, math.nan, math.nan, math.nan],
    "life_years": [20.0, math.nan, math.nan, math.nan],
    "owner": "",
    "note": "",
}


@pytest.fixture(scope="module")
def solved() -> JointBase:
    return joint_base(kervan.open("toy"), data=toy_world())


@pytest.fixture(autouse=True)
def toy_with_projects(monkeypatch: pytest.MonkeyPatch, solved: JointBase) -> None:
    """The toy study ships no projects, and the embedded trade does not know its countries."""
    table = pd.DataFrame(ROWS).set_index("project_id", drop=False)
    study = kervan.open("toy").replace({"project": table})
    monkeypatch.setattr("kervan.cli.appraise.open_study", lambda _: study)
    monkeypatch.setattr("kervan.pipeline.appraise.solve.joint_base", lambda *_, **__: solved)


def shown(*options: str) -> str:
    done = CliRunner().invoke(app, ["appraise", "toy", *options])
    assert done.exit_code == 0, done.output
    return " ".join(done.output.split())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            ("--budget", "300"),
            ("Not appraised in full", "no sourced cost", "no card", "not available",
             "What serving the transit costs", "Best sequence with 300 million USD",
             "Costs of 2024 stand as stated", "3 years of building", "50 USD/t"),
        ),
        (
            ("Hızlı sınırlar", "--lang", "tr", "--resource-cost", "80", "--benefit", "income",
             "--rate", "4", "--ramp-up", "50,75"),
            ("Hızlı sınırlar kime yarar", "%80 kadarı sayıldı", "reel gelirindeki eşdeğer",
             "%50, %75", "NBD (%4)"),
        ),
    ],
)  # fmt: skip
def test_screen_in_both_languages(options: tuple[str, ...], words: tuple[str, ...]) -> None:
    said = shown(*options)
    for word in words:
        assert word in said


def keys(value: Any, path: str = "") -> set[str]:
    if isinstance(value, dict):
        return {k for name, item in value.items()
                for below in [f"{path}.{name}" if path else str(name)]
                for k in {below} | keys(item, below)}  # fmt: skip
    if isinstance(value, list):
        return {k for item in value for k in keys(item, f"{path}[]")}
    return set()


def test_json_is_documented_and_names_one_benefit() -> None:
    said = json.loads(shown("--budget", "300", "--json"))
    page = (ROOT / "docs" / "reference" / "json.md").read_text("utf-8")
    sections = dict(re.findall(r"^## (.+)\n((?:(?!## ).*\n?)*)", page, flags=re.MULTILINE))
    listed = re.compile(r"^\| `([^`]+)` \|", flags=re.MULTILINE)
    named = {k for title in ("every object", "appraise") for k in listed.findall(sections[title])}
    found = keys(said)
    loose = {k.replace("[", "[[]") for k in named if "*" in k}
    assert not {k for k in found - named if not any(fnmatch.fnmatchcase(k, p) for p in loose)}
    own = set(listed.findall(sections["appraise"]))
    assert not own - found
    assert said["benefit"] == "surplus"
    rows = {row["project"]: row for row in said["projects"]}
    quick = rows["quick"]
    assert quick["benefit_musd"] == quick["surplus_musd"] != quick["income_musd"]
    assert quick["surplus_musd"] == pytest.approx(quick["users_musd"] + quick["rents_musd"])
    assert rows["mute"]["benefit_musd"] is None
    assert rows["mute"]["reasons"] == ["no_card"]
    # the toy study prices carbon at 50 USD/t
    assert quick["co2e_musd"] == pytest.approx(-50 * quick["co2e_t"] / 1e6)
    assert all(row["income_musd"] is None for row in said["countries"] if not row["in_trade_data"])


def test_tables_are_written(tmp_path: Path) -> None:
    shown("quick", "--out", str(tmp_path / "out"), "--quiet")
    volumes = pd.read_csv(tmp_path / "out" / "volumes_by_pair.csv")
    kept = volumes["stayed"] + volumes["diverted"] + volumes["shifted"]
    most = volumes[["tonnes_base", "tonnes_cf"]].min(axis=1)
    assert kept.to_numpy() == pytest.approx(most.to_numpy(), rel=1e-6)
    change = volumes["tonnes_cf"] - volumes["tonnes_base"]
    assert (volumes["created"] + volumes["freed"]).to_numpy() == pytest.approx(change, abs=1e-3)
    values = pd.read_csv(tmp_path / "out" / "values.csv")
    assert set(values["case"]) == {"central", "high"}


@pytest.mark.parametrize(
    ("options", "status", "word"),
    [
        (("--benefit", "both"), 2, "surplus or income"),
        (("--ramp-up", "half"), 2, "per cent"),
        (("bridge",), 1, "bridge"),
        (("--overrun", "-100"), 1, "overrun"),
    ],
)
def test_wrong_options_are_told(options: tuple[str, ...], status: int, word: str) -> None:
    done = CliRunner().invoke(app, ["appraise", "toy", *options])
    assert done.exit_code == status
    assert word in done.output
