from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import kervan
from kervan.core.errors import InputError, NameNotFound, TableError
from kervan.study import builtin_studies
from kervan.study.dates import holds
from kervan.study.evidence import evidence_table


@pytest.fixture(scope="module")
def toy() -> kervan.Study:
    return kervan.open("toy")


def test_shipped_studies_open_by_name_and_by_folder(toy: kervan.Study) -> None:
    assert {"toy", "east-west-line"} <= set(builtin_studies())
    assert kervan.open(builtin_studies()["toy"]).hash == toy.hash


def test_a_misspelt_study_is_suggested() -> None:
    with pytest.raises(NameNotFound, match="did you mean east-west-line"):
        kervan.open("east-wst-line")


def test_every_number_of_the_shipped_studies_has_its_evidence() -> None:
    for name in builtin_studies():
        study = kervan.open(name)
        bare = study.evidence[study.evidence["basis"] == "none"]
        assert bare.empty, (name, bare.head(20).to_string())


def test_rows_hold_between_their_dates_and_in_their_season() -> None:
    rows = pd.DataFrame(
        {
            "valid_from": ["", "2017-10-30", "", "", ""],
            "valid_to": ["", "", "2021", "2022-06", ""],
            "months": ["", "", "", "", "11-3"],
        }
    )
    assert list(holds(rows, "2022-07-01")) == [True, True, False, False, False]
    assert list(holds(rows, "2017-01-15")) == [True, False, True, True, True]


def test_as_of_keeps_the_study_it_started_from(toy: kervan.Study) -> None:
    before = toy.hash
    dated = toy.as_of(2020)
    assert dated.when == "2020-07-01"
    assert toy.hash == before
    assert dated.hash != before


def test_as_known_hides_what_came_later(toy: kervan.Study) -> None:
    study = kervan.open("east-west-line")
    early, late = study.as_known("2018-01-01"), study.as_known("2026-01-01")
    assert len(early.table("observation")) < len(late.table("observation"))
    assert len(early.record.claims) < len(late.record.claims) <= len(study.record.claims)


def test_a_named_row_wins_over_a_filter_and_a_filter_over_the_whole_table(
    toy: kervan.Study,
) -> None:
    mode = toy.table("mode")
    first, second = mode.index[:2]
    family = mode.loc[second, "family"]
    lines = pd.DataFrame(
        {
            "evidence_id": ["row", "filter", "table"],
            "table": "mode",
            "row_id": [first, "", ""],
            "filter": ["", f"mode={second};family={family}", ""],
            "field": "speed_kph",
            "claim_id": [(), (), ()],
            "basis": ["derived", "sourced", "assumed"],
            "low": np.nan,
            "high": np.nan,
            "range_kind": "value",
            "note": "x",
        }
    ).set_index("evidence_id", drop=False)
    found = evidence_table({**toy.tables, "evidence": lines})
    speeds = found[(found["table"] == "mode") & (found["field"] == "speed_kph")]
    bases = speeds.set_index("row_id")["basis"]
    assert bases[first] == "derived"
    assert bases[second] == "sourced"
    assert set(bases.drop([first, second])) <= {"assumed"}


def test_a_new_study_has_every_table_and_says_what_is_missing(tmp_path: Path) -> None:
    folder = tmp_path / "my-corridor"
    kervan.new_study(folder)
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        assert (folder / resource["path"]).is_file()
    with pytest.raises(TableError) as caught:
        kervan.open(folder)
    assert [fault.table for fault in caught.value.faults] == ["zone.csv"]


def test_new_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "keep.txt").write_text("mine")
    with pytest.raises(InputError, match="exists already"):
        kervan.new_study(tmp_path)
    assert (tmp_path / "keep.txt").read_text() == "mine"


def test_a_copied_study_filled_by_hand_opens_anywhere(tmp_path: Path, toy: kervan.Study) -> None:
    folder = tmp_path / "elsewhere"
    shutil.copytree(toy.path, folder)
    assert kervan.open(folder).hash == toy.hash
