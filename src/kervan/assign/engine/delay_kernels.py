"""Volume–delay functions, compiled: value and slope, and integral, of one link.

Every function takes a link's row of parameters and its flow. `KIND_*` number the functions; the
registry in `delays.py` documents them and fills the rows.
"""

from __future__ import annotations

import math

import numpy as np

from kervan.assign.engine.compiled import Floats, Ints, compiled, inlined

KIND_CONSTANT, KIND_BPR, KIND_CONICAL, KIND_DAVIDSON, KIND_TERMINAL = 0, 1, 2, 3, 4
N_PARAMETERS = 5


@inlined
def bpr(p: Floats, v: float) -> tuple[float, float]:
    """Value and slope of Eq. (F1); row: free time, free time × B, 1 / capacity, power."""
    x = v * p[2]
    power = p[3]
    if power == 4.0:
        cube = x * x * x
        return p[0] + p[1] * cube * x, 4.0 * p[1] * cube * p[2]
    if power == 1.0:
        return p[0] + p[1] * x, p[1] * p[2]
    if x <= 0.0:
        x = 1e-30 if power < 1.0 else 0.0
    below: float = x ** (power - 1.0)
    return p[0] + p[1] * below * x, power * p[1] * below * p[2]


@compiled
def bpr_integral(p: Floats, v: float) -> float:
    """Integral of Eq. (F1) from zero flow."""
    x = max(v * p[2], 0.0)
    area: float = p[0] * v + p[1] * x ** p[3] * v / (p[3] + 1.0)
    return area


@inlined
def conical(p: Floats, v: float) -> tuple[float, float]:
    """Value and slope of Eq. (F2); row: free time, 1 / capacity, α, β."""
    y = p[2] * (1.0 - v * p[1])
    root = math.sqrt(y * y + p[3] * p[3])
    return p[0] * (2.0 + root - y - p[3]), p[0] * p[2] * p[1] * (1.0 - y / root)


@compiled
def conical_integral(p: Floats, v: float) -> float:
    """Integral of Eq. (F2) from zero flow."""
    alpha, beta = p[2], p[3]
    y0, y = alpha, alpha * (1.0 - v * p[1])
    scale = 1.0 / (alpha * p[1])
    root0, root = math.sqrt(y0 * y0 + beta * beta), math.sqrt(y * y + beta * beta)
    square = 0.5 * beta * beta
    bend0 = 0.5 * y0 * root0 + square * math.asinh(y0 / beta)
    bend = 0.5 * y * root + square * math.asinh(y / beta)
    line = 0.5 * (y0 * y0 - y * y)
    area: float = p[0] * ((2.0 - beta) * v + scale * (bend0 - bend - line))
    return area


@inlined
def queue(p: Floats, v: float) -> tuple[float, float]:
    """Value and slope of Eq. (F3) and (F4); row: free time, wait factor, 1 / capacity, x̄."""
    x = v * p[2]
    knee = p[3]
    if x <= knee:
        rest = 1.0 - x
        return p[0] + p[1] * x / rest, p[1] * p[2] / (rest * rest)
    rest = 1.0 - knee
    slope = p[1] / (rest * rest)
    return p[0] + p[1] * knee / rest + slope * (x - knee), slope * p[2]


@compiled
def queue_integral(p: Floats, v: float) -> float:
    """Integral of Eq. (F3) and (F4) from zero flow."""
    x = v * p[2]
    knee = p[3]
    below = min(x, knee)
    total = -math.log1p(-below) - below
    if x > knee:
        rest = 1.0 - knee
        over = x - knee
        total += knee / rest * over + 0.5 * over * over / (rest * rest)
    area: float = p[0] * v + p[1] * total / p[2]
    return area


@inlined
def delay(kind: int, p: Floats, v: float) -> tuple[float, float]:
    """Value and slope of a link's delay at a flow."""
    if kind == KIND_BPR:
        return bpr(p, v)
    if kind == KIND_CONSTANT:
        return p[0], 0.0
    if kind == KIND_CONICAL:
        return conical(p, v)
    return queue(p, v)


@compiled
def delay_integral(kind: int, p: Floats, v: float) -> float:
    """Integral of a link's delay from zero flow."""
    if kind == KIND_BPR:
        return bpr_integral(p, v)
    if kind == KIND_CONSTANT:
        level: float = p[0] * v
        return level
    if kind == KIND_CONICAL:
        return conical_integral(p, v)
    return queue_integral(p, v)


@compiled
def delay_values(kind: Ints, row: Floats, flow: Floats) -> Floats:
    """Value, slope and integral (3, n_links) of the delays of links at their flows."""
    found = np.empty((3, len(kind)))
    for a in range(len(kind)):
        found[0, a], found[1, a] = delay(kind[a], row[a], flow[a])
        found[2, a] = delay_integral(kind[a], row[a], flow[a])
    return found
