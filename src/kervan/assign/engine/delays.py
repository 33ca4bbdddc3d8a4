"""Volume–delay functions: a registry of families, and the delays of a network's links.

A family turns its own parameters into rows of the compiled functions in `delay_kernels.py`; each
has a value, a slope and an integral there. All are defined, finite and rising at every flow, so
that a solver may pass through flows above capacity.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from kervan.assign.engine import delay_kernels as kernels
from kervan.assign.engine.compiled import Floats, Ints, Wholes
from kervan.core.errors import Fault, InputError

QUEUE_KNEE = 0.95
"""Share of capacity above which the queueing families go on as straight lines."""

Columns = Mapping[str, Floats]


@dataclass(frozen=True)
class DelayFamily:
    """A kind of volume–delay function.

    Attributes
    ----------
    name : str
        Name in the registry.
    kind : int
        Number of the compiled functions.
    fields : tuple of str
        Parameters it takes, in words.
    fill : callable
        Parameters, each (n,), to kinds (n,) and rows (n, 5).
    """

    name: str
    kind: int
    fields: tuple[str, ...]
    fill: Callable[[Columns], tuple[Ints, Floats]]


@dataclass(frozen=True)
class Delays:
    """The delay functions of links.

    Attributes
    ----------
    kind : (n_links,) int32
        Number of the compiled function.
    row : (n_links, 5)
        Its parameters.
    """

    kind: Ints
    row: Floats

    def __len__(self) -> int:
        """Count the links."""
        return len(self.kind)

    def _values(self, flow: ArrayLike) -> tuple[Floats, Floats, Floats]:
        value, slope, integral = kernels.delay_values(
            self.kind, self.row, np.asarray(flow, dtype=float)
        )
        return value, slope, integral

    def value(self, flow: ArrayLike) -> Floats:
        """Give the delay of each link at a flow."""
        return self._values(flow)[0]

    def slope(self, flow: ArrayLike) -> Floats:
        """Give the derivative of the delay of each link at a flow."""
        return self._values(flow)[1]

    def integral(self, flow: ArrayLike) -> Floats:
        """Give the integral of the delay of each link from zero flow."""
        return self._values(flow)[2]

    @property
    def is_constant(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Which links have a delay that does not depend on flow."""
        return np.asarray(self.kind == kernels.KIND_CONSTANT)


def make_delays(family: str, **parameters: ArrayLike) -> Delays:
    """Make the delays of links of one family.

    Parameters
    ----------
    family : str
        Name in `FAMILIES`.
    **parameters : array_like
        The family's parameters, (n_links,) each or one number for all.

    Returns
    -------
    Delays
        One row per link.

    Raises
    ------
    InputError
        For an unknown family, missing or unknown parameters, or values out of range.

    Examples
    --------
    >>> roads = make_delays("bpr", free_time=[6.0], capacity=[100.0], b=0.15, power=4)
    >>> roads.value([100.0])
    array([6.9])
    """
    known = FAMILIES.get(family)
    if known is None:
        raise InputError([_fault(family, "", "unknown family", f"take one of {list(FAMILIES)}")])
    faults = [
        _fault(family, name, "is missing", "give it")
        for name in known.fields
        if name not in parameters
    ]
    faults += [
        _fault(family, name, "is unknown", f"give {', '.join(known.fields)}")
        for name in parameters
        if name not in known.fields
    ]
    if faults:
        raise InputError(faults)
    arrays = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(parameters[name], dtype=float)) for name in known.fields)
    )
    columns = dict(zip(known.fields, arrays, strict=True))
    faults = [
        _fault(family, name, "has a negative or missing value", "give numbers >= 0")
        for name, values in columns.items()
        if not np.all(values >= 0)
    ]
    if faults:
        raise InputError(faults)
    return Delays(*known.fill(columns))


def join_delays(parts: Mapping[str, tuple[Wholes, Delays]], n_links: int) -> Delays:
    """Join delays of several families into those of a network.

    Parameters
    ----------
    parts : mapping
        By any name: links and their delays. Every link must be in one part.
    n_links : int
        Number of links.

    Returns
    -------
    Delays
        In the order of the links.
    """
    kind = np.full(n_links, -1, dtype=np.int32)
    row = np.zeros((n_links, kernels.N_PARAMETERS))
    for links, delays in parts.values():
        kind[links], row[links] = delays.kind, delays.row
    if np.any(kind < 0):
        where = ", ".join(map(str, np.flatnonzero(kind < 0)[:5]))
        raise InputError([_fault("join", where, "links have no delay", "put each in one part")])
    return Delays(kind, row)


def fill_constant(columns: Columns) -> tuple[Ints, Floats]:
    """Rows of t(v) = t₀."""
    rows = _rows(columns["free_time"])
    return np.full(len(rows), kernels.KIND_CONSTANT, dtype=np.int32), rows


def fill_bpr(columns: Columns) -> tuple[Ints, Floats]:
    """Rows of the Bureau of Public Roads function.

    Notes
    -----
    Eq. (F1) of [1]_: t(v) = t₀ (1 + B (v / c)^p). Its integral is t₀ v (1 + B (v / c)^p / (p + 1)).
    A link with p = 0 costs t₀ (1 + B) at every flow; one with B = 0 or t₀ = 0 costs t₀, so the
    capacity of either may be zero.

    References
    ----------
    .. [1] Bureau of Public Roads (1964), Traffic Assignment Manual.
    """
    free, capacity, b, power = (columns[name] for name in FAMILIES["bpr"].fields)
    level = (power == 0) | (b == 0) | (free == 0)
    if np.any(~level & (capacity == 0)):
        raise InputError(
            [
                _fault(
                    "bpr",
                    "capacity",
                    "is 0 on a link whose time rises with flow",
                    "give a capacity, or power 0",
                )
            ]
        )
    rows = _rows(np.where(power == 0, free * (1.0 + b), free))
    rows[:, 1] = np.where(level, 0.0, free * b)
    rows[:, 2] = 1.0 / np.where(capacity > 0, capacity, 1.0)
    rows[:, 3] = np.where(level, 1.0, power)
    kind = np.where(level, kernels.KIND_CONSTANT, kernels.KIND_BPR)
    return kind.astype(np.int32), rows


def fill_conical(columns: Columns) -> tuple[Ints, Floats]:
    """Rows of the conical function.

    Notes
    -----
    Eq. (F2) of [1]_: t(v) = t₀ (2 + √(α² (1 − x)² + β²) − α (1 − x) − β), x = v / c,
    β = (2 α − 1) / (2 α − 2), α > 1.

    References
    ----------
    .. [1] Spiess (1990), Conical volume-delay functions, Transportation Science 24.
    """
    free, capacity, alpha = (columns[name] for name in FAMILIES["conical"].fields)
    _need(np.all(alpha > 1), "conical", "alpha", "must be above 1")
    _need(np.all(capacity > 0), "conical", "capacity", "must be above 0")
    rows = _rows(free)
    rows[:, 1] = 1.0 / capacity
    rows[:, 2] = alpha
    rows[:, 3] = (2.0 * alpha - 1.0) / (2.0 * alpha - 2.0)
    return np.full(len(rows), kernels.KIND_CONICAL, dtype=np.int32), rows


def fill_davidson(columns: Columns) -> tuple[Ints, Floats]:
    """Rows of Davidson's function, a straight line above the knee.

    Notes
    -----
    Eq. (F3) of [1]_: t(v) = t₀ (1 + J x / (1 − x)), x = v / c. Departure: above x = 0.95
    (`QUEUE_KNEE`) it goes on as its tangent, so that it is finite at and above capacity [2]_.

    References
    ----------
    .. [1] Davidson (1966), A flow travel-time relationship for use in transportation planning.
    .. [2] Taylor (1984), A note on using Davidson's function in equilibrium assignment.
    """
    free, capacity, quality = (columns[name] for name in FAMILIES["davidson"].fields)
    _need(np.all(capacity > 0), "davidson", "capacity", "must be above 0")
    return _queue_rows(free, free * quality, capacity, kernels.KIND_DAVIDSON)


def fill_terminal(columns: Columns) -> tuple[Ints, Floats]:
    """Rows of a terminal: handling and the mean queue of one server, M/G/1.

    Notes
    -----
    Eq. (F4) of [1]_: t(v) = t₀ + s (1 + cv²) / 2 · ρ / (1 − ρ), ρ = v / c, with s the time of one
    service and cv its coefficient of variation. Departure: a tangent above ρ = 0.95.

    References
    ----------
    .. [1] Kleinrock (1975), Queueing Systems, volume 1, section 5.7 (Pollaczek–Khinchine).
    """
    free, capacity, service, cv = (columns[name] for name in FAMILIES["terminal"].fields)
    _need(np.all(capacity > 0), "terminal", "capacity", "must be above 0")
    wait = service * (1.0 + cv * cv) / 2.0
    return _queue_rows(free, wait, capacity, kernels.KIND_TERMINAL)


def _queue_rows(free: Floats, wait: Floats, capacity: Floats, kind: int) -> tuple[Ints, Floats]:
    rows = _rows(free)
    rows[:, 1] = wait
    rows[:, 2] = 1.0 / capacity
    rows[:, 3] = QUEUE_KNEE
    return np.full(len(rows), kind, dtype=np.int32), rows


def _rows(free: Floats) -> Floats:
    rows = np.zeros((len(free), kernels.N_PARAMETERS))
    rows[:, 0] = free
    return rows


def _need(good: object, family: str, field: str, problem: str) -> None:
    if not good:
        raise InputError([_fault(family, field, problem, "correct it")])


def _fault(family: str, field: str, problem: str, remedy: str) -> Fault:
    return Fault(f"delay family '{family}'", "", field, problem, remedy)


FAMILIES: Mapping[str, DelayFamily] = MappingProxyType(
    {
        family.name: family
        for family in (
            DelayFamily("constant", kernels.KIND_CONSTANT, ("free_time",), fill_constant),
            DelayFamily("bpr", kernels.KIND_BPR, ("free_time", "capacity", "b", "power"), fill_bpr),
            DelayFamily(
                "conical", kernels.KIND_CONICAL, ("free_time", "capacity", "alpha"), fill_conical
            ),
            DelayFamily(
                "davidson", kernels.KIND_DAVIDSON, ("free_time", "capacity", "j"), fill_davidson
            ),
            DelayFamily(
                "terminal",
                kernels.KIND_TERMINAL,
                ("free_time", "capacity", "service_time", "cv"),
                fill_terminal,
            ),
        )
    }
)
"""Families by name. To add one: its three functions in `delay_kernels.py`, its rows here."""
