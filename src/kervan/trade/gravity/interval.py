"""How far a flow may lie from its prediction: spread of residuals, uncertainty of estimates."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import linalg

from kervan.core.errors import Infeasible
from kervan.trade.gravity.effects import indicator
from kervan.trade.gravity.fit import GravityFit
from kervan.trade.gravity.sample import Sample
from kervan.trade.gravity.specification import Specification

__all__ = ["log_standard_error", "nearest_ratios"]

Floats = npt.NDArray[np.float64]

NEIGHBOURS = 0.25
"""Share of the comparable flows that give the interval."""

LEAST_NEIGHBOURS = 50
MAX_DENSE = 3000


def nearest_ratios(
    table: pd.DataFrame, exporter: str, importer: str, predicted: float
) -> tuple[Floats, int, Floats]:
    """Take the ratios of actual to predicted trade that an interval is made of.

    Parameters
    ----------
    table : pandas.DataFrame
        Table of a `CrossPrediction`.
    exporter, importer : str
        The flow asked for, which is not among those taken.
    predicted : float, trade's unit
        Its prediction.

    Returns
    -------
    ratios : (k,) unitless
        Actual over predicted of the comparable flows whose predictions are nearest.
    k : int
        Their number.
    residuals : (m,)
        Logarithms of the ratios of all comparable flows.

    Raises
    ------
    Infeasible
        If no flow is comparable.
    """
    alike = (table["exporter"] == table["importer"]) == (exporter == importer)
    itself = (table["exporter"] == exporter) & (table["importer"] == importer)
    others = table[alike & ~itself & (table["predicted"] > 0)]
    if others.empty:
        raise Infeasible("no comparable flow: there is nothing to hold the residual against")
    distance = np.abs(np.log(others["predicted"].to_numpy()) - np.log(predicted))
    size = min(len(others), max(LEAST_NEIGHBOURS, round(NEIGHBOURS * len(others))))
    nearest = np.argsort(distance, kind="stable")[:size]
    ratio = (others["actual"] / others["predicted"]).to_numpy(dtype=float)
    return ratio[nearest], size, others["log_residual"].to_numpy(dtype=float)


def log_standard_error(
    sample: Sample,
    spec: Specification,
    fit: GravityFit,
    used: npt.NDArray[np.int64],
    row: int,
) -> float:
    """Give the standard error of a row's index, its fixed effects included.

    Parameters
    ----------
    sample : Sample
        All rows.
    spec : Specification
        What was estimated.
    fit : GravityFit
        The fit without the row.
    used : (n,) int
        Positions in the sample of the rows the fit used.
    row : int
        Position of the row.

    Returns
    -------
    float
        Standard error of the logarithm of predicted trade by the sandwich over all coefficients
        and effects (clustered where there is one cluster variable); missing beyond 3,000 of them.
    """
    names = [str(term) for term in spec.covariates]
    kept = [i for i, name in enumerate(names) if name in fit.names]
    sizes = tuple(int(codes.max()) + 1 for codes in sample.effects)
    if len(kept) + sum(sizes) > MAX_DENSE:
        return float("nan")
    everything = np.append(used, row)
    effects = tuple(codes[everything] for codes in sample.effects)
    constant = np.ones((len(everything), 1))
    blocks = indicator(effects, sizes).toarray() if effects else constant
    design = np.hstack([sample.covariates[everything][:, kept], blocks])
    own, design = design[-1], design[:-1]
    weight = fit.fitted if spec.method == "ppml" else np.ones(len(used))
    bread = linalg.pinvh(design.T @ (weight[:, None] * design), rtol=1e-12)
    score = design * (fit.value - fit.fitted)[:, None]
    if len(spec.cluster) == 1:
        codes = sample.clusters[0][used]
        total = np.zeros((int(codes.max()) + 1, design.shape[1]))
        np.add.at(total, codes, score)
        score = total
    spread = bread @ own
    return float(np.linalg.norm(score @ spread))
