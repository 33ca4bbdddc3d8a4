"""How far an answer moves over the ranges of the inputs, and how often it flips.

The floor knows nothing of networks or routes: it is handed ``evaluate``, which takes columns that
move and gives named outcomes of every case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kervan.study import Study
from kervan.study.evidence import BASES, SETTINGS

FloatArray = NDArray[np.float64]
Moved = dict[tuple[str, str], FloatArray]
"""Columns that move, by table and field: (n_cases, n_rows), or (n_cases, 1) for a setting."""

Evaluate = Callable[[Moved], pd.DataFrame]
"""Gives one row per case, one column per outcome."""

WILSON_Z = 1.96
"""Normal quantile of the 95 % interval."""


@dataclass(frozen=True)
class UncertainInput:
    """Numbers that one line of evidence covers and that move together over its range.

    Attributes
    ----------
    evidence_id : str
        Key of the line.
    table, field : str
        Where the numbers stand; `table` is ``settings`` for study.toml.
    rows : tuple of str
        Rows covered.
    basis : str
        ``sourced``, ``derived`` or ``assumed``.
    low, high : float
        Range, in the field's unit or as factors.
    is_factor : bool
        Whether low and high multiply the central value.
    note : str
        Reason given with the line.
    """

    evidence_id: str
    table: str
    field: str
    rows: tuple[str, ...]
    basis: str
    low: float
    high: float
    is_factor: bool
    note: str

    def at(self, central: FloatArray, position: FloatArray) -> FloatArray:
        """Give the numbers at positions: -1 is low, 0 central, 1 high."""
        end = np.where(position > 0, self.high, self.low)
        target = central * end if self.is_factor else end
        return np.asarray(central + np.abs(position) * (target - central), dtype=float)


def uncertain_inputs(study: Study) -> tuple[UncertainInput, ...]:
    """Collect every line of evidence with a range, with the numbers that it really covers.

    Parameters
    ----------
    study : Study
        The study; only its present rows count.

    Returns
    -------
    tuple of UncertainInput
        In the order of `evidence.csv`; a number belongs to the one line that covers it.
    """
    covered = study.evidence[study.evidence["evidence_id"] != ""]
    lines = study.table("evidence").to_dict("records")
    rows: dict[tuple[str, str, str], list[str]] = {}
    for row_id, key in zip(
        covered["row_id"],
        zip(covered["evidence_id"], covered["table"], covered["field"], strict=True),
        strict=True,
    ):
        rows.setdefault(key, []).append(row_id)
    order = {str(line["evidence_id"]): n for n, line in enumerate(lines)}
    inputs = [
        _input(lines[order[line_id]], table, field, tuple(row_ids))
        for (line_id, table, field), row_ids in rows.items()
    ]
    inputs += [
        _input(line, SETTINGS, line["field"], ()) for line in lines if line["table"] == SETTINGS
    ]
    with_range = [item for item in inputs if item.low < item.high]
    return tuple(sorted(with_range, key=lambda item: (order[item.evidence_id], item.field)))


def _input(
    line: Mapping[Any, Any], table: str, field: str, rows: tuple[str, ...]
) -> UncertainInput:
    return UncertainInput(
        str(line["evidence_id"]),
        table,
        field,
        rows,
        line["basis"],
        float(line["low"]),
        float(line["high"]),
        line["range_kind"] == "factor",
        line["note"],
    )


def moved_columns(study: Study, inputs: Sequence[UncertainInput], positions: FloatArray) -> Moved:
    """Move the inputs to positions of their ranges, all cases at once.

    Parameters
    ----------
    study : Study
        The study at central values.
    inputs : sequence of UncertainInput
        Inputs to move.
    positions : (n_cases, n_inputs) in [-1, 1]
        -1 is the low end, 0 the central value, 1 the high end.

    Returns
    -------
    dict of (table, field) to array
        (n_cases, n_rows) with the rows of the study's table; (n_cases, 1) for a setting.
    """
    moved: Moved = {}
    for item, position in zip(inputs, positions.T, strict=True):
        key = (item.table, item.field)
        if item.table == SETTINGS:
            central = np.array([float(getattr(study.settings, item.field))])
            moved[key] = item.at(central, position[:, None])
            continue
        column = study.table(item.table)[item.field]
        values = column.to_numpy(dtype=float)
        rows = column.index.get_indexer(pd.Index(item.rows))
        whole = moved.setdefault(key, np.tile(values, (len(positions), 1)))
        whole[:, rows] = item.at(values[rows], position[:, None])
    return moved


def shifted(study: Study, inputs: Sequence[UncertainInput], position: FloatArray) -> Study:
    """Give the study with its inputs at one position each, (n_inputs,) in [-1, 1]."""
    tables: dict[str, pd.DataFrame] = {}
    settings = study.settings
    for (table, field), column in moved_columns(study, inputs, position[None, :]).items():
        if table == SETTINGS:
            values: dict[str, Any] = {field: float(column[0, 0])}
            settings = replace(settings, **values)
        else:
            tables[table] = tables.get(table, study.table(table)).assign(**{field: column[0]})
    return study.replace(tables, settings=settings)


def tornado(study: Study, inputs: Sequence[UncertainInput], evaluate: Evaluate) -> pd.DataFrame:
    """Move one input at a time to both ends of its range.

    Parameters
    ----------
    study : Study
        The study at central values.
    inputs : sequence of UncertainInput
        Inputs to move.
    evaluate : callable
        Gives the outcomes of every case.

    Returns
    -------
    DataFrame
        One row per input and outcome: evidence_id, table, field, row_ids, basis, outcome,
        input_low, input_high, at_low, central, at_high, swing (largest minus smallest), note.
    """
    one = np.eye(len(inputs))
    positions = np.vstack([np.zeros((1, len(inputs))), -one, one])
    outcomes = evaluate(moved_columns(study, inputs, positions))
    rows = []
    for n, item in enumerate(inputs, start=1):
        for name in outcomes.columns:
            central, at_low, at_high = outcomes[name].to_numpy()[[0, n, n + len(inputs)]]
            rows.append(
                {
                    "evidence_id": item.evidence_id,
                    "table": item.table,
                    "field": item.field,
                    "row_ids": item.rows,
                    "basis": item.basis,
                    "outcome": name,
                    "input_low": item.low,
                    "input_high": item.high,
                    "at_low": at_low,
                    "central": central,
                    "at_high": at_high,
                    "swing": _span(at_low, central, at_high),
                    "note": item.note,
                }
            )
    return pd.DataFrame(rows)


def _span(*values: float) -> float:
    """Largest less smallest; infinite where only some of them are."""
    finite = [value for value in values if np.isfinite(value)]
    if len(finite) < len(values):
        return np.inf if finite else 0.0
    return max(finite) - min(finite)


@dataclass(frozen=True)
class Draws:
    """Outcomes over joint draws of all inputs.

    Attributes
    ----------
    outcomes : DataFrame
        One row per draw, one column per outcome.
    positions : (n_draws, n_inputs)
        Where each input stood in its range, in [-1, 1].
    central : mapping of str to float
        Outcomes at central values.
    seed : int
        Seed of the draws.
    """

    outcomes: pd.DataFrame
    positions: FloatArray
    central: Mapping[str, float]
    seed: int


def joint_draws(
    study: Study,
    inputs: Sequence[UncertainInput],
    evaluate: Evaluate,
    *,
    draws: int = 1000,
    seed: int = 20170911,
) -> Draws:
    """Draw all inputs together and evaluate each draw.

    Each position is triangular on [-1, 1] with its mode at 0, so the central value is the median;
    the strata of a Latin hypercube [1]_ keep the spread even with few draws.

    Parameters
    ----------
    study : Study
        The study at central values.
    inputs : sequence of UncertainInput
        Inputs to draw; independent of each other.
    evaluate : callable
        Gives the outcomes of every case.
    draws : int, optional
        Number of draws.
    seed : int, optional
        Seed.

    Returns
    -------
    Draws
        The outcomes.

    References
    ----------
    .. [1] McKay, Beckman and Conover (1979), Technometrics 21(2), 239-245.
    """
    positions = np.vstack([np.zeros((1, len(inputs))), _latin_triangular(draws, len(inputs), seed)])
    outcomes = evaluate(moved_columns(study, inputs, positions))
    central = {str(name): float(outcomes[name].iloc[0]) for name in outcomes.columns}
    return Draws(outcomes.iloc[1:].reset_index(drop=True), positions[1:], central, seed)


def _latin_triangular(draws: int, inputs: int, seed: int) -> NDArray[np.float64]:
    generator = np.random.default_rng(seed)
    strata = np.tile(np.arange(draws), (inputs, 1))
    uniform = (generator.permuted(strata, axis=1).T + generator.random((draws, inputs))) / draws
    rising = np.sqrt(2.0 * uniform) - 1.0
    falling = 1.0 - np.sqrt(np.maximum(2.0 * (1.0 - uniform), 0.0))
    return np.asarray(np.where(uniform < 0.5, rising, falling), dtype=float)


def variance_shares(
    draws: Draws, inputs: Sequence[UncertainInput], outcome: str
) -> dict[str, float]:
    """Split the variance of an outcome by what its inputs rest on.

    Parameters
    ----------
    draws : Draws
        Joint draws of the inputs.
    inputs : sequence of UncertainInput
        The inputs, in the order of the draws' positions.
    outcome : str
        Name of the outcome; draws in which it is not finite are left out.

    Returns
    -------
    dict of str to float
        Share of ``sourced``, ``derived`` and ``assumed`` inputs; they sum to one. NaN where
        nothing moves the outcome.

    Notes
    -----
    Squared rank correlations: with independent inputs and a monotone answer they add up to the
    part of the variance that the inputs explain one by one (Saltelli and others 2004 [1]_). A
    correlation that n independent draws would give by chance, 1 / (n - 1) on average, is taken
    off each, so that many idle inputs do not add up to a share.

    References
    ----------
    .. [1] Saltelli, Tarantola, Campolongo and Ratto (2004), Sensitivity Analysis in Practice.
    """
    values = draws.outcomes[outcome].to_numpy(dtype=float)
    known = np.isfinite(values)
    n = int(known.sum())
    ranks = pd.DataFrame(draws.positions[known]).rank().to_numpy()
    answer = pd.Series(values[known]).rank().to_numpy()
    if n < 3 or not answer.std() > 0:
        return dict.fromkeys(BASES, np.nan)
    centred = ranks - ranks.mean(axis=0)
    spread = ranks.std(axis=0) * answer.std() * n
    correlation = (centred * (answer - answer.mean())[:, None]).sum(axis=0) / spread
    parts = np.maximum(0.0, correlation**2 - 1.0 / (n - 1))
    bases = np.array([item.basis for item in inputs])
    total = parts.sum()
    if not total > 0:
        return dict.fromkeys(BASES, np.nan)
    return {basis: float(parts[bases == basis].sum() / total) for basis in BASES}


@dataclass(frozen=True)
class Flip:
    """How often the cheapest corridor is another than at central values.

    Attributes
    ----------
    leader : str
        Cheapest at central values.
    probability : float
        Share of the draws with another leader.
    low, high : float
        95 % Wilson interval of that share for the number of draws.
    leaders : mapping of str to float
        Share of the draws each corridor leads.
    draws, seed : int
        Number of draws and their seed.
    """

    leader: str
    probability: float
    low: float
    high: float
    leaders: Mapping[str, float]
    draws: int
    seed: int


def flip_probability(draws: Draws, corridors: Sequence[str]) -> Flip:
    """Find how often the ranking's first place changes.

    Parameters
    ----------
    draws : Draws
        Outcomes that hold the generalised cost of each corridor under its name.
    corridors : sequence of str
        Corridors to rank.

    Returns
    -------
    Flip
        Probability with the Wilson (1927) score interval.
    """
    costs = draws.outcomes[list(corridors)].fillna(np.inf)
    leader = min(corridors, key=lambda name: _or_inf(draws.central[name]))
    leads = costs.idxmin(axis=1)
    n, share = len(leads), float((leads != leader).mean())
    middle = (share + WILSON_Z**2 / (2 * n)) / (1 + WILSON_Z**2 / n)
    half = WILSON_Z * np.sqrt(share * (1 - share) / n + WILSON_Z**2 / (4 * n**2))
    half /= 1 + WILSON_Z**2 / n
    shares = {str(name): float(value) for name, value in leads.value_counts(normalize=True).items()}
    return Flip(
        leader, share, max(0.0, middle - half), min(1.0, middle + half), shares, n, draws.seed
    )


def _or_inf(value: float) -> float:
    return value if np.isfinite(value) else np.inf
