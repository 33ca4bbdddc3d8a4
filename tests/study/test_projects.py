"""project.csv: costs in order, names that exist, and every sourced cost said by a claim."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import kervan
from kervan.core.errors import TableError
from kervan.study.check_projects import COSTS, project_costs, project_names, project_years
from kervan.tables import table_schema

UNSOURCED = "no sourced cost found"


def table(**cells: object) -> dict[str, pd.DataFrame]:
    row = {f.name: np.nan if f.is_number else "" for f in table_schema("project").fields}
    priced = {"cost_central": 5.0, "price_year": 2024.0, "currency": "USD"}
    return {"project": pd.DataFrame([{**row, **priced, **cells}], index=["p"])}


@pytest.mark.parametrize(
    ("cells", "fields"),
    [
        ({}, set()),
        ({"cost_low": 5.0, "cost_high": 5.0}, set()),
        ({"cost_central": np.nan, "price_year": np.nan, "currency": ""}, set()),
        ({"cost_low": 6.0}, {"cost_low"}),
        ({"cost_high": 4.0}, {"cost_central"}),
        ({"cost_central": np.nan, "cost_low": 7.0, "cost_high": 6.0}, {"cost_low", "cost_central"}),
        ({"price_year": np.nan}, {"price_year"}),
        ({"currency": ""}, {"currency"}),
    ],
)
def test_costs_out_of_order_and_costs_without_year_or_currency_are_named(
    cells: dict[str, object], fields: set[str]
) -> None:
    assert {fault.field for fault in project_costs(table(**cells))} == fields


def test_a_project_that_ends_before_it_begins_is_named() -> None:
    years = {"construction_start": 2025.0, "construction_end": 2024.0}
    assert [fault.field for fault in project_years(table(**years))] == ["construction_end"]
    assert project_years(table(construction_start=2025.0)) == []


def test_unknown_cards_and_owners_are_named() -> None:
    known = {"scenarios": frozenset({"closed"}), "parties": frozenset({"tr"})}
    assert project_names(table(scenario="closed", owner="tr"), **known) == []
    faults = project_names(table(scenario="clsed", owner="xx"), **known)
    assert [fault.field for fault in faults] == ["scenario", "owner"]


def test_a_study_with_a_project_of_an_unknown_card_does_not_open(tmp_path: Path) -> None:
    folder = tmp_path / "toy"
    shutil.copytree(kervan.open("toy").path, folder)
    fields = table_schema("project").names
    row = {"project_id": "p", "name_en": "P", "name_tr": "P", "scenario": "no-such-card"}
    cells = ",".join(row.get(field, "") for field in fields)
    (folder / "project.csv").write_text(f"{','.join(fields)}\n{cells}\n", encoding="utf-8")
    with pytest.raises(TableError, match="no-such-card"):
        kervan.open(folder)


def test_every_sourced_cost_is_the_figure_of_a_claim() -> None:
    study = kervan.open("east-west-line")
    claims = {claim.id: claim for claim in study.record.all_claims}
    checked = 0
    for key, row in study.table("project").iterrows():
        for field in COSTS:
            if np.isnan(row[field]):
                continue
            evidence = study.evidence_for("project", str(key), field)
            assert evidence is not None
            assert evidence.basis in {"sourced", "derived"}
            assert evidence.claims
            if evidence.basis == "sourced":
                (claim,) = (claims[name] for name in evidence.claims)
                cost = claim.fields["cost"]
                assert cost["currency"] == "USD"
                assert float(cost["amount"]) / 1e6 == pytest.approx(row[field], abs=1e-9)
                checked += 1
    assert checked == 9


def test_liras_become_dollars_at_the_rate_of_the_credit() -> None:
    row = kervan.open("east-west-line").table("project").loc["kars_dilucu"]
    rate = 103.4e9 / 2.8e9
    assert row["cost_central"] == round(139.5e3 / rate)
    assert row["cost_low"] == round(110e3 / rate)


def test_a_project_without_a_cost_says_so() -> None:
    rows = kervan.open("east-west-line").table("project")
    unpriced = rows[list(COSTS)].isna().all(axis=1)
    assert list(rows["note"].str.startswith(UNSOURCED)) == list(unpriced)
    assert 0 < unpriced.sum() < len(rows)


def test_cards_that_exclude_each_other_share_a_group() -> None:
    study = kervan.open("east-west-line")
    rows = study.table("project")
    groups = dict(zip(rows["scenario"], rows["group"], strict=True))
    assert groups["btk-5mt"] == groups["btk-20mt"] != ""


def test_ranges_of_costs_are_no_inputs_of_the_routes() -> None:
    lines = kervan.open("east-west-line").table("evidence")
    ours = lines[lines["table"] == "project"]
    assert len(ours) > 0
    assert ours[["low", "high"]].isna().all(axis=None)
