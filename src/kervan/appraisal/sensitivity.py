"""How far an answer moves over the ranges of the inputs, and how often it flips.

The floor knows nothing of networks or routes: it is handed ``evaluate: Study -> outcomes``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kervan.study import Study
from kervan.study.evidence import SETTINGS

Outcomes = Mapping[str, float]
Evaluate = Callable[[Study], Outcomes]
Progress = Callable[[int, int], None]

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

    def at(self, central: NDArray[np.float64], position: float) -> NDArray[np.float64]:
        """Give the numbers at a position: -1 is low, 0 central, 1 high."""
        end = self.high if position > 0 else self.low
        ends = central * end if self.is_factor else np.full_like(central, end)
        return np.asarray(central + abs(position) * (ends - central), dtype=float)


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
    groups = dict(iter(covered.groupby(["evidence_id", "table", "field"], sort=False)))
    lines = study.table("evidence")
    inputs = []
    for (line_id, table, field), rows in groups.items():
        line = lines.loc[line_id]
        if np.isfinite(line["low"]) and np.isfinite(line["high"]) and line["low"] < line["high"]:
            inputs.append(_input(line, table, field, tuple(rows["row_id"])))
    for _, line in lines[lines["table"] == SETTINGS].iterrows():
        if line["low"] < line["high"]:
            inputs.append(_input(line, SETTINGS, line["field"], ()))
    order = {key: n for n, key in enumerate(lines.index)}
    return tuple(sorted(inputs, key=lambda item: (order[item.evidence_id], item.field)))


def _input(line: pd.Series, table: str, field: str, rows: tuple[str, ...]) -> UncertainInput:
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


def shifted(study: Study, moves: Sequence[tuple[UncertainInput, float]]) -> Study:
    """Give the study with inputs moved to positions of their ranges.

    Parameters
    ----------
    study : Study
        The study at central values.
    moves : sequence of (UncertainInput, float)
        Inputs and positions in [-1, 1].

    Returns
    -------
    Study
        A new study; the given one stays as it is.
    """
    tables: dict[str, pd.DataFrame] = {}
    settings = study.settings
    for item, position in moves:
        if item.table == SETTINGS:
            central = np.array([getattr(settings, item.field)], dtype=float)
            settings = replace(settings, **{item.field: float(item.at(central, position)[0])})
            continue
        table = tables.setdefault(item.table, study.table(item.table).copy())
        rows = table.index.isin(item.rows)
        central = study.table(item.table).loc[rows, item.field].to_numpy(dtype=float)
        table.loc[rows, item.field] = item.at(central, position)
    return study.replace(tables, settings=settings)


def tornado(
    study: Study,
    inputs: Sequence[UncertainInput],
    evaluate: Evaluate,
    *,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Move one input at a time to both ends of its range.

    Parameters
    ----------
    study : Study
        The study at central values.
    inputs : sequence of UncertainInput
        Inputs to move.
    evaluate : callable
        Gives named outcomes of a study.
    progress : callable, optional
        Called with steps done and steps in all.

    Returns
    -------
    DataFrame
        One row per input and outcome: evidence_id, table, field, rows, basis, outcome,
        input_low, input_high, at_low, central, at_high, swing (largest minus smallest).
    """
    central = evaluate(study)
    rows = []
    for done, item in enumerate(inputs, start=1):
        at_low = evaluate(shifted(study, [(item, -1.0)]))
        at_high = evaluate(shifted(study, [(item, 1.0)]))
        rows += [
            {
                "evidence_id": item.evidence_id,
                "table": item.table,
                "field": item.field,
                "rows": len(item.rows),
                "basis": item.basis,
                "outcome": name,
                "input_low": item.low,
                "input_high": item.high,
                "at_low": at_low[name],
                "central": value,
                "at_high": at_high[name],
                "swing": np.ptp([at_low[name], value, at_high[name]]),
                "note": item.note,
            }
            for name, value in central.items()
        ]
        if progress is not None:
            progress(done, len(inputs))
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Draws:
    """Outcomes over joint draws of all inputs.

    Attributes
    ----------
    outcomes : DataFrame
        One row per draw, one column per outcome.
    central : mapping of str to float
        Outcomes at central values.
    seed : int
        Seed of the draws.
    """

    outcomes: pd.DataFrame
    central: Outcomes
    seed: int


def joint_draws(
    study: Study,
    inputs: Sequence[UncertainInput],
    evaluate: Evaluate,
    *,
    draws: int = 200,
    seed: int = 20170911,
    progress: Progress | None = None,
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
        Gives named outcomes of a study.
    draws : int, optional
        Number of draws.
    seed : int, optional
        Seed.
    progress : callable, optional
        Called with draws done and draws in all.

    Returns
    -------
    Draws
        The outcomes.

    References
    ----------
    .. [1] McKay, Beckman and Conover (1979), Technometrics 21(2), 239-245.
    """
    positions = _latin_triangular(draws, len(inputs), seed)
    rows = []
    for done, row in enumerate(positions, start=1):
        moves = list(zip(inputs, row.tolist(), strict=True))
        rows.append(dict(evaluate(shifted(study, moves))))
        if progress is not None:
            progress(done, draws)
    return Draws(pd.DataFrame(rows), evaluate(study), seed)


def _latin_triangular(draws: int, inputs: int, seed: int) -> NDArray[np.float64]:
    generator = np.random.default_rng(seed)
    strata = np.tile(np.arange(draws), (inputs, 1))
    uniform = (generator.permuted(strata, axis=1).T + generator.random((draws, inputs))) / draws
    rising = np.sqrt(2.0 * uniform) - 1.0
    falling = 1.0 - np.sqrt(np.maximum(2.0 * (1.0 - uniform), 0.0))
    return np.asarray(np.where(uniform < 0.5, rising, falling), dtype=float)


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
