"""Prediction of flows by fits that have not seen them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from kervan.trade.gravity.effects import effect_sums, poisson_effects
from kervan.trade.gravity.estimate import estimate_sample
from kervan.trade.gravity.fit import GravityFit
from kervan.trade.gravity.sample import Sample
from kervan.trade.gravity.specification import Specification

__all__ = ["cross_fit", "predict_without"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def predict_without(
    sample: Sample, spec: Specification, left_out: Mask, *, engine: str
) -> tuple[Floats, GravityFit]:
    """Fit a sample without some rows, and predict these.

    Parameters
    ----------
    sample : Sample
        All rows.
    spec : Specification
        What is estimated.
    left_out : (n,) bool
        Rows to leave out and to predict.
    engine : str
        Estimation engine.

    Returns
    -------
    prediction : (left_out.sum(),) trade's unit
        Predicted trade; missing where the rows left do not tell a country's effect.
    fit : GravityFit
        The fit without the rows; its positions are those of the whole table.
    """
    kept = np.flatnonzero(~left_out)
    # effects keep the codes of the whole sample here, so that rows left out find theirs
    fit = estimate_sample(sample.keep(~left_out), spec, engine=engine)
    used = kept[np.isin(sample.rows[kept], fit.rows)]
    return predict_rows(sample, spec, fit, used, np.flatnonzero(left_out)), fit


def predict_rows(
    sample: Sample, spec: Specification, fit: GravityFit, used: Codes, asked: Codes
) -> Floats:
    """Predict rows of a sample by a fit on other rows of it; positions are the sample's."""
    names = [str(term) for term in spec.covariates]
    slopes = np.array([fit.coefficient(n) if n in fit.names else 0.0 for n in names])
    effects = tuple(codes[used] for codes in sample.effects)
    offset = sample.covariates[used] @ slopes
    if spec.method == "ppml":
        recoded = tuple(pd.factorize(codes)[0].astype(np.int64) for codes in effects)
        known = poisson_effects(fit.value, offset, recoded)
    else:
        known = fit.fitted - offset
    wanted = tuple(codes[asked] for codes in sample.effects)
    sums = effect_sums(known, effects, wanted) if effects else np.full(len(asked), known.mean())
    logs = sums + sample.covariates[asked] @ slopes
    return np.asarray(np.exp(logs) if spec.method == "ppml" or spec.value.logged else logs)


def cross_fit(
    sample: Sample,
    spec: Specification,
    groups: Codes,
    *,
    folds: int,
    seed: int,
    engine: str,
) -> Floats:
    """Predict every row by a fit without the row's fold.

    Parameters
    ----------
    sample : Sample
        All rows.
    spec : Specification
        What is estimated.
    groups : (n,) int
        Rows of one group (a pair's years) share a fold.
    folds : int
        Number of folds.
    seed : int
        Seed of the draw of folds.
    engine : str
        Estimation engine.

    Returns
    -------
    (n,) trade's unit
        Predictions; missing where the rows left do not tell a country's effect.
    """
    n_groups = int(groups.max()) + 1
    order = np.random.default_rng(seed).permutation(n_groups)
    fold = (order % folds)[groups]
    plain = replace(spec, cluster=())
    without_clusters = replace(sample, clusters=())
    made = np.full(len(sample.value), np.nan)
    for k in range(folds):
        out = fold == k
        if out.any():
            made[out] = predict_without(without_clusters, plain, out, engine=engine)[0]
    return made
