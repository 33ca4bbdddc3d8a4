"""Inputs of an origin–destination estimation: read, and every fault told at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import sparse

from kervan.assign.od.problem import ODProblem, Totals, total_rows
from kervan.core.errors import Fault, InputError
from kervan.network.graph import FloatArray

SHARE_SLACK = 1e-9
"""Rounding allowed above one in a share."""


def build_problem(
    prior: ArrayLike | pd.Series[float],
    proportions: ArrayLike | pd.DataFrame | sparse.sparray,
    counts: ArrayLike | pd.Series[float],
    *,
    count_sd: ArrayLike,
    prior_cv: ArrayLike,
    totals: Sequence[Totals] = (),
    bounds: tuple[ArrayLike, ArrayLike] = (0.0, np.inf),
) -> ODProblem:
    """Read and check the inputs of an estimation.

    Parameters
    ----------
    prior, proportions, counts, count_sd, prior_cv, totals, bounds
        As in `kervan.assign.od.estimation.estimate_od`.

    Returns
    -------
    ODProblem
        Labelled by the index of `prior` and `counts` where these are Series, else by position.

    Raises
    ------
    InputError
        Every fault of every input.
    """
    od, flows = _labelled(prior, "prior")
    places, counted = _labelled(counts, "counts")
    shares, labels = _matrix(proportions)
    problem = ODProblem(
        od=od,
        places=places,
        prior=flows,
        cv=_spread(prior_cv, len(od), "prior_cv"),
        lower=_spread(bounds[0], len(od), "lower bound"),
        upper=_spread(bounds[1], len(od), "upper bound"),
        shares=shares,
        counts=counted,
        count_sd=_spread(count_sd, len(places), "count_sd"),
        totals=tuple(totals),
        share_labels=labels,
    )
    faults = [fault for check in CHECKS for fault in check(problem)]
    if not [*_shape_faults(problem), *_label_faults(problem)]:
        faults += [fault for check in CROSS_CHECKS for fault in check(problem)]
    if faults:
        raise InputError(faults)
    return problem


def _numbers(value: object, name: str) -> FloatArray:
    try:
        return np.array(value, dtype=float)
    except (TypeError, ValueError):
        problem = "holds something that is not a number"
        raise InputError([Fault(name, "", "", problem, "give numbers")]) from None


def _labelled(value: object, name: str) -> tuple[pd.Index, FloatArray]:
    numbers = _numbers(value, name)
    if isinstance(value, pd.Series):
        return value.index, numbers
    return pd.RangeIndex(len(numbers) if numbers.ndim else 0), numbers


def _spread(value: object, n: int, name: str) -> FloatArray:
    numbers = _numbers(value, name)
    return np.full(n, float(numbers)) if numbers.ndim == 0 else numbers


def _matrix(value: object) -> tuple[sparse.csr_array, tuple[pd.Index, ...]]:
    if isinstance(value, pd.DataFrame):
        return sparse.csr_array(_numbers(value, "proportions")), (value.index, value.columns)
    if not sparse.issparse(value):
        numbers = _numbers(value, "proportions")
        value = numbers if numbers.ndim == 2 else np.empty((0, 0))
    return sparse.csr_array(value, dtype=float), ()


def _shape_faults(problem: ODProblem) -> Iterator[Fault]:
    n_od, n_counts = len(problem.od), len(problem.places)
    wanted = [
        ("prior", problem.prior.shape, (n_od,)),
        ("counts", problem.counts.shape, (n_counts,)),
        ("prior_cv", problem.cv.shape, (n_od,)),
        ("count_sd", problem.count_sd.shape, (n_counts,)),
        ("lower bound", problem.lower.shape, (n_od,)),
        ("upper bound", problem.upper.shape, (n_od,)),
        ("proportions", problem.shares.shape, (n_counts, n_od)),
    ]
    for name, found, shape in wanted:
        if found != shape:
            said = f"has shape {found}"
            yield Fault(name, "", "", said, f"give {shape}: one value per OD or counted place")
    yield from _totals_shape_faults(problem)


def _totals_shape_faults(problem: ODProblem) -> Iterator[Fault]:
    for total in problem.totals:
        if len(total.group) != len(problem.od):
            said = f"group has {len(total.group)} labels for {len(problem.od)} ODs"
            yield Fault(f"totals {total.name}", "", "group", said, "give one label per OD")
        if np.shape(total.sd) not in {(), (len(total.tonnes),)}:
            said = f"has shape {np.shape(total.sd)} for {len(total.tonnes)} totals"
            yield Fault(f"totals {total.name}", "", "sd", said, "give one number, or one per total")


def _label_faults(problem: ODProblem) -> Iterator[Fault]:
    named = [("prior", problem.od), ("counts", problem.places)]
    named += [(f"totals {total.name}", total.tonnes.index) for total in problem.totals]
    for name, index in named:
        for label in index[index.duplicated()].unique():
            yield Fault(name, str(label), "", "stands there more than once", "keep one row")
    for what, found, wanted in zip(
        ("rows", "columns"), problem.share_labels, (problem.places, problem.od), strict=False
    ):
        if not found.equals(wanted):
            said = f"{what} are labelled unlike the {'counts' if what == 'rows' else 'prior'}"
            yield Fault("proportions", "", what, said, "use the same labels in the same order")


def _value_faults(problem: ODProblem) -> Iterator[Fault]:
    yield from _outside("prior", problem.prior, problem.od, "is not a finite number >= 0")
    counts = np.where(np.isnan(problem.counts), 0.0, problem.counts)
    yield from _outside("counts", counts, problem.places, "is not a finite number >= 0")
    spread = _where_given(problem.count_sd, problem.counts)
    yield from _outside("count_sd", spread, problem.places, "is not a finite number >= 0")
    yield from _outside(
        "prior_cv", problem.cv, problem.od, "is not a finite number > 0", above=True
    )
    lower = np.where(np.isposinf(problem.lower), -1.0, problem.lower)
    yield from _outside("lower bound", lower, problem.od, "is not a finite number >= 0")
    for total in problem.totals:
        name, index = f"totals {total.name}", total.tonnes.index
        data = np.array(total.tonnes, dtype=float)
        sd = _where_given(_spread(total.sd, len(data), name), data)
        given = np.where(np.isnan(data), 0.0, data)
        yield from _outside(name, given, index, "is not a finite number >= 0")
        yield from _outside(f"{name} sd", sd, index, "is not a finite number >= 0")


def _where_given(spread: FloatArray, data: FloatArray) -> FloatArray:
    """Put 0 for the spreads of missing data: they may be missing too."""
    if spread.shape != data.shape:
        return spread
    return np.where(np.isnan(data), 0.0, spread)


def _outside(
    name: str, values: FloatArray, labels: pd.Index, problem: str, *, above: bool = False
) -> Iterator[Fault]:
    with np.errstate(invalid="ignore"):
        wrong = ~(np.isfinite(values) & ((values > 0) if above else (values >= 0)))
    for place in np.argwhere(wrong):
        row = int(place[0])
        label = _label(labels, row) if values.ndim == 1 else str(row)
        shown = values[tuple(place)]
        yield Fault(name, label, "", f"{shown:g} {problem}", "mend the value")


def _label(labels: pd.Index, place: int | np.signedinteger) -> str:
    return str(labels[int(place)]) if place < len(labels) else str(place)


def _share_faults(problem: ODProblem) -> Iterator[Fault]:
    cells = problem.shares.tocoo()
    with np.errstate(invalid="ignore"):
        wrong = ~((cells.data >= 0) & (cells.data <= 1 + SHARE_SLACK))
    for r, c, value in zip(cells.row[wrong], cells.col[wrong], cells.data[wrong], strict=True):
        row, column = _label(problem.places, r), _label(problem.od, c)
        said = f"{value:g} is not a share from 0 to 1"
        yield Fault("proportions", row, column, said, "give the part of the OD that passes here")


def _bound_faults(problem: ODProblem) -> Iterator[Fault]:
    for i in np.flatnonzero(~(problem.lower <= problem.upper)):
        said = f"{problem.lower[i]:g} is above the upper bound {problem.upper[i]:g}"
        yield Fault("lower bound", _label(problem.od, i), "", said, "lower it or raise the other")
    for i in np.flatnonzero((problem.prior == 0) & (problem.lower > 0)):
        said = "is above zero where the prior is a structural zero"
        yield Fault("lower bound", _label(problem.od, i), "", said, "give a prior or no bound")


def _unreached_faults(problem: ODProblem) -> Iterator[Fault]:
    passed = np.asarray(problem.shares[:, problem.is_open].sum(axis=1)).ravel() > 0
    for r in np.flatnonzero((problem.counts > 0) & ~passed):
        said = f"{problem.counts[r]:g} t counted where no OD with a prior above zero passes"
        remedy = "add the missing route or OD, or leave the count out (NaN)"
        yield Fault("counts", _label(problem.places, r), "", said, remedy)
    for total in problem.totals:
        rows, data, _ = total_rows(total)
        reached = np.asarray(rows[:, problem.is_open].sum(axis=1)).ravel() > 0
        for r in np.flatnonzero((data > 0) & ~reached):
            said = f"{data[r]:g} t in a group that no OD with a prior above zero belongs to"
            label = _label(total.tonnes.index, r)
            yield Fault(f"totals {total.name}", label, "", said, "add ODs or leave it out (NaN)")


CHECKS = (_shape_faults, _label_faults, _value_faults, _share_faults)
CROSS_CHECKS = (_bound_faults, _unreached_faults)
