"""`kervan worth` on the screen, as JSON and as files, on the toy study."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from toy_trade import toy_world
from typer.testing import CliRunner

import kervan
from kervan.cli import worth
from kervan.cli.app import app
from kervan.pipeline.joint import JointBase, joint_base
from kervan.report.worth_map import look_of
from kervan.report.worth_rows import both_ways

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "json.md").read_text("utf-8")
TOY = ["worth", "toy", "--quiet"]


@pytest.fixture(scope="module")
def base() -> JointBase:
    return joint_base(kervan.open("toy"), data=toy_world())


@pytest.fixture(autouse=True)
def once(base: JointBase, monkeypatch: pytest.MonkeyPatch) -> None:
    """Solve the base but once; `test_cards_and_days_are_heard` lets the command do it."""
    monkeypatch.setattr(worth, "load_trade", toy_world)
    monkeypatch.setattr(worth, "joint_base", lambda study, **options: base)


def run(*asked: str) -> str:
    done = CliRunner().invoke(app, [*TOY, *asked])
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "en",
            ("XDD: where an hour saved is worth most", "dollar per tonne", "Rank", "Northern line"),
        ),
        ("tr", ("XDD: kazanılan bir saatin en değerli", "ton başına", "sıra bağıntısı", "sınır")),
    ],
)
def test_screen_in_both_languages(lang: str, words: tuple[str, ...]) -> None:
    said = " ".join(run("--of", "XDD", "--lang", lang).split())
    for word in words:
        assert word.lower() in said.lower()


def test_every_key_is_documented_and_tables_agree(tmp_path: Path) -> None:
    out = tmp_path / "worth.csv"
    said = json.loads(run("--of", "XAA,world", "--json", "--out", str(out)))
    body = re.search(r"^## worth\n((?:(?!## ).*\n)*)", PAGE, flags=re.MULTILINE)
    documented = set(re.findall(r"^\| `([^`]+)` \|", body[1] if body else "", flags=re.MULTILINE))
    found = {"of", "commodities", "rows", "check"}
    found |= {f"rows[].{key}" for key in said["rows"][0]} | {f"check.{k}" for k in said["check"]}
    found |= {f"check.agreement[].{key}" for key in said["check"]["agreement"][0]}
    assert found == documented
    assert said["of"] == ["XAA", "world"]
    table = pd.read_csv(out)
    assert table["usd_per_hour"].tolist() == [row["usd_per_hour"] for row in said["rows"]]


def test_ranked_by_what_is_left_when_prices_answer() -> None:
    rows = json.loads(run("--of", "XDD,XAA", "--no-check", "--prices-answer", "--json"))["rows"]
    assert [rows[0]["of"], rows[-1]["of"]] == ["XDD", "XAA"]
    mine = [row["usd_per_hour_prices_answer"] for row in rows if row["of"] == "XDD"]
    assert mine == sorted(mine, reverse=True)


def test_cards_and_days_are_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worth, "joint_base", joint_base)
    said = json.loads(
        run("--scenario", "ferry-closed", "--when", "2025-03-01", "--no-check", "--json")
    )
    assert (said["when"], said["scenarios"]) == ("2025-03-01", ["ferry-closed"])
    assert "bela-cey" not in {row["ref_id"] for row in said["rows"]}


def test_rows_of_a_corridor_and_cargo() -> None:
    said = json.loads(run("--corridor", "Lake corridor", "--commodity", "grain", "--no-check",
                          "--json"))  # fmt: skip
    assert said["check"] is None
    assert said["of"] == ["world"]
    assert said["commodities"] == ["grain"]
    assert {row["corridor"] for row in said["rows"]} == {"lake"}
    assert {row["ref_id"] for row in said["rows"]} >= {"bela-cey", "cey-ceren"}
    assert json.loads(run("--focus", "--commodity", "grain", "--no-check", "--json")) == said


def test_maps_and_layers_are_written(tmp_path: Path) -> None:
    run("--of", "XAA,XDD", "--no-check", "--out", str(tmp_path / "map.svg"), "--lang", "tr")
    assert {path.name for path in tmp_path.iterdir()} == {"map-XAA.svg", "map-XDD.svg"}
    drawn = (tmp_path / "map-XDD.svg").read_text("utf-8")
    assert "Kazanılan bir saatin en değerli olduğu yerler: XDD" in drawn
    assert "sınır geçişleri ve aktarmalar" in drawn
    run("--of", "XDD", "--no-check", "--prices-answer", "--out", str(tmp_path / "map.png"))
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
    run("--of", "XDD", "--no-check", "--out", str(tmp_path / "map.gpkg"))
    import pyogrio

    layers = {name: pyogrio.read_dataframe(tmp_path / "map.gpkg", layer=name)
              for name in ("lines", "points")}  # fmt: skip
    assert set(layers["lines"]["kind"]) == {"link", "service"}
    assert set(layers["points"]["kind"]) == {"border", "transfer"}


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        (["--of", "Atlantis"], "Atlantis"),
        (["--out", "worth.pdf"], ".gpkg"),
        (["--commodity", "gold"], "gold"),
        (["--corridor", "moon"], "moon"),
    ],
)
def test_mistakes_are_told(asked: list[str], word: str) -> None:
    done = CliRunner().invoke(app, [*TOY, "--no-check", *asked])
    assert done.exit_code == 1
    assert word in done.output


def test_both_ways_are_added_up_and_losses_have_a_class() -> None:
    row = {"of": "world", "kind": "border", "mode": "rail", "from_mode": "rail", "hours": 10.0,
           "tonnes": 5.0, "corridor": "lake", "corridor_share": 1.0, "usd_per_usd_per_t": 1.0,
           "usd_per_spread_hour": 1.0, "usd_per_hour_prices_answer": 1.0}  # fmt: skip
    rows = pd.DataFrame([
        {**row, "ref_id": "a-b", "from_node_id": "a", "to_node_id": "b", "usd_per_hour": 3.0},
        {**row, "ref_id": "b-a", "from_node_id": "b", "to_node_id": "a", "usd_per_hour": 1.0,
         "hours": 30.0},
    ])  # fmt: skip
    (one,) = both_ways(rows).to_dict("records")
    assert (one["ref_id"], one["usd_per_hour"], one["hours"], one["tonnes"]) == (
        "a-b",
        4.0,
        20.0,
        10.0,
    )
    assert [look_of(value, (1.0, 10.0)) for value in (-1.0, 0.5, 5.0, 50.0)] == [-1, 0, 1, 2]
