"""Results kept between runs: the same to the last bit, and never in the way."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd
import pytest

import kervan
from kervan.pipeline import kept
from kervan.pipeline.journeys import kept_journeys
from kervan.pipeline.kept import Bundle, cache_folder, keep, pack, unpack
from kervan.routes.validate import compare_journeys


@pytest.fixture
def bundle():
    table = pd.DataFrame({"x": [0.1 + 0.2, np.nan], "name": ["İğdır", ""], "n": [1, 2]})
    return Bundle({"table": table, "none": pd.DataFrame()}, {"cost": 1 / 3, "year": 2024})


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(kept.VARIABLE, str(tmp_path / "kept"))
    return tmp_path / "kept"


def test_nothing_is_lost_on_the_way(bundle):
    again = unpack(pack(bundle))
    pd.testing.assert_frame_equal(again.tables["table"], bundle.tables["table"], check_exact=True)
    assert again.tables["none"].empty
    assert again.numbers == bundle.numbers
    assert pack(again) == pack(bundle)


def test_made_once_for_the_same_inputs(bundle, folder):
    made = []

    def make():
        made.append(1)
        return bundle

    first, second = keep("x", ["a", 1], make), keep("x", ["a", 1], make)
    assert len(made) == 1
    assert pack(first) == pack(second)
    keep("x", ["a", 2], make)
    assert len(made) == 2


def test_other_code_finds_nothing(bundle, folder, monkeypatch):
    keep("x", "a", lambda: bundle)
    monkeypatch.setattr(kept, "code_version", lambda: "other")
    other = Bundle({}, {"year": 1999})
    assert keep("x", "a", lambda: other).numbers == {"year": 1999}


@pytest.mark.parametrize("damage", [b"", b"PK", b"no archive"])
def test_a_damaged_file_is_made_again(bundle, folder, damage):
    keep("x", "a", lambda: bundle)
    (path,) = folder.glob("*.zip")
    path.write_bytes(damage)
    assert keep("x", "a", lambda: bundle).numbers == bundle.numbers
    assert unpack(path.read_bytes()).numbers == bundle.numbers


def test_a_cut_file_is_made_again(bundle, folder):
    keep("x", "a", lambda: bundle)
    (path,) = folder.glob("*.zip")
    path.write_bytes(path.read_bytes()[:-40])
    assert keep("x", "a", lambda: bundle).numbers == bundle.numbers


def test_a_folder_that_cannot_be_written_only_costs_time(bundle, tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv(kept.VARIABLE, str(blocked / "kept"))
    assert keep("x", "a", lambda: bundle).numbers == bundle.numbers
    assert blocked.read_text() == "not a folder"


def test_an_empty_name_keeps_nothing(bundle, monkeypatch):
    monkeypatch.setenv(kept.VARIABLE, "")
    assert cache_folder() is None
    assert keep("x", "a", lambda: bundle).numbers == bundle.numbers


def test_the_oldest_go_first(bundle, folder, monkeypatch):
    monkeypatch.setattr(kept, "MOST_FILES", 2)
    for n in range(3):
        keep("x", n, lambda: bundle)
        for path in folder.glob("*.zip"):
            stat = path.stat()
            os.utime(path, (stat.st_atime, stat.st_mtime - 100))
    assert len(list(folder.glob("*.zip"))) == 2
    assert not list(folder.glob(".writing*"))


def test_journeys_kept_are_those_compared(folder, monkeypatch):
    study = kervan.open("east-west-line")
    rows = study.table("observation")
    study = study.replace({"observation": rows[rows["kind"] == "journey"].iloc[:4]})
    compared = compare_journeys(study)
    assert compared["modelled_h"].notna().any()
    made = kept_journeys(study)
    monkeypatch.setattr("kervan.pipeline.journeys.compare_journeys", None)
    for rows in (made, kept_journeys(study)):
        pd.testing.assert_frame_equal(rows, compared, check_exact=True)
