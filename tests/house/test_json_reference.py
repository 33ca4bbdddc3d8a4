"""docs/reference/json.md documents every key that the commands print under --json."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kervan.cli.app import app

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "json.md").read_text("utf-8")
SECTIONS = {
    name: set(re.findall(r"^\| `([^`]+)` \|", body, flags=re.MULTILINE))
    for name, body in re.findall(r"^## (.+)\n((?:(?!## ).*\n?)*)", PAGE, flags=re.MULTILINE)
}
FLOWS = "exporter,importer,sector,year,value\nTUR,KAZ,grain,2020,5\n"
PAIR = ("Almaty", "İstanbul", "--commodity", "containers")


def keys(value: object, path: str = "") -> Iterator[str]:
    """Give the path of every key of an object, with [] for the items of a list."""
    if isinstance(value, dict):
        for key, item in value.items():
            below = f"{path}.{key}" if path else str(key)
            yield below
            yield from keys(item, below)
    elif isinstance(value, list):
        for item in value:
            yield from keys(item, f"{path}[]")


def is_documented(key: str, documented: set[str]) -> bool:
    escaped = (pattern.replace("[", "[[]") for pattern in documented)
    return key in documented or any("*" in p and fnmatchcase(key, p) for p in escaped)


def in_empty_list(key: str, found: set[str]) -> bool:
    """Whether the key belongs to the items of a list that has none."""
    inside = key.rpartition("[].")[0]
    return bool(inside) and not any(other.startswith(f"{inside}[].") for other in found)


@pytest.mark.parametrize(
    ("kind", "command", "status"),
    [
        ("routes", ["routes", *PAIR], 0),
        ("profile", ["profile", *PAIR], 0),
        ("breakeven", ["breakeven", *PAIR], 0),
        ("check", ["check", "toy"], 0),
        ("scenarios", ["scenario", "list"], 0),
        ("scenarios", ["scenario", "show", "btk-closed"], 0),
        ("journeys", ["journeys"], 0),
        ("calibrate", ["calibrate", "--out", "out"], 0),
        ("backtest", ["backtest", "--years", "2019"], 0),
        ("distances", ["network", "distances"], 0),
        ("flows", ["flows", "toy"], 0),
        ("estimate-od", ["estimate-od", "--study", "east-west-line", "--year", "2022"], 0),
        ("select-link", ["select-link", "service", "bela-cey", "--study", "toy"], 0),
        ("critical", ["critical", "toy"], 0),
        ("capacity", ["capacity", "toy", "--factor", "0.5"], 0),
        ("spare", ["spare", "Alma", "Deniz", "--study", "toy"], 0),
        ("trade-data", ["trade", "data"], 0),
        ("trade-costs", ["trade", "costs", "toy", "--scenario", "tunnel"], 0),
        (
            "trade-access",
            [
                "trade",
                "access",
                "XAA",
                "--study",
                "toy",
                "--hours",
                "200",
                "--via",
                "XCC",
                "--scenario",
                "ferry-closed",
            ],
            0,
        ),
        ("target", ["target"], 0),
        ("trade-counterfactual", ["trade", "counterfactual", "--epsilon", "5"], 0),
        ("run", ["run", "toy", "--out", "out", "--draws", "20"], 0),
        ("data-import", ["data", "import", "flows.csv", "--out", "out"], 0),
        ("trade-potential", ["trade", "potential", "TUR", "KAZ", "--costs"], 0),
        ("error", ["check", "nowhere"], 1),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else str(value),
)
def test_keys_are_documented(
    kind: str,
    command: Sequence[str],
    status: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flows.csv").write_text(FLOWS, "utf-8")
    done = CliRunner().invoke(app, [*command, "--json"])
    assert done.exit_code == status, done.output
    printed = json.loads(done.stdout)
    assert printed["kind"] == kind
    found = set(keys(printed))
    documented = SECTIONS[kind] | SECTIONS["every object"]
    assert not sorted(key for key in found if not is_documented(key, documented))
    promised = {key for key in SECTIONS[kind] if "*" not in key and not in_empty_list(key, found)}
    assert not sorted(promised - found)
