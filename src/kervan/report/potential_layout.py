"""The layout of `kervan trade potential --json`; documented in docs/reference/json.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from kervan.core.results import SCHEMA_VERSION
from kervan.pipeline import CorridorRun
from kervan.report.layouts import records
from kervan.trade.gravity import (
    CorridorPart,
    CrossPrediction,
    GravityFit,
    Potential,
    rank_partners,
)

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
    corridor: CorridorRun | None = None,
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
        "corridor": [] if corridor is None else [_corridor(corridor)],
    }


def _corridor(run: CorridorRun) -> dict[str, Any]:
    return {
        "study": run.study.name,
        "when": str(run.study.when),
        "formula": str(run.fit.specification),
        "rows": len(run.fit.rows),
        "outside": run.outside,
        "countries": sorted(set(run.data["exporter"]) | set(run.data["importer"])),
        "not_coded": [f"{a}-{b}" for a, b in run.skims.not_coded],
        "weights": [{"commodity": k, "weight": w} for k, w in run.skims.weights.items()],
        "reset_p": run.reset_p,
        "coefficients": records(run.fit.table().reset_index()),
        "parts": [_part(flow, part) for flow, part in zip(run.flows, run.parts, strict=True)],
    }


def _part(flow: Potential, part: CorridorPart) -> dict[str, Any]:
    frontier = part.frontier
    names = ("predicted_at", "gap", "corridor", "corridor_low", "corridor_high", "rest")
    return {
        **{name: getattr(flow, name) for name in ("exporter", "importer", "actual", "predicted")},
        "cost_share": frontier.actual,
        "frontier": frontier.value,
        "frontier_low": frontier.low,
        "frontier_high": frontier.high,
        "quantile": frontier.quantile,
        "slope": frontier.slope,
        "frontier_pairs": frontier.pairs,
        "level": frontier.level,
        **{name: getattr(part, name) for name in names},
    }


def _partners(cross: CrossPrediction, flows: Sequence[Potential]) -> pd.DataFrame:
    ranked = [
        rank_partners(cross, flow.exporter, time=flow.time).assign(exporter=flow.exporter)
        for flow in flows
    ]
    return pd.concat(ranked, ignore_index=True)
