"""Estimate a gravity equation: one call from a table to a fitted value."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kervan.core.errors import Fault, Infeasible, InputError
from kervan.core.results import Provenance, digest
from kervan.trade.gravity.engine import EngineFit, choose_engine, run_engine
from kervan.trade.gravity.fit import GravityFit
from kervan.trade.gravity.sample import Sample, draw_sample
from kervan.trade.gravity.separation import Separation, find_separated
from kervan.trade.gravity.specification import Specification

__all__ = ["estimate_gravity", "estimate_sample"]

INTERCEPT = "(intercept)"


def estimate_gravity(
    data: pd.DataFrame,
    specification: Specification | str,
    *,
    engine: str = "auto",
    **options: Any,
) -> GravityFit:
    """Estimate a gravity equation.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per flow: trade, covariates and the columns of fixed effects and clusters.
    specification : Specification or str
        What to estimate; a text is read by `Specification.parse` together with `options`.
    engine : {"auto", "pyfixest", "fereg"}
        Estimation engine; ``auto`` takes fereg where it is installed. Their answers are the same.
    **options : object
        Fields of the specification, where it is given as a text.

    Returns
    -------
    GravityFit
        Coefficients, covariance, fitted trade and the rows that were left out, with the reason.

    Raises
    ------
    InputError
        If data and specification do not fit together; names every fault.
    Infeasible
        If no flow is positive, or no covariate is left to estimate.
    NotConverged
        If the engine stops early.
    MissingExtra
        If no engine is installed.

    Notes
    -----
    Eq. (G1), PPML of [1]_: X = exp(z'b + effects) η with E(η) = 1; Eq. (G2), ordinary least
    squares on the logarithm. Trade is divided by its mean before estimation, so that no unit of
    money matters. Eq. (G3), standard errors: the sandwich times G/(G-1) with G clusters (the
    smallest G, where there are several cluster variables), or n/(n-1) without clusters; no
    parameter is counted, because counts that depend on which fixed effects are nested in clusters
    differ between programs, and in pyfixest 0.60 between two runs of one program.

    References
    ----------
    .. [1] Santos Silva and Tenreyro (2006), The Log of Gravity, Review of Economics and
       Statistics 88(4).
    """
    if isinstance(specification, str):
        specification = Specification.parse(specification, **options)
    elif options:
        specification = replace(specification, **options)
    sample = draw_sample(data, specification)
    return estimate_sample(sample, specification, engine=engine)


def estimate_sample(sample: Sample, spec: Specification, *, engine: str = "auto") -> GravityFit:
    """Estimate a sample that was drawn before; see `estimate_gravity`.

    Parameters
    ----------
    sample : Sample
        What `draw_sample` gave.
    spec : Specification
        What it was drawn for.
    engine : {"auto", "pyfixest", "fereg"}
        Estimation engine.

    Returns
    -------
    GravityFit
        Estimates.
    """
    name = choose_engine(engine)
    if len(sample.value) == 0 or (spec.method == "ppml" and not (sample.value > 0).any()):
        raise Infeasible("no flow is positive: there is nothing to estimate")
    separation = _separation(sample, spec)
    used = sample.keep(~separation.rows) if separation.rows.any() else sample
    scale = float(used.value.mean()) if spec.method == "ppml" else 1.0
    scaled = replace(used, value=used.value / scale)
    fit = run_engine(scaled, method=spec.method, clustered=bool(spec.cluster), engine=name)
    return _lay_out(fit, sample, used, separation, spec, scale)


def _separation(sample: Sample, spec: Specification) -> Separation:
    if spec.method == "ppml":
        return find_separated(sample.value, sample.covariates, sample.effects)
    none = np.zeros(len(sample.value), dtype=bool)
    return Separation(none, none)


def _lay_out(
    fit: EngineFit,
    sample: Sample,
    used: Sample,
    separation: Separation,
    spec: Specification,
    scale: float,
) -> GravityFit:
    terms = [str(term) for term in spec.covariates]
    collinear = tuple(name for i, name in enumerate(terms) if i not in fit.kept)
    if collinear and len(collinear) == len(terms):
        told = ", ".join(collinear)
        remedy = "take covariates that vary within the fixed effects"
        fault = Fault("estimation", "", told, "explained fully by the fixed effects", remedy)
        raise InputError([fault])
    shift = np.zeros(len(fit.kept))
    shift[[i for i, position in enumerate(fit.kept) if position == -1]] = np.log(scale)
    clusters = {
        name: int(codes.max()) + 1 for name, codes in zip(spec.cluster, used.clusters, strict=True)
    }
    out = separation.rows
    fitted = fit.fitted * scale
    return GravityFit(
        specification=spec,
        names=tuple(INTERCEPT if i == -1 else terms[i] for i in fit.kept),
        coefficients=fit.coefficients + shift,
        covariance=fit.covariance * _factor(clusters, len(used.value)),
        rows=used.rows,
        value=used.value,
        fitted=fitted,
        separated=sample.rows[out],
        separated_by=np.where(separation.by_effect[out], "effect", "combination"),
        collinear=collinear,
        zeros_left_out=sample.zeros_left_out,
        effects=_levels(spec, used),
        clusters=MappingProxyType(clusters),
        errors=_convention(clusters),
        domestic=sample.domestic,
        pseudo_r2=_squared_correlation(used.value, fitted),
        engine=fit.engine,
        engine_s=fit.seconds,
        provenance=_provenance(sample, spec),
    )


def _levels(spec: Specification, used: Sample) -> MappingProxyType[str, int]:
    names = ("^".join(effect) for effect in spec.fixed_effects)
    sizes = (int(codes.max()) + 1 for codes in used.effects)
    return MappingProxyType(dict(zip(names, sizes, strict=True)))


def _factor(clusters: dict[str, int], n: int) -> float:
    if len(clusters) > 1:
        return 1.0  # the engine has applied G/(G-1)
    size = next(iter(clusters.values()), n)
    return size / (size - 1) if size > 1 else np.nan


def _convention(clusters: dict[str, int]) -> str:
    if not clusters:
        return "heteroskedasticity-robust, n/(n-1)"
    names = ", ".join(clusters)
    return f"clustered by {names}, G/(G-1) with G = {min(clusters.values())}"


def _squared_correlation(value: npt.NDArray[np.float64], fitted: npt.NDArray[np.float64]) -> float:
    if len(value) < 2 or np.ptp(value) == 0 or np.ptp(fitted) == 0:
        return float("nan")
    return float(np.corrcoef(value, fitted)[0, 1] ** 2)


def _provenance(sample: Sample, spec: Specification) -> Provenance:
    arrays = [sample.value, sample.covariates, *sample.effects, *sample.clusters]
    options = {"formula": str(spec), "method": spec.method, "cluster": spec.cluster}
    return Provenance(inputs=digest(arrays), options=MappingProxyType(options))
