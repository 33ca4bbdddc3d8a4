"""The frozen study that every later stage starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from kervan.core.results import digest
from kervan.record import Record
from kervan.study.dates import day_of, holds, last_day
from kervan.study.evidence import (
    Evidence,
    evidence_table,
    line_as_evidence,
    table_evidence,
)
from kervan.study.settings import StudySettings

DATED = ("link", "transfer", "border", "service")
"""Tables whose rows carry `valid_from`, `valid_to` and `months`."""


@dataclass(frozen=True)
class Study:
    """Everything a person wrote about a corridor, checked and frozen.

    Attributes
    ----------
    path : Path
        Folder it was read from.
    settings : StudySettings
        Contents of `study.toml`.
    tables : mapping of str to DataFrame
        Tables by name, indexed by their key.
    record : Record
        Sources and claims.
    when : str
        Day the rows were chosen for; empty for all rows.
    known : str
        Day up to which claims and observations are known; empty for all.
    scenarios : tuple of str
        Names of the scenario cards applied.
    constants : tuple of (str, float)
        Corridors and the USD/t that a calibration adds to the cost by which their routes are
        chosen; empty without one.
    """

    path: Path
    settings: StudySettings
    tables: Mapping[str, pd.DataFrame]
    record: Record
    when: str = ""
    known: str = ""
    scenarios: tuple[str, ...] = field(default=())
    constants: tuple[tuple[str, float], ...] = ()
    _lines_of: dict[str, dict[tuple[str, str], str]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def name(self) -> str:
        """Name of the study."""
        return self.settings.name

    def title(self, lang: str = "en") -> str:
        """Title in English or Turkish."""
        return self.settings.title_tr if lang == "tr" else self.settings.title_en

    def table(self, name: str) -> pd.DataFrame:
        """Give a table by name."""
        return self.tables[name]

    @cached_property
    def hash(self) -> str:
        """Hash of settings, tables and dates; drawing geometry is left out."""
        parts: list[object] = [repr(self.settings), self.when, self.known]
        parts += map(repr, self.constants)
        for name in sorted(self.tables):
            parts += [name, self.tables[name].drop(columns="geometry", errors="ignore")]
        return digest(parts)

    def as_of(self, when: str | int) -> Study:
        """Keep the rows that hold on a day.

        Parameters
        ----------
        when : str or int
            Day, month (its first day) or year (its 1 July).

        Returns
        -------
        Study
            The study on that day.
        """
        day = day_of(when)
        chosen = {name: self.tables[name][holds(self.tables[name], day)] for name in DATED}
        return self.replace(chosen, when=day)

    def as_known(self, day: str) -> Study:
        """Keep the claims and observations that were known on a day."""
        rows = self.tables["observation"]
        known = [_available(row) <= last_day(day) for _, row in rows.iterrows()]
        study = self.replace({"observation": rows[pd.Series(known, rows.index, dtype=bool)]})
        return replace(study, record=self.record.as_known(day), known=day)

    def replace(
        self,
        tables: Mapping[str, pd.DataFrame],
        *,
        settings: StudySettings | None = None,
        when: str | None = None,
        scenarios: tuple[str, ...] | None = None,
        constants: tuple[tuple[str, float], ...] | None = None,
    ) -> Study:
        """Give a study with some tables, settings or labels replaced; this one stays as it is."""
        return replace(
            self,
            tables=MappingProxyType({**self.tables, **tables}),
            settings=settings or self.settings,
            when=self.when if when is None else when,
            scenarios=self.scenarios if scenarios is None else scenarios,
            constants=self.constants if constants is None else constants,
        )

    @cached_property
    def evidence(self) -> pd.DataFrame:
        """Line of evidence of every number: table, row_id, field, basis, evidence_id."""
        return evidence_table(self.tables)

    def _line_of(self, table: str, row_id: str, field: str) -> str:
        """Key of the line of evidence of one number; empty where none covers it."""
        if table not in self._lines_of:
            found = table_evidence(self.tables, table)
            places = zip(found["row_id"], found["field"], strict=True)
            self._lines_of[table] = dict(zip(places, found["evidence_id"], strict=True))
        return self._lines_of[table].get((row_id, field), "")

    @cached_property
    def _evidence_lines(self) -> dict[str, dict[str, Any]]:
        rows = self.tables["evidence"].to_dict("records")
        return {str(row["evidence_id"]): {str(k): v for k, v in row.items()} for row in rows}

    def evidence_for(self, table: str, row_id: str, field: str) -> Evidence | None:
        """Give the evidence of one number; None where no line covers it."""
        line = self._line_of(table, row_id, field)
        if not line:
            return None
        value = float(self.tables[table][field][row_id])
        return line_as_evidence(self._evidence_lines[line], value)

    def claims_for(self, table: str, row_id: str, field: str) -> tuple[str, ...] | None:
        """Give the claims behind one number; None where no line of evidence covers it."""
        line = self._line_of(table, row_id, field)
        return tuple(self._evidence_lines[line]["claim_id"]) if line else None

    def names(self, table: str = "zone") -> dict[str, tuple[str, ...]]:
        """Give every name a zone or node goes by: English, Turkish and UN/LOCODE."""
        rows = self.tables[table]
        columns = [rows[column] for column in ("name_en", "name_tr", "unlocode")]
        return {
            str(key): tuple(name for name in spellings if name)
            for key, *spellings in zip(rows.index, *columns, strict=True)
        }

    def _repr_html_(self) -> str:
        counts = self.evidence["basis"].value_counts().to_dict()
        rows = "".join(f"<tr><td>{k}</td><td>{len(v)}</td></tr>" for k, v in self.tables.items())
        numbers = ", ".join(f"{n} {basis}" for basis, n in sorted(counts.items()))
        return (
            f"<b>{self.title()}</b> ({self.name}, {self.when or 'all dates'})<br>{numbers}"
            f"<table><tr><th>table</th><th>rows</th></tr>{rows}</table>"
        )


def _available(row: pd.Series) -> str:
    if row["available_on"]:
        return last_day(row["available_on"])
    return f"{int(row['date'][:4]) + 1}-03-31"
