"""`summary.json`: the figures of a run for other programs (see docs/reference/output.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kervan.core.results import SCHEMA_VERSION
from kervan.report.effects_layout import UNITS as TRADE_UNITS
from kervan.report.effects_layout import trade_layouts
from kervan.report.headlines import headline_table, headlines_of
from kervan.report.layouts import UNITS, records, to_json

if TYPE_CHECKING:
    from kervan.pipeline import Flows, RunResult, Sensitivity

CHANGE_UNITS = {
    "hours_change": "h",
    "usd_per_t_change": "USD/t",
    "kgco2e_per_t_change": "kg CO2e/t",
    "generalised_cost_change": "USD/t",
    "focus_share_change": "1",
    "swing": "USD/t",
    "margin": "USD/t",
    "tonnes": "t/yr",
    "change_t": "t/yr",
    "demand_t": "t/yr",
    "served_t": "t/yr",
    "unserved_t": "t/yr",
    "spare_t": "t/yr",
    "teu": "TEU/yr",
    "load": "1",
    "shadow_usd_per_t": "USD/t",
    "shadow_usd_per_unit": "USD/yr",
    "cost_usd": "USD/yr",
    "total_cost_usd": "USD/yr",
    "expected_cost_usd": "USD/yr",
}
PROOFS = (
    "starts", "failed_starts", "demand_t", "served_t", "total_cost_usd", "expected_cost_usd",
    "relative_gap", "node_balance", "overload", "complementarity", "residual",
)  # fmt: skip
MOST_ROWS = 50
"""Rows of critical rows and users in the summary; the tables hold all."""
LOADS = [
    "scenario", "kind", "ref_id", "mode", "from_node_id", "to_node_id", "tonnes", "teu",
    "capacity", "capacity_unit", "load", "shadow_usd_per_unit", "shadow_usd_per_t",
]  # fmt: skip


def summary_layout(result: RunResult) -> dict[str, Any]:
    """Lay out the summary of a run.

    Parameters
    ----------
    result : RunResult
        The run.

    Returns
    -------
    dict
        Documented in docs/reference/output.md; numbers that are not finite are written as null.
    """
    study = result.study
    totals = result.evidence.drop(columns="table").sum()
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "run",
        "study": study.name,
        "title": {lang: study.title(lang) for lang in ("en", "tr")},
        "study_hash": result.provenance.inputs,
        "when": study.when,
        "price_year": study.settings.price_year,
        "options": dict(result.provenance.options),
        "units": {**UNITS, **CHANGE_UNITS, **TRADE_UNITS},
        "evidence": {
            "numbers": {str(basis): int(n) for basis, n in totals.items()},
            "by_table": records(result.evidence),
            "claims": len(study.record.claims),
            "sources": len(study.record.sources),
        },
        "scenarios": [
            {"name": solved.name, "title": {lang: solved.title(lang) for lang in ("en", "tr")}}
            for solved in result.scenarios
        ],
        "corridors": records(result.corridor_table),
        "differences": records(result.difference_table),
        "sensitivity": _sensitivity(result.sensitivity),
        "journeys": {
            "summary": records(result.journey_summary),
            "rows": records(result.journeys),
        },
        "flows": _flows(result.flows),
        "no_flows": result.no_flows,
        "claims": list(result.provenance.claims),
        "headlines": records(headline_table(headlines_of(result))),
        "uncertainty": _uncertainty(result),
        **trade_layouts(result),
    }


def summary_json(result: RunResult) -> str:
    """Write the summary as JSON text."""
    return to_json(summary_layout(result))


def _sensitivity(found: Sensitivity | None) -> dict[str, Any] | None:
    if found is None:
        return None
    flip = found.flip
    return {
        "headline": dict(vars(found.headline)),
        "deciding_inputs": records(found.deciding),
        "variance_shares": dict(found.variance_shares),
        "flip": {
            "leader": flip.leader,
            "probability": flip.probability,
            "low": flip.low,
            "high": flip.high,
            "leaders": dict(flip.leaders),
            "draws": flip.draws,
            "seed": flip.seed,
        },
    }


def _uncertainty(result: RunResult) -> dict[str, Any] | None:
    """Lay out the stored draws that hold for this study and program; None without."""
    stored = result.intervals
    if stored is None:
        return None
    return {
        "headline": list(stored.headline),
        "variance_shares": dict(stored.shares),
        "deciding_inputs": records(stored.deciding),
        "intervals": records(stored.intervals),
        "draws": stored.draws,
        "done": stored.done,
        "seed": stored.seed,
        "command": stored.command,
    }


def _flows(flows: Flows | None) -> dict[str, Any] | None:
    if flows is None:
        return None
    return {
        "year": flows.baseline.year,
        "scenarios": [
            {"name": name, **{proof: getattr(of, proof) for proof in PROOFS}}
            for name, of in flows.scenarios.items()
        ],
        "unsettled": dict(flows.unsettled),
        "corridors": records(flows.corridors),
        "loads": records(flows.loads[LOADS]),
        "unserved": records(flows.unserved),
        "critical": records(flows.critical.head(MOST_ROWS)),
        "capacity_rows": flows.capacity_rows,
        "capacity": records(flows.capacity),
        "spare": records(flows.spare),
        "key_row": flows.key_row,
        "users": records(flows.users.head(MOST_ROWS)),
    }
