"""The layouts of every ``--json`` output; documented in docs/reference/json.md."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from kervan.core.errors import Fault, InputError, KervanError
from kervan.core.results import SCHEMA_VERSION
from kervan.routes import Routes
from kervan.scenarios import Card
from kervan.study import Study

Layout = dict[str, Any]

UNITS = {
    "km": "km",
    "hours": "h",
    "hours_sd": "h",
    "hours_sd_independent": "h",
    "usd_per_t": "USD/t",
    "usd_per_teu": "USD/TEU",
    "kgco2e_per_t": "kg CO2e/t",
    "generalised_cost": "USD/t",
    "share": "1",
}


def to_json(layout: Mapping[str, Any], *, ascii_only: bool = False) -> str:
    """Write a layout as JSON; a number that is not finite becomes null."""
    return json.dumps(_plain(layout), indent=2, ensure_ascii=ascii_only, allow_nan=False) + "\n"


def routes_layout(study: Study, routes: Routes) -> Layout:
    """Lay out `kervan routes --json`: see docs/reference/json.md."""
    return {**_head("routes", study), **routes.to_dict()}


def profile_layout(study: Study, routes: Routes, profiles: Mapping[str, pd.DataFrame]) -> Layout:
    """Lay out `kervan profile --json`: one list of steps per route."""
    return {
        **_head("profile", study),
        "origin": routes.origin,
        "destination": routes.destination,
        "commodity": routes.commodity,
        "profiles": [
            {"corridor": name, "steps": records(steps)} for name, steps in profiles.items()
        ],
    }


def check_layout(study: Study, counts: pd.DataFrame) -> Layout:
    """Lay out `kervan check --json` of a study without faults."""
    totals = counts.drop(columns="table").sum()
    return {
        **_head("check", study),
        "ok": True,
        "rows": {name: len(table) for name, table in study.tables.items()},
        "claims": len(study.record.claims),
        "numbers": {str(basis): int(n) for basis, n in totals.items()},
        "numbers_by_table": records(counts),
        "faults": [],
    }


def error_layout(error: KervanError) -> Layout:
    """Lay out any error under ``--json``."""
    faults = error.faults if isinstance(error, InputError) else ()
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "error",
        "ok": False,
        "error": type(error).__name__,
        "message": str(error),
        "faults": [_fault(fault) for fault in faults],
    }


def scenarios_layout(study: Study, cards: Iterable[Card]) -> Layout:
    """Lay out `kervan scenario list --json` and `show --json`."""
    return {
        **_head("scenarios", study),
        "scenarios": [
            {
                "name": card.name,
                "title_en": card.title("en"),
                "title_tr": card.title("tr"),
                "changes": list(card.describe("en")),
            }
            for card in cards
        ],
    }


def table_layout(kind: str, study: Study, tables: Mapping[str, pd.DataFrame]) -> Layout:
    """Lay out any set of tables as lists of rows."""
    return {**_head(kind, study), **{name: records(table) for name, table in tables.items()}}


def records(table: pd.DataFrame) -> list[Layout]:
    """Give the rows of a table as plain dictionaries."""
    return [
        {str(name): value for name, value in row.items()} for row in table.to_dict(orient="records")
    ]


def _head(kind: str, study: Study) -> Layout:
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": kind,
        "study": study.name,
        "study_hash": study.hash,
        "when": study.when,
        "scenarios": list(study.scenarios),
        "units": UNITS,
    }


def _fault(fault: Fault) -> Layout:
    return dict(vars(fault))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, str | bool) or value is None:
        return value
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        return float(f"{value:.9g}") if math.isfinite(value) else None
    if isinstance(value, Iterable):
        return [_plain(item) for item in value]
    return value
