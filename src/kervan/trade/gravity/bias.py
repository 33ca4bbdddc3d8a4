"""The bias of three-way gravity, taken off coefficients and standard errors.

With exporter-time, importer-time and pair effects the number of effects grows with the number of
countries, and PPML estimates are off by a term of the order of one over that number; clustered
standard errors are too small. Both follow from sums over each country's pairs.

Layout: pairs (p) by times (t); a pair that is not observed at a time has mean zero there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import linalg

from kervan.core.errors import Fault, InputError
from kervan.core.results import Provenance
from kervan.trade.gravity.fit import GravityFit
from kervan.trade.gravity.specification import Specification

__all__ = ["BiasCorrection", "correct_three_way"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class BiasCorrection:
    """Three-way estimates before and after the correction.

    Attributes
    ----------
    fit : GravityFit
        The fit with corrected coefficients and covariance; fitted trade is the original's.
    bias : (k,)
        What was taken off the coefficients.
    uncorrected_se, corrected_se : (k,)
        Standard errors clustered by directed pair, before and after.
    """

    fit: GravityFit
    bias: Floats
    uncorrected_se: Floats
    corrected_se: Floats


@dataclass(frozen=True)
class _Panel:
    exporter: Codes  # (p,)
    importer: Codes  # (p,)
    value: Floats  # (p, t)
    mean: Floats  # (p, t)
    covariates: Floats  # (p, t, k)


def correct_three_way(fit: GravityFit, data: pd.DataFrame) -> BiasCorrection:
    """Correct a three-way PPML fit for its incidental-parameter bias.

    Parameters
    ----------
    fit : GravityFit
        Fit by PPML with exporter-time, importer-time and directed-pair effects (exporter^year,
        importer^year, exporter^importer).
    data : pandas.DataFrame
        The table it was estimated on.

    Returns
    -------
    BiasCorrection
        Corrected coefficients; standard errors clustered by directed pair, corrected.

    Raises
    ------
    InputError
        If the fit's effects are not these three.

    Notes
    -----
    Eq. (G7), the bias term of [1]_ (B and D there): with
    S_ij = y_ij - ϑ_ij Σ_t y_ijt the score of a pair after its own effect is concentrated out,
    ϑ_ijt the share of time t in the pair's mean, H_ij = -∂S_ij/∂α', G_ij the third derivative and
    x̃ the covariates less their weighted two-way projection, country i adds to the bias of the
    score of covariate k
    -tr[A_i⁺ Σ_j H_ij x̃_ijk S_ij'] + ½ tr[(Σ_j G_ij x̃_ijk) A_i⁺ (Σ_j S_ij S_ij') A_i⁺],
    A_i = Σ_j H_ij, and each importer likewise; the coefficients lose
    (Σ x̃'H x̃)⁻¹ times the sum.
    Eq. (G8), the corrected sandwich of [1]_: S_ij S_ij' is replaced by
    (I - L_ij)⁻¹ S_ij S_ij' with the leverage
    L_ij = H_ij x̃_ij (Σ x̃'H x̃)⁻¹ x̃_ij' + H_ij d_ij' F⁺ d_ij, F the Hessian of the
    country-time effects. Departure: written with sums instead of averages, so that missing pairs
    and sales at home need no special case, and symmetrised.

    References
    ----------
    .. [1] Weidner and Zylkin (2021), Bias and consistency in three-way gravity models, Journal of
       International Economics 132.
    """
    _check(fit)
    panel = _panel(fit, data)
    hessian = _hessians(panel.mean)
    inverse = _effect_inverse(panel, hessian)
    within = _within(panel, hessian, inverse)
    weight = np.einsum("ptk,pts,psl->kl", within, hessian, within)
    bread = np.linalg.inv(weight)
    score = panel.value - panel.mean
    bias = bread @ (
        _score_bias(panel.exporter, panel.mean, within, score, hessian)
        + _score_bias(panel.importer, panel.mean, within, score, hessian)
    )
    pairs = len(panel.mean)
    factor = pairs / (pairs - 1)
    projected = np.einsum("ptk,pt->pk", within, score)
    plain = factor * bread @ (projected.T @ projected) @ bread
    lifted = _lift(panel, within, score, hessian, bread, inverse)
    meat = lifted.T @ projected
    corrected = factor * bread @ ((meat + meat.T) / 2) @ bread
    return BiasCorrection(
        fit=_corrected_fit(fit, bias, corrected, pairs),
        bias=bias,
        uncorrected_se=np.sqrt(np.diag(plain)),
        corrected_se=np.sqrt(np.diag(corrected)),
    )


def _corrected_fit(fit: GravityFit, bias: Floats, covariance: Floats, pairs: int) -> GravityFit:
    old = fit.provenance
    options = MappingProxyType({**old.options, "correction": "three-way"})
    return replace(
        fit,
        coefficients=fit.coefficients - bias,
        covariance=covariance,
        clusters=MappingProxyType({"exporter^importer": pairs}),
        errors=f"clustered by directed pair, G/(G-1) with G = {pairs}, leverage-corrected",
        provenance=Provenance(old.inputs, options, old.claims),
    )


def _roles(spec: Specification) -> set[frozenset[str]]:
    ends = (spec.exporter, spec.time), (spec.importer, spec.time), (spec.exporter, spec.importer)
    return {frozenset(names) for names in ends}


def _check(fit: GravityFit) -> None:
    spec = fit.specification
    given = {frozenset(effect) for effect in spec.fixed_effects}
    if spec.method == "ppml" and given == _roles(spec):
        return
    wanted = f"{spec.exporter}^{spec.time} + {spec.importer}^{spec.time}"
    wanted += f" + {spec.exporter}^{spec.importer}"
    problem = f"the correction is derived for PPML with {wanted} only"
    raise InputError([Fault("bias correction", "", str(spec), problem, "estimate it so")])


def _panel(fit: GravityFit, data: pd.DataFrame) -> _Panel:
    spec = fit.specification
    used = data.iloc[fit.rows]
    here, there = used[spec.exporter].astype(str), used[spec.importer].astype(str)
    exporter, importer = (pd.factorize(ends, sort=True)[0] for ends in (here, there))
    time = pd.factorize(used[spec.time], sort=True)[0]
    pair, keys = pd.factorize(exporter.astype(np.int64) * (importer.max() + 1) + importer)
    shape = (len(keys), int(time.max()) + 1)
    kept = [term for term in spec.covariates if str(term) in fit.names]
    numbers = [used[term.column].to_numpy(float) for term in kept]
    columns = [np.log(x) if t.logged else x for x, t in zip(numbers, kept, strict=True)]
    value, mean = np.zeros(shape), np.zeros(shape)
    covariates = np.zeros((*shape, len(kept)))
    value[pair, time], mean[pair, time] = fit.value, fit.fitted
    covariates[pair, time] = np.column_stack(columns)
    scale = value.sum() / len(used)
    ends_of = np.asarray(keys)
    return _Panel(
        exporter=(ends_of // (importer.max() + 1)).astype(np.int64),
        importer=(ends_of % (importer.max() + 1)).astype(np.int64),
        value=value / scale,
        mean=mean / scale,
        covariates=covariates,
    )


def _hessians(mean: Floats) -> Floats:
    """Give H_ij = diag(λ) - λλ'/Σλ for every pair: (p, t, t)."""
    total = mean.sum(axis=1)[:, None, None]
    square = mean[:, :, None] * mean[:, None, :] / total
    return np.asarray(mean[:, :, None] * np.eye(mean.shape[1]) - square)


def _effect_inverse(panel: _Panel, hessian: Floats) -> Floats:
    """Invert (pseudo) the Hessian of all exporter-time and importer-time effects."""
    times = panel.mean.shape[1]
    exporters, importers = int(panel.exporter.max()) + 1, int(panel.importer.max()) + 1
    blocks = np.zeros((exporters + importers, exporters + importers, times, times))
    here, there = panel.exporter, exporters + panel.importer
    for row, column in ((here, here), (there, there), (here, there), (there, here)):
        np.add.at(blocks, (row, column), hessian)
    size = (exporters + importers) * times
    return np.asarray(linalg.pinvh(blocks.transpose(0, 2, 1, 3).reshape(size, size), rtol=1e-10))


def _effect_rows(panel: _Panel) -> tuple[Codes, Codes]:
    """Give, per pair, the positions of its exporter's and its importer's effects: (p, t) twice."""
    times = np.arange(panel.mean.shape[1])
    exporters = int(panel.exporter.max()) + 1
    here = panel.exporter[:, None] * len(times) + times
    there = (exporters + panel.importer)[:, None] * len(times) + times
    return here, there


def _within(panel: _Panel, hessian: Floats, inverse: Floats) -> Floats:
    """Take the weighted projection on the effects off the covariates: (p, t, k)."""
    here, there = _effect_rows(panel)
    pulled = np.einsum("pts,psk->ptk", hessian, panel.covariates)
    right = np.zeros((len(inverse), panel.covariates.shape[2]))
    np.add.at(right, here, pulled)
    np.add.at(right, there, pulled)
    effects = inverse @ right
    within = panel.covariates - effects[here] - effects[there]
    share = panel.mean / panel.mean.sum(axis=1, keepdims=True)
    return np.asarray(within - np.einsum("pt,ptk->pk", share, within)[:, None, :])


def _score_bias(
    country: Codes, mean: Floats, within: Floats, score: Floats, hessian: Floats
) -> Floats:
    """Sum the bias of the score over the countries on one side: (k,)."""
    n, times = int(country.max()) + 1, mean.shape[1]
    total = _sum_by(country, hessian, n)
    pseudo = np.stack([linalg.pinvh(block, rtol=1e-10) for block in total])
    outer = _sum_by(country, score[:, :, None] * score[:, None, :], n)
    share = mean / mean.sum(axis=1, keepdims=True)
    eye = np.eye(times)
    bias = np.zeros(within.shape[2])
    for k in range(len(bias)):
        x = within[:, :, k]
        first = np.einsum("pts,ps->pt", hessian, x)
        cross = _sum_by(country, first[:, :, None] * score[:, None, :], n)
        weighted = mean * x
        mixed = weighted[:, :, None] * share[:, None, :]
        third = _sum_by(country, mixed + mixed.transpose(0, 2, 1) - weighted[:, :, None] * eye, n)
        bias[k] = -np.einsum("its,ist->", pseudo, cross)
        bias[k] += 0.5 * np.einsum("iab,ibc,icd,ida->", third, pseudo, outer, pseudo, optimize=True)
    return bias


def _sum_by(country: Codes, blocks: Floats, n: int) -> Floats:
    total = np.zeros((n, *blocks.shape[1:]))
    np.add.at(total, country, blocks)
    return total


def _lift(
    panel: _Panel, within: Floats, score: Floats, hessian: Floats, bread: Floats, inverse: Floats
) -> Floats:
    """Give x̃'(I - L)⁻¹ S for every pair: (p, k)."""
    here, there = _effect_rows(panel)
    spread = np.einsum("ptk,kl,psl->pts", within, bread, within)
    for a in (here, there):
        for b in (here, there):
            spread += inverse[a[:, :, None], b[:, None, :]]
    leverage = np.einsum("pts,psr->ptr", hessian, spread)
    lifted = np.linalg.solve(np.eye(panel.mean.shape[1]) - leverage, score[:, :, None])[:, :, 0]
    return np.asarray(np.einsum("ptk,pt->pk", within, lifted))
