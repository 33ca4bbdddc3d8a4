"""Parameters of a calibration: which there are, what was thought of them before, what came out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kervan.assign.calibration.counts import Count
from kervan.assign.calibration.posterior import Posterior
from kervan.assign.calibration.prediction import Parameters, group_of

FloatArray = NDArray[np.float64]

THETA = "theta_scale"
OWN = "theta_scale:"
CONSTANT = "constant:"
JOINED = "|"

THETA_SD = 0.5
"""Prior of a scale of `theta`: lognormal, median 1, this standard deviation of its logarithm.

Assumed: between 0.44 and 2.3 with probability 0.9, as no estimate exists for these corridors.
"""

CONSTANT_SD = 50.0
"""Prior of a corridor constant, USD/t: normal, mean 0, this standard deviation.

Assumed: about 500 USD per TEU of ten tonnes, the order of what a through rate hides.
"""

OWN_COUNTS = 3
"""Counts of nothing else that give an equipment a scale of its own: those that a third asks for."""

Z = 1.6448536269514722
"""Standard deviations to the ends of a 90 % interval."""


@dataclass(frozen=True)
class Estimate:
    """A calibrated parameter.

    Attributes
    ----------
    name : str
        ``theta_scale``; ``theta_scale:EQUIPMENT`` for commodities of an equipment that enough
        counts count alone; or ``constant:CORRIDOR`` (joined by ``|`` where counts do not tell
        several apart).
    unit : str
        ``1`` or ``USD/t``.
    value, low, high : float
        Most probable value and 90 % interval.
    prior, prior_low, prior_high : float
        The same before any count.
    decided_by : str
        ``data`` or ``prior``.
    is_free : bool
        Whether the counts were allowed to move it.
    """

    name: str
    unit: str
    value: float
    low: float
    high: float
    prior: float
    prior_low: float
    prior_high: float
    decided_by: str
    is_free: bool


def is_scale(name: str) -> bool:
    """Tell whether a parameter is a scale of `theta`."""
    return name == THETA or name.startswith(OWN)


def parameters_of(values: Mapping[str, float]) -> Parameters:
    """Turn named values into parameters of a predictor."""
    constants = {
        corridor: value
        for name, value in values.items()
        if name.startswith(CONSTANT)
        for corridor in name.removeprefix(CONSTANT).split(JOINED)
    }
    own = {name.removeprefix(OWN): v for name, v in values.items() if name.startswith(OWN)}
    return Parameters(values.get(THETA, 1.0), MappingProxyType(constants), MappingProxyType(own))


def parameter_names(
    counts: Sequence[Count], goods: Mapping[str, Mapping[str, Any]]
) -> tuple[str, ...]:
    """Name the parameters that counts could speak of.

    Parameters
    ----------
    counts : sequence of Count
        Counts that are fitted.
    goods : mapping
        Rows of the commodity table by key.

    Returns
    -------
    tuple of str
        A scale of `theta` for each equipment that `OWN_COUNTS` counts or more count alone, one
        for all other commodities, and one constant for each corridor, or group of corridors,
        that a count names.
    """
    alone = Counter(group_of(count, goods) for count in counts)
    kinds = sorted({str(good["equipment"]) for good in goods.values()})
    own = [kind for kind in kinds if alone[kind] >= OWN_COUNTS and len(kinds) > 1]
    common = (THETA,) if len(own) < len(kinds) else ()
    return (*common, *(OWN + kind for kind in own), *_constants(counts))


def _constants(counts: Sequence[Count]) -> list[str]:
    groups = dict.fromkeys(count.corridors for count in counts if count.corridors)
    shared = {c for group in groups for c in group}
    joined: list[set[str]] = []
    for group in groups:
        touching = [other for other in joined if other & set(group)]
        joined = [other for other in joined if other not in touching]
        joined.append(set(group).union(*touching))
    order = sorted(shared)
    return [CONSTANT + JOINED.join(c for c in order if c in group) for group in joined]


def prior_sd(names: Sequence[str]) -> FloatArray:
    """Give the prior's standard deviations, (n_parameters,), of logarithms for scales."""
    return np.array([THETA_SD if is_scale(name) else CONSTANT_SD for name in names])


def natural(names: Sequence[str], values: FloatArray) -> dict[str, float]:
    """Give named parameters in their own units."""
    return {
        name: float(np.exp(value)) if is_scale(name) else float(value)
        for name, value in zip(names, values, strict=True)
    }


def make_estimates(names: Sequence[str], posterior: Posterior) -> tuple[Estimate, ...]:
    """Lay out what came of each parameter."""
    scale = prior_sd(names)
    ends = {
        "value": posterior.mean,
        "low": posterior.mean - Z * posterior.sd,
        "high": posterior.mean + Z * posterior.sd,
        "prior": np.zeros(len(names)),
        "prior_low": -Z * scale,
        "prior_high": Z * scale,
    }
    columns = {key: natural(names, values) for key, values in ends.items()}
    return tuple(
        Estimate(
            name=name,
            unit="1" if is_scale(name) else "USD/t",
            decided_by="prior" if posterior.by_prior[n] else "data",
            is_free=bool(posterior.is_free[n]),
            **{key: column[name] for key, column in columns.items()},
        )
        for n, name in enumerate(names)
    )


def unmoved() -> tuple[Estimate, ...]:
    """Give the scale of `theta` at its prior."""
    yes, no = np.ones(1, dtype=bool), np.zeros(1, dtype=bool)
    prior = Posterior(np.zeros(1), np.full(1, THETA_SD), no, yes, np.zeros(0))
    return make_estimates((THETA,), prior)
