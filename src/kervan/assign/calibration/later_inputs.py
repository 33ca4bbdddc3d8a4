"""Inputs of a forecast that were not known on its day: hindsight that could not be avoided."""

from __future__ import annotations

from datetime import date

import pandas as pd

from kervan.assign.calibration.years import SHOCK, origin_of
from kervan.study import Study

MODEL_TABLES = (
    "link", "border", "transfer", "service", "mode", "commodity", "balance", "demand",
)  # fmt: skip
"""Tables that a prediction reads."""

CLAIM, ASSUMPTION, CARD = "claim", "assumption", "card"
LATER_COLUMNS = (
    "year", "origin", "kind", "table", "evidence_id", "claim_id", "known_on", "numbers", "of",
)  # fmt: skip


def later_inputs(study: Study, year: int) -> pd.DataFrame:
    """List the inputs of a year's forecast that its day, 31 March, did not know.

    Parameters
    ----------
    study : Study
        The study on a day of the year, shocks applied.
    year : int
        Year forecast.

    Returns
    -------
    DataFrame
        year, origin, kind, table, evidence_id, claim_id, known_on, numbers (how many of the
        year's numbers rest on it) and of (numbers of that table). Kind ``claim``: asserted after
        the origin. Kind ``assumption``: figures without a claim, assumed or worked out when the
        study was written; they bear no date. Kind ``card``: a shock; it was written later than
        any origin, though the event was known.

    Notes
    -----
    Demand of the year itself and of later years is left out, as a forecast does not read it.
    """
    used = _used(study, year)
    totals = used["table"].value_counts()
    counts = used.groupby(["table", "evidence_id"], sort=True).size().reset_index(name="numbers")
    lines = study.table("evidence")
    latest = date.fromisoformat(origin_of(year))
    rows: list[dict[str, object]] = []
    for table, line, numbers in counts.itertuples(index=False):
        claims = tuple(lines.loc[line, "claim_id"]) if line else ()
        common = {"table": table, "evidence_id": line, "numbers": numbers, "of": totals[table]}
        if not claims:
            rows.append({"kind": ASSUMPTION, "claim_id": "", "known_on": "", **common})
        for claim in claims:
            found = study.record.find(claim)
            if found is not None and found.known_on() > latest:
                known = found.known_on().isoformat()
                rows.append({"kind": CLAIM, "claim_id": claim, "known_on": known, **common})
    rows += [
        {"kind": CARD, "table": "", "evidence_id": name, "claim_id": "", "known_on": "",
         "numbers": 0, "of": 0}
        for name in study.scenarios
        if SHOCK.fullmatch(name)
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(LATER_COLUMNS[2:]))
    return frame.assign(year=year, origin=origin_of(year))[list(LATER_COLUMNS)]


def _used(study: Study, year: int) -> pd.DataFrame:
    used = study.evidence
    used = used[used["table"].isin(MODEL_TABLES) & (used["field"] != "year")]
    demand = study.table("demand")
    unread = demand.index[demand["year"] >= year]
    return used[~((used["table"] == "demand") & used["row_id"].isin(unread))]


def summarise_later(later: pd.DataFrame) -> pd.DataFrame:
    """Count later-dated inputs by year and table.

    Parameters
    ----------
    later : DataFrame
        From `later_inputs`, of one or more years.

    Returns
    -------
    DataFrame
        year, table, numbers (of the table), claims_later (claims dated after the origin),
        numbers_later (numbers that rest on one) and numbers_assumed (without any claim).
    """
    rows = []
    for (year, table), own in later[later["table"] != ""].groupby(["year", "table"], sort=True):
        dated = own[own["kind"] == CLAIM]
        rows.append(
            {
                "year": year,
                "table": table,
                "numbers": int(own["of"].max()),
                "claims_later": dated["claim_id"].nunique(),
                "numbers_later": int(dated.drop_duplicates("evidence_id")["numbers"].sum()),
                "numbers_assumed": int(own.loc[own["kind"] == ASSUMPTION, "numbers"].sum()),
            }
        )
    columns = ["year", "table", "numbers", "claims_later", "numbers_later", "numbers_assumed"]
    return pd.DataFrame(rows, columns=columns)
