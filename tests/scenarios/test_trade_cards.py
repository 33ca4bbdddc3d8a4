"""Cards over tariffs and productivity, of which a study may have no rows at all."""

from __future__ import annotations

from pathlib import Path

import pytest

import kervan
from kervan.core.errors import CardError
from kervan.scenarios import apply_cards, load_card
from kervan.study.trade_rows import productivity_hats, tariff_rates

PAIR = ("ALF", "BET")
ADD = (
    '[[change]]\ndo = "add"\ntable = "tariff"\n'
    'row = { tariff_id = "t", exporter = "ALF", importer = "BET", sector = "goods", rate = 0.08 }'
)
SHIFT = (
    '[[change]]\ndo = "add"\ntable = "productivity"\n'
    'row = { productivity_id = "p", country = "ALF", sector = "metals", hat = 1.1 }'
)


def rate(study: kervan.Study, sector: str = "metals") -> float:
    return float(tariff_rates(study.tables, countries=PAIR).sel(
        exporter="ALF", importer="BET", sector=sector))  # fmt: skip


@pytest.fixture
def taxed(folder: Path) -> Path:
    (folder / "tariff.csv").write_text(
        "tariff_id,exporter,importer,sector,rate\n"
        "a,ALF,BET,goods,0.04\nb,BET,ALF,goods,0.1\nc,ALF,BET,metals,0.02\n",
        encoding="utf-8",
    )
    return folder


def test_rows_are_added_where_the_table_is_absent(folder: Path, write_card) -> None:
    write_card("levy", f"{ADD}\n{SHIFT}")
    study = kervan.open(folder)
    assert not (folder / "tariff.csv").exists()
    changed = apply_cards(study, ["levy"])
    assert (rate(study), rate(changed)) == (0, 0.08)
    hats = productivity_hats(changed.tables, countries=PAIR)
    assert (hats.sel(country="ALF", sector="metals"), hats.sum()) == (1.1, 26.1)
    assert changed.table("tariff").at["t", "duty"] == "MFN"
    evidence = changed.evidence_for("productivity", "p", "hat")
    assert evidence is not None
    assert (evidence.basis, evidence.note) == ("assumed", "scenario card levy")
    assert changed.hash != study.hash
    for lang in ("en", "tr"):
        assert len(load_card(folder, "levy").describe(lang)) == 2


@pytest.mark.parametrize(
    ("where", "left"),
    [
        ('"all"', (0.0, 0.0, 0.0)),
        ('{ between = ["BET", "ALF"] }', (0.0, 0.0, 0.0)),
        ('{ from_country = "ALF" }', (0.0, 0.1, 0.0)),
        ('{ to_country = "ALF", sector = "goods" }', (0.04, 0.0, 0.02)),
        ('{ exporter = "ALF", sector = "metals" }', (0.04, 0.1, 0.0)),
        ('{ country = "BET", id = ["a", "b"] }', (0.0, 0.0, 0.02)),
    ],
)
def test_filters_choose_tariffs_by_their_countries(
    taxed: Path, write_card, where: str, left: tuple[float, float, float]
) -> None:
    write_card("free", f'[[change]]\ndo = "set"\ntable = "tariff"\nwhere = {where}\n'
               "values = { rate = 0 }")  # fmt: skip
    changed = apply_cards(kervan.open(taxed), ["free"])
    assert tuple(changed.table("tariff")["rate"]) == left


def test_a_scaled_tariff_is_derived(taxed: Path, write_card) -> None:
    write_card("less", '[[change]]\ndo = "scale"\ntable = "tariff"\nwhere = "all"\n'
               "factors = { rate = 0.75 }")  # fmt: skip
    changed = apply_cards(kervan.open(taxed), ["less"])
    assert rate(changed, "food") == pytest.approx(0.03)
    evidence = changed.evidence_for("tariff", "a", "rate")
    assert evidence is not None
    assert evidence.basis == "derived"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ('do = "set"\ntable = "tariff"\nwhere = { mode = "rail" }\nvalues = { rate = 0 }', "mode"),
        ('do = "set"\ntable = "tariff"\nwhere = { country = "GAM" }\nvalues = { rate = 0 }',
         "country"),
        ('do = "set"\ntable = "tariff"\nwhere = "all"\nvalues = { rate = -0.1 }', "rate"),
        ('do = "set"\ntable = "tariff"\nwhere = "all"\nvalues = { importer = "GAM" }', "importer"),
        ('do = "scale"\ntable = "productivity"\nwhere = "all"\nfactors = { hat = 2 }', "where"),
        ('do = "close"\ntable = "tariff"\nwhere = "all"', "table"),
        (ADD.removeprefix("[[change]]\n").replace("goods", "gods"), "sector"),
        (SHIFT.removeprefix("[[change]]\n").replace("1.1", "0"), "hat"),
        ('do = "set"\ntable = "demand"\nwhere = "all"\nvalues = { tonnes = 1 }', "table"),
    ],
)  # fmt: skip
def test_changes_that_do_not_fit_are_named(
    taxed: Path, write_card, change: str, field: str
) -> None:
    write_card("bad", f"[[change]]\n{change}")
    with pytest.raises(CardError) as caught:
        apply_cards(kervan.open(taxed), ["bad"])
    assert any(fault.field.endswith(field) for fault in caught.value.faults)
