"""Tables drawn from the accepted claims, each row with the claim behind it."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from kervan.record.dates import date_bounds
from kervan.record.model import Record

__all__ = ["memberships", "targets"]


def targets(record: Record) -> pd.DataFrame:
    """Return every accepted target, oldest first.

    Parameters
    ----------
    record : Record
        The record.

    Returns
    -------
    pandas.DataFrame
        Columns claim_id, thing, indicator_key, a, b, flow, value (in units of `currency`),
        currency, bound, due, due_text, set_on, asserted_on.
    """
    rows = []
    for claim in record.accepted().query(kind="target").all_claims:
        fields = claim.fields
        money = fields["value"]
        rows.append(
            {
                "claim_id": claim.id,
                "thing": claim.thing,
                **{name: fields[name] for name in ("indicator_key", "a", "b", "flow")},
                "value": float(Decimal(money["amount"])),
                "currency": money["currency"],
                "bound": money["bound"],
                **{name: fields.get(name) for name in ("due", "due_text", "set_on")},
                "asserted_on": claim.asserted_on,
            }
        )
    columns = "claim_id thing indicator_key a b flow value currency bound due due_text set_on"
    frame = pd.DataFrame(rows, columns=[*columns.split(), "asserted_on"])
    return frame.sort_values(["asserted_on", "value"], ignore_index=True, na_position="first")


def memberships(record: Record, as_of: str) -> pd.DataFrame:
    """Return who belongs to what on a date, by the accepted claims.

    Parameters
    ----------
    record : Record
        The record.
    as_of : str
        Date; of a month or a year, its last day counts.

    Returns
    -------
    pandas.DataFrame
        One row per member and organisation: member, organisation, status, start (earliest stated,
        missing if no claim states one) and claim_ids. A claim with neither start nor date holds
        always; one that only says "member as of D" holds from D on.
    """
    day = date_bounds(as_of)[1]
    groups: dict[tuple[str, str], dict[str, object]] = {}
    ids: dict[tuple[str, str], list[str]] = {}
    for claim in record.accepted().query(kind="membership").all_claims:
        fields = claim.fields
        since, until = fields.get("start") or fields.get("as_of"), fields.get("end")
        if (since and date_bounds(since)[0] > day) or (until and date_bounds(until)[1] < day):
            continue
        key = (fields["member"], fields["organisation"])
        ids.setdefault(key, []).append(claim.id)
        row = groups.setdefault(key, {"status": fields["status"], "start": None})
        if fields["status"] != "full":
            row["status"] = fields["status"]
        row["start"] = min(filter(None, (row["start"], fields.get("start"))), default=None, key=str)
    rows = [(*key, row["status"], row["start"], tuple(ids[key])) for key, row in groups.items()]
    frame = pd.DataFrame(rows, columns=["member", "organisation", "status", "start", "claim_ids"])
    return frame.sort_values(["organisation", "member"], ignore_index=True)
