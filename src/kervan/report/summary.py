"""`summary.json`: the figures of a run for other programs (see docs/reference/output.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kervan.core.results import SCHEMA_VERSION
from kervan.report.layouts import UNITS, records, to_json

if TYPE_CHECKING:
    from kervan.pipeline import RunResult, Sensitivity

CHANGE_UNITS = {
    "hours_change": "h",
    "usd_per_t_change": "USD/t",
    "kgco2e_per_t_change": "kg CO2e/t",
    "generalised_cost_change": "USD/t",
    "focus_share_change": "1",
    "swing": "USD/t",
    "margin": "USD/t",
}


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
        "units": {**UNITS, **CHANGE_UNITS},
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
        "claims": list(result.provenance.claims),
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
