"""Draws laid out as JSON, and those that a study ships."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kervan.core.files import write_text
from kervan.pipeline.intervals import Intervals
from kervan.pipeline.uncertainty.experiment import DRAW
from kervan.pipeline.uncertainty.files import as_layout, of_kind
from kervan.pipeline.uncertainty.identity import identity_of
from kervan.pipeline.uncertainty.run import Uncertainty
from kervan.pipeline.uncertainty.summary import DECIDING, UNITS
from kervan.study import Study
from kervan.study.locate import builtin_studies

FILE = "uncertainty.json"
FOLDER = "uncertainty"
FIRST = 10
"""Draws whose outcomes are kept whole, for whoever computes them again."""
RANKED = 40
"""Inputs in the file; all of them are in the CSV beside it."""
Layout = dict[str, Any]


def command_of(result: Uncertainty, study: str = "") -> str:
    """Write the command that makes a set of draws again, whatever worked it out."""
    identity = result.identity
    parts = ["kervan uncertainty", study or identity["study"], f"--draws {result.asked}"]
    parts.append(f"--seed {identity['seed']}")
    parts += [f"--scenario {name}" for name in identity["scenarios"]]
    return " ".join(parts)


def uncertainty_layout(result: Uncertainty) -> Layout:
    """Lay out a set of draws; documented in docs/reference/json.md.

    Parameters
    ----------
    result : Uncertainty
        The draws.

    Returns
    -------
    dict
        Of what JSON knows; numbers that are not finite are null.
    """
    summary = result.summary
    scenario, outcome = summary.headline
    ranks = summary.ranks
    layout: Layout = _plain(
        {
            **result.identity,
            "kind": "uncertainty",
            "units": dict(UNITS),
            "command": command_of(result),
            "draws": {
                "asked": result.asked,
                "finished": len(of_kind(result.records, DRAW)),
                "without_failure": summary.done,
                "complete": result.complete,
            },
            "headline": {"scenario": scenario, "outcome": outcome},
            "intervals": summary.intervals.to_dict("records"),
            "variance_shares": dict(summary.shares),
            "deciding": ranks.head(DECIDING).to_dict("records"),
            "tornado": summary.tornado.to_dict("records"),
            "rank_correlations": ranks.head(RANKED).to_dict("records"),
            "inputs": {"drawn": len(result.experiment.inputs), "counted": len(ranks)},
            "failed": summary.failed.to_dict("records"),
            "claims": list(result.provenance.claims),
            "first_draws": [as_layout(one) for one in of_kind(result.records, DRAW)[:FIRST]],
        }
    )
    return layout


def write_uncertainty(result: Uncertainty, folder: Path) -> list[Path]:
    """Write a set of draws.

    Parameters
    ----------
    result : Uncertainty
        The draws.
    folder : Path
        Folder.

    Returns
    -------
    list of Path
        uncertainty.json, and its tables as CSV.
    """
    layout = uncertainty_layout(result)
    written = [folder / FILE]
    text = json.dumps(layout, indent=1, ensure_ascii=False, allow_nan=False)
    write_text(written[0], text + "\n")
    summary = result.summary
    tables = {"intervals": summary.intervals, "tornado": summary.tornado,
              "rank_correlations": summary.ranks, "failed": summary.failed}  # fmt: skip
    for name, table in tables.items():
        written.append(folder / f"{name}.csv")
        write_text(written[-1], _flat(table).to_csv(index=False, lineterminator="\n"))
    return written


def _flat(table: pd.DataFrame) -> pd.DataFrame:
    """Join lists of claims by ``|``."""
    if "claim_ids" not in table:
        return table
    return table.assign(claim_ids=table["claim_ids"].map("|".join))


def shipped_path(study: Study) -> Path | None:
    """Give where the stored draws of a study stand.

    Parameters
    ----------
    study : Study
        The study.

    Returns
    -------
    Path or None
        None for a study that is not shipped.
    """
    folder = builtin_studies().get(study.name)
    return None if folder is None else folder / FOLDER / FILE


def stored_intervals(study: Study, *, path: Path | None = None) -> Intervals | None:
    """Read the draws that a study ships, where they still hold.

    Parameters
    ----------
    study : Study
        The study without cards; read for its base year where it is of all dates.
    path : Path, optional
        File to read; the shipped one by default.

    Returns
    -------
    Intervals or None
        None where there is none, or the study, its cards, its targets or the program have changed
        since: then the intervals are not computed.
    """
    place = path or shipped_path(study)
    if place is None or not place.is_file():
        return None
    layout = json.loads(place.read_text("utf-8"))
    dated = study if study.when else study.as_of(study.settings.base_year)
    if study.scenarios or not _still(layout, dated):
        return None
    tables = {name: _table(layout[name]) for name in ("intervals", "deciding")}
    numbers = ("n", "central", "mean", "p5", "p25", "median", "p75", "p95")
    return Intervals(
        intervals=tables["intervals"].astype(dict.fromkeys(numbers, float)),
        deciding=tables["deciding"],
        shares={k: math.nan if v is None else v for k, v in layout["variance_shares"].items()},
        headline=(layout["headline"]["scenario"], layout["headline"]["outcome"]),
        draws=layout["draws"]["asked"],
        done=layout["draws"]["without_failure"],
        seed=layout["seed"],
        command=layout["command"],
    )


def _still(layout: Layout, study: Study) -> bool:
    """Whether a stored set holds for a study as it is."""
    try:
        now = identity_of(study, layout["scenarios"], layout["seed"])
    except (KeyError, LookupError, ValueError):
        return False
    return all(layout.get(name) == value for name, value in now.items())


def _table(rows: list[Layout]) -> pd.DataFrame:
    return pd.DataFrame(rows)


def _plain(value: Any) -> Any:
    """Turn arrays, tuples and numbers that are not finite into what JSON knows."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
