"""What is drawn: every number with a range, trade elasticities too; a draw from its number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kervan.appraisal.sensitivity import UncertainInput, shifted, uncertain_inputs
from kervan.assign import demand_of
from kervan.study import Study
from kervan.study.evidence import SETTINGS
from kervan.trade import load_elasticities

FloatArray = NDArray[np.float64]

ELASTICITY, FIELD = "elasticity", "trade_elasticity"
"""Table and field that stand for the package's trade elasticities among the inputs."""
SHARES = "sector_commodity"
OUTSIDE = ("project", "node", "observation")
"""Tables that no outcome of a draw rests on."""


def drawn_inputs(study: Study) -> tuple[UncertainInput, ...]:
    """List everything that is drawn.

    Parameters
    ----------
    study : Study
        The study, of all dates.

    Returns
    -------
    tuple of UncertainInput
        Lines of evidence with a range, then the trade elasticities.
    """
    lines = [item for item in uncertain_inputs(study) if item.table not in OUTSIDE]
    return (*lines, *_elasticities())


def _elasticities() -> list[UncertainInput]:
    """Elasticities that share a figure and a range move together."""
    table = load_elasticities().table
    known = table[table["low"] < table["high"]]
    groups = known.groupby([FIELD, "low", "high", "basis", "range_note"], sort=True)
    found = []
    for n, (_, rows) in enumerate(groups, start=1):
        one, names = rows.iloc[0], tuple(map(str, rows.index))
        item = UncertainInput(
            f"{FIELD}.{n}", ELASTICITY, FIELD, names, str(one["basis"]), float(one["low"]),
            float(one["high"]), False, str(one["range_note"]),
        )  # fmt: skip
        found.append(item)
    return found


def counted(study: Study, inputs: Sequence[UncertainInput]) -> NDArray[np.bool_]:
    """Tell which inputs stand in rows that a study reads.

    Parameters
    ----------
    study : Study
        The study on its day, with or without cards.
    inputs : sequence of UncertainInput
        Inputs.

    Returns
    -------
    (n_inputs,) bool
        False where all rows are of other dates, or demand of other years.
    """
    year = demand_of(study, None)[1]
    names = {item.table for item in inputs} - {ELASTICITY, SETTINGS}
    present = {name: set(study.table(name).index) for name in names}
    if "demand" in present:
        demand = study.table("demand")
        present["demand"] = set(demand.index[demand["year"] == year])
    return np.array(
        [
            item.table not in present or not present[item.table].isdisjoint(item.rows)
            for item in inputs
        ]
    )


def position_of(seed: int, draw: int, n: int) -> FloatArray:
    """Draw where every input stands in its range.

    Parameters
    ----------
    seed : int
        Seed of all draws.
    draw : int
        Number of the draw, from 0.
    n : int
        Number of inputs.

    Returns
    -------
    (n,) in [-1, 1]
        -1 is low, 0 central, 1 high.

    Notes
    -----
    Eq. (D1): each position is triangular with its mode and median at the central value,
    z = √(2u) − 1 for u < ½ and 1 − √(2(1 − u)) above, u uniform. The numbers u come from a
    generator keyed by seed and number alone, so that a draw is the same whoever makes it, in
    whatever order, and however many others there are.
    """
    keyed = np.random.SeedSequence(entropy=seed, spawn_key=(draw,))
    u = np.random.default_rng(keyed).random(n)
    return np.where(u < 0.5, np.sqrt(2.0 * u) - 1.0, 1.0 - np.sqrt(2.0 * (1.0 - u)))


def study_at(
    study: Study, inputs: Sequence[UncertainInput], position: FloatArray
) -> tuple[Study, pd.Series]:
    """Put the inputs of a study to one position each.

    Parameters
    ----------
    study : Study
        The study at central values.
    inputs : sequence of UncertainInput
        From `drawn_inputs`.
    position : (n_inputs,) in [-1, 1]
        Positions.

    Returns
    -------
    Study
        The study with the numbers written into its tables; shares of a sector still sum to what
        they did.
    Series
        Trade elasticity by sector.
    """
    of_study = np.array([item.table != ELASTICITY for item in inputs])
    lines = [item for item, chosen in zip(inputs, of_study, strict=True) if chosen]
    changed = shifted(study, lines, position[of_study])
    elasticity = load_elasticities().table[FIELD].copy()
    for item, at in zip(inputs, position, strict=True):
        if item.table == ELASTICITY:
            rows = list(item.rows)
            elasticity[rows] = item.at(elasticity[rows].to_numpy(dtype=float), np.asarray(at))
    return _whole_shares(study, changed), elasticity


def _whole_shares(study: Study, changed: Study) -> Study:
    """Scale the drawn shares of each sector back to their sum."""
    before, after = study.table(SHARES), changed.table(SHARES)
    if not len(after):
        return changed
    totals = before.groupby("sector")["value_share"].transform("sum")
    drawn = after.groupby("sector")["value_share"].transform("sum")
    shares = (after["value_share"] * totals / drawn).where(drawn > 0, before["value_share"])
    return changed.replace({SHARES: after.assign(value_share=shares)})
