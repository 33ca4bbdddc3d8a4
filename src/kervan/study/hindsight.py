"""Inputs of a study that were not known on a day: what an answer 'as known then' owes to later."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd

from kervan.record.dates import date_bounds
from kervan.record.values import Claim
from kervan.study.evidence import SETTINGS
from kervan.study.model import DATED, Study

CLAIM, DATE, UNDATED = "claim", "date", "undated"
LATER_COLUMNS = (
    "table", "evidence_id", "basis", "kind", "numbers", "claim_id", "source", "title",
    "source_date", "known_on",
)  # fmt: skip
SUMMARY_COLUMNS = ("table", "numbers", "claims_later", "numbers_later", "numbers_undated")


def later_inputs(study: Study, day: str) -> pd.DataFrame:
    """List the inputs of a study that are later than a day.

    Parameters
    ----------
    study : Study
        The study, with the scenarios and on the day that the answer is read from.
    day : str
        Day of the question; of a month or a year, its last day counts.

    Returns
    -------
    DataFrame
        One row per line of evidence and reason: table, evidence_id (empty: no line), basis, kind,
        numbers (of the study that rest on it), claim_id, source, title, source_date (as the source
        states it) and known_on. Kind ``claim``: a claim behind the numbers was first known later;
        such a line has a row for each later claim, with the same numbers; of a claim
        that `Study.as_known` took out of the record only the id is left. Kind ``date``: the row
        itself is of a later year or begins to hold later. Kind ``undated``: no claim stands behind
        the numbers; they were assumed or worked out when the study was written, and bear no date.

    Raises
    ------
    ValueError
        If the day is no date.
    """
    latest = date_bounds(day)[1]
    used = _numbers(study).assign(late=lambda frame: _rows_later(study, frame, latest))
    rows = [
        row
        for (table, line), own in used.groupby(["table", "evidence_id"], sort=True)
        for row in _of_line(study, (str(table), str(line)), own, latest)
    ]
    return pd.DataFrame(rows, columns=list(LATER_COLUMNS))


def summarise_later(study: Study, later: pd.DataFrame) -> pd.DataFrame:
    """Count later inputs by table.

    Parameters
    ----------
    study : Study
        The study that `later_inputs` was given.
    later : DataFrame
        Its result.

    Returns
    -------
    DataFrame
        table, numbers (all of the table), claims_later (claims first known later), numbers_later
        (numbers that rest on one or are of a later date) and numbers_undated (no claim behind
        them), for each table that has numbers.
    """
    lines = later.drop_duplicates(["table", "evidence_id", "kind"])
    counts = _numbers(study)["table"].value_counts(sort=False)
    rows = []
    for table, numbers in counts.items():
        own = lines[lines["table"] == table]
        claims = later.loc[(later["table"] == table) & (later["kind"] == CLAIM), "claim_id"]
        undated = own["kind"] == UNDATED
        rows.append(
            (table, int(numbers), claims.nunique(), int(own.loc[~undated, "numbers"].sum()),
             int(own.loc[undated, "numbers"].sum()))
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(SUMMARY_COLUMNS))


def _numbers(study: Study) -> pd.DataFrame:
    """Give every number with its line of evidence, settings with one included."""
    used = study.evidence[["table", "row_id", "field", "basis", "evidence_id"]]
    lines = study.table("evidence")
    lines = lines[lines["table"] == SETTINGS]
    settings = lines[["table", "row_id", "field", "basis", "evidence_id"]]
    found = pd.concat([used, settings], ignore_index=True) if len(settings) else used
    return found[found["field"] != "year"]


def _rows_later(study: Study, used: pd.DataFrame, latest: date) -> np.ndarray:
    """Tell which numbers stand in rows of a later year, or that begin to hold later."""
    late = np.zeros(len(used), dtype=bool)
    for name in used["table"].unique():
        mine = (used["table"] == name).to_numpy()
        if name != SETTINGS:
            rows = study.table(str(name))
            begins = _begins_later(str(name), rows, latest)
            late[mine] = used.loc[mine, "row_id"].map(begins).to_numpy(dtype=bool)
    return late


def _begins_later(name: str, rows: pd.DataFrame, latest: date) -> pd.Series:
    starts = rows["valid_from"] if name in DATED else [""] * len(rows)
    late = np.array([bool(day) and date_bounds(str(day))[0] > latest for day in starts], bool)
    if "year" in rows:
        late |= rows["year"].to_numpy(dtype=float) > latest.year
    return pd.Series(late, rows.index)


def _of_line(
    study: Study, key: tuple[str, str], own: pd.DataFrame, latest: date
) -> Iterator[dict[str, object]]:
    table, line = key
    known = study.table("evidence")
    claims: tuple[str, ...] = known["claim_id"][line] if line else ()
    common = {"table": table, "evidence_id": line, "basis": str(own["basis"].iloc[0])}
    found = {claim: study.record.find(claim) for claim in claims}
    later = {key: claim for key, claim in found.items() if _is_later(claim, latest)}
    if later:
        for name, claim in later.items():
            said = _source(study, claim) if claim else _BLANK
            yield {**common, "kind": CLAIM, "numbers": len(own), **said, "claim_id": name}
        return
    dated = int(own["late"].sum())
    if dated:
        yield {**common, "kind": DATE, "numbers": dated, **_BLANK}
    if not claims and dated < len(own):
        yield {**common, "kind": UNDATED, "numbers": len(own) - dated, **_BLANK}


_BLANK = dict.fromkeys(("claim_id", "source", "title", "source_date", "known_on"), "")


def _is_later(claim: Claim | None, latest: date) -> bool:
    """Tell whether a claim was first known later; one that the record leaves out was."""
    return claim is None or claim.known_on() > latest


def _source(study: Study, claim: Claim) -> dict[str, str]:
    source = study.record.sources[claim.source]
    return {
        "source": claim.source,
        "title": source.title,
        "source_date": source.issued or "",
        "known_on": claim.known_on().isoformat(),
    }
