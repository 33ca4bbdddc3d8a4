"""`kervan target --reach` on the screen, as JSON and as CSV, with a model made up by hand."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kervan.appraisal.measures import Measures
from kervan.appraisal.targets_reach import Hats
from kervan.cli.app import app

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "json.md").read_text("utf-8")
LIFT = {"border-times-halved": 0.4, "caspian-doubled": 0.2, "btk-20mt": 0.5}


class ByHand:
    """Trade that grows by `LIFT`, and by a cut of trade costs to the power of -4."""

    def __init__(self, *_: object, **__: object) -> None:
        self.tariff, self.transport = 0.026, 0.092
        self.solved: dict[Measures, Hats] = {}

    def prepare(self, *_: object) -> None:
        """Nothing is slow here."""

    def __call__(self, measures: Measures) -> Hats:
        hat = 1.0 + math.fsum(LIFT.get(name, 0.0) for name in measures.chosen)
        hat *= (1.0 - measures.cut("trade_cost")) ** -4 * (1.0 + 0.2 * measures.cut("tariff"))
        return self.solved.setdefault(measures, Hats(hat, hat))


@pytest.fixture(autouse=True)
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kervan.pipeline.reach.find.JointTrade", ByHand)


def shown(*options: str) -> str:
    done = CliRunner().invoke(app, ["target", "--reach", *options])
    assert done.exit_code == 0, done.output
    return " ".join(done.output.split())


def test_screen_in_english() -> None:
    screen = shown()
    for words in (
        "Kazakhstan figure of 2024, 5.00 bn USD", "met in 2022", "2.00 times", "15.9% less",
        "gives 6.00", "Transport is 9.2%", "Mean tariff between the two by value: 2.6%",
        "Border times halved + Baku–Tbilisi–Kars at 20 Mt a year + Caspian services doubled",
        "no set reaches it", "10.50", "40.00%", "(changes nothing)", "no growth of the economies",
    ):  # fmt: skip
        assert words in screen
    assert "Hindsight" not in screen


def test_screen_in_turkish_as_known_in_2017() -> None:
    screen = shown("--lang", "tr", "--known", "2017-12-31", "--only", "cuts")
    for words in ("Türkiye verisi, 1,96 milyar USD", "Sonradan bilgi", "2022 ticaret verisi",
                  "2,55 katı", "%20,9 daha az", "indirim 2,35 verir"):  # fmt: skip
        assert words in screen
    assert "önlem kümesi yeter" not in screen


def test_json_is_documented_and_csv_is_the_same(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["target", "--reach", "--json", "--out", str(tmp_path)])
    printed = json.loads(done.stdout)
    assert printed["kind"] == "target-reach"
    body = PAGE.split("## target-reach")[1].split("\n## ")[0]
    head = PAGE.split("## every object")[1].split("\n## ")[0]
    documented = set(re.findall(r"^\| `([^`]+)` \|", body, flags=re.MULTILINE))
    shared = set(re.findall(r"^\| `([^`]+)` \|", head, flags=re.MULTILINE))
    rows = {k: v for k, v in printed.items() if isinstance(v, list)}
    found = set(printed) | {f"{k}[].{name}" for k, v in rows.items() for r in v for name in r}
    later = {"later[].what", "later[].value"}  # today nothing is later
    assert found - shared == documented - later
    assert len((tmp_path / "reach_cuts.csv").read_text().splitlines()) == 1 + len(printed["cuts"])
    ten = next(one for one in printed["sets"] if one["target"].endswith("10bn"))
    assert ten["sets"] == ["border-times-halved+btk-20mt+caspian-doubled"]


def test_wrong_use() -> None:
    runner = CliRunner()
    done = runner.invoke(app, ["target", "--only", "cuts"])
    assert (done.exit_code, "add --reach" in done.output) == (1, True)
    done = runner.invoke(app, ["target", "--reach", "--only", "roads"])
    assert (done.exit_code, "is no question" in done.output) == (1, True)
    done = runner.invoke(app, ["target", "AZ", "TR", "--reach"])
    assert (done.exit_code, "no target with a figure" in done.output) == (1, True)
