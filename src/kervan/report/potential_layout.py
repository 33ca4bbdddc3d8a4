"""The layout of `kervan trade potential --json`; documented in docs/reference/json.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from kervan.core.results import SCHEMA_VERSION
from kervan.report.layouts import records
from kervan.trade.gravity import CrossPrediction, GravityFit, Potential, rank_partners

__all__ = ["potential_layout"]

FLOW = (
    *("exporter", "importer", "time", "actual", "predicted", "gap", "low", "high", "level"),
    *("log_se", "percentile", "neighbours", "comparable", "predicted_at"),
)


def potential_layout(
    fit: GravityFit,
    cross: CrossPrediction,
    flows: Sequence[Potential],
    said: Mapping[str, Any],
) -> dict[str, Any]:
    """Lay out flows against their predictions, the equation and the partners of each exporter."""
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "trade-potential",
        **said,
        "formula": str(fit.specification),
        "engine": fit.engine,
        "errors": fit.errors,
        "rows": len(fit.rows),
        "separated": len(fit.separated),
        "folds": cross.folds,
        "seed": cross.seed,
        "net_zero": cross.net_zero,
        "input_hash": fit.provenance.inputs,
        "coefficients": records(fit.table().reset_index()),
        "flows": [{name: getattr(flow, name) for name in FLOW} for flow in flows],
        "partners": records(_partners(cross, flows)),
    }


def _partners(cross: CrossPrediction, flows: Sequence[Potential]) -> pd.DataFrame:
    ranked = [
        rank_partners(cross, flow.exporter, time=flow.time).assign(exporter=flow.exporter)
        for flow in flows
    ]
    return pd.concat(ranked, ignore_index=True)
