"""`kervan trade counterfactual` on the screen and as JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from kervan.cli.app import app
from kervan.trade import base_from_data, counterfactual, load_trade

COMMAND = ["trade", "counterfactual", "--epsilon", "5"]


def test_json_is_what_the_library_finds() -> None:
    done = CliRunner().invoke(app, [*COMMAND, "Kazakistan", "Türkiye", "--cut", "20", "--json"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert (said["a"], said["b"], said["model"]) == ("KAZ", "TUR", "caliendo_parro")
    base = base_from_data(load_trade(), epsilon=5.0)
    d_hat = np.ones((80, 80))
    i, j = base.codes.index("KAZ"), base.codes.index("TUR")
    d_hat[i, j] = d_hat[j, i] = 0.8
    found = counterfactual(base, d_hat=d_hat, model="caliendo_parro")
    welfare = [row["welfare"] for row in said["countries"]]
    np.testing.assert_allclose(welfare, found.welfare_hat - 1, atol=1e-12)
    sold = float(found.trade_cf.sel(exporter="TUR", importer="KAZ").sum())
    assert said["pair"][1]["cf_musd"] == pytest.approx(sold)
    assert said["pair"][1]["hat"] > 1


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("between Türkiye and Kazakhstan 10.0% lower", "terms of trade")),
        ("tr", ("Türkiye ile Kazakistan arasındaki", "iki yönde %10,0 düşük", "ticaret hadleri")),
    ],
)  # fmt: skip
def test_screen_in_both_languages(lang: str, words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, [*COMMAND, "--lang", lang])
    assert done.exit_code == 0, done.output
    for word in words:
        assert word in " ".join(done.output.split())


@pytest.mark.parametrize(
    "model", ["conditional", "fixed_expenditure_share", "armington", "eaton_kortum",
              "universal_gravity"],
)  # fmt: skip
def test_every_model_of_one_sector_has_a_screen(model: str) -> None:
    done = CliRunner().invoke(app, [*COMMAND, "--model", model, "--closure", "multiplicative"])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    ("wrong", "status", "said"),
    [
        (["--epsilon", "-1"], 1, "trade elasticity is -1"),
        (["--epsilon", "5", "--model", "none"], 1, "unknown model"),
        (["--epsilon", "5", "--closure", "none"], 1, "unknown closure"),
        (["--epsilon", "5", "--cut", "100"], 2, "from 0 to below 100"),
        ([], 2, "--epsilon"),
        (["AZE", "KAZ", "--epsilon", "5"], 1, "do not have Azerbaijan"),
    ],
)
def test_wrong_use_is_told(wrong: list[str], status: int, said: str) -> None:
    done = CliRunner().invoke(app, ["trade", "counterfactual", *wrong])
    assert done.exit_code == status
    assert said in " ".join(done.output.split())
