"""Read a study's folder; every fault of every table is found before anything is raised."""

from __future__ import annotations

import os
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from kervan.core.errors import Fault, RecordError, TableError
from kervan.record import Record, read_record
from kervan.study.check import check_study
from kervan.study.check_projects import project_names
from kervan.study.locate import find_study
from kervan.study.model import Study
from kervan.study.settings import question_faults, read_settings
from kervan.tables import TABLE_NAMES, read_table
from kervan.tables.dictionary import REQUIRED_TABLES


def open_study(name_or_folder: str | Path) -> Study:
    """Open a study.

    Parameters
    ----------
    name_or_folder : str or Path
        Name of a shipped study (``"east-west-line"``, ``"toy"``) or a folder.

    Returns
    -------
    Study
        The study, checked and frozen.

    Raises
    ------
    NameNotFound
        If there is no such study.
    TableError
        If anything in it is wrong; lists every fault of every table, the settings and the record.
    """
    folder = find_study(name_or_folder)
    settings, faults = read_settings(folder)
    tables: dict[str, pd.DataFrame] = {}
    for name in TABLE_NAMES:
        tables[name], found = read_table(folder, name)
        faults += found
    faults += _missing_tables(folder)
    record, found = _read_record(folder)
    faults += found
    faults += check_study(tables, settings, frozenset(record.claims["id"]))
    cards = _card_names(folder)
    faults += project_names(tables, scenarios=cards, parties=frozenset(record.parties))
    faults += question_faults(settings, cards)
    if faults or settings is None:
        raise TableError(faults, f"{len(faults)} fault(s) in the study {folder.name}:")
    return Study(folder, settings, MappingProxyType(tables), record)


def _missing_tables(folder: Path) -> list[Fault]:
    return [
        Fault(f"{name}.csv", "", "", "the table is missing", "start with kervan new DIR")
        for name in REQUIRED_TABLES
        if not any(os.path.lexists(folder / f"{name}{suffix}") for suffix in (".csv", ".parquet"))
    ]


def _card_names(folder: Path) -> frozenset[str]:
    return frozenset(path.stem for path in (folder / "scenarios").glob("*.toml"))


def _read_record(folder: Path) -> tuple[Record, list[Fault]]:
    try:
        return read_record(folder / "record"), []
    except RecordError as error:
        return read_record(folder / "record-that-does-not-exist"), list(error.faults)
