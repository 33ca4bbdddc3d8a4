"""The record: who said what, where and when, as sources and claims in plain text files."""

from __future__ import annotations

from kervan.record.cite import cite
from kervan.record.dates import date_bounds
from kervan.record.identity import claim_id
from kervan.record.model import Record
from kervan.record.read import read_record
from kervan.record.values import Claim, Link, Party, Source, Thing
from kervan.record.views import memberships, targets

__all__ = [
    "Claim",
    "Link",
    "Party",
    "Record",
    "Source",
    "Thing",
    "cite",
    "claim_id",
    "date_bounds",
    "memberships",
    "read_record",
    "targets",
]
