"""What a change does to volumes: diverted, shifted, created."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

PAIR = ["origin", "destination", "commodity"]
PARTS = ("stayed", "diverted", "shifted", "created", "freed")
COLUMNS = (*PAIR, "tonnes_base", "tonnes_cf", *PARTS)


def split_volume(before: pd.DataFrame, after: pd.DataFrame, demand: pd.DataFrame) -> pd.DataFrame:
    """Split the change of volume of every pair and commodity.

    Parameters
    ----------
    before, after : DataFrame
        origin, destination, commodity, corridor, family (main mode), tonnes (t/yr).
    demand : DataFrame
        origin, destination, commodity, demand_base, demand_cf (t/yr): what would go if nothing
        stayed behind.

    Returns
    -------
    DataFrame
        One row per pair and commodity: tonnes_base, tonnes_cf; of the tonnes that go both times:
        stayed, diverted (another corridor, same main mode), shifted (another main mode); created
        (by the response of trade; negative where it falls) and freed (stayed behind before, goes
        now). All t/yr.

    Notes
    -----
    Eq. (A22): with m = min(q, q') and shares s, s' of cells (corridor, mode) before and after,
    shifted = ½ m Σ_modes |s' - s|, diverted = ½ m Σ_cells |s' - s| - shifted, stayed = m - both;
    created = (d' - d) q'/d', freed = d (q'/d' - q/d). Hence stayed + diverted + shifted = m and
    created + freed = q' - q.
    """
    index = pd.MultiIndex.from_frame(demand[PAIR])
    first, second = (_shares(rows, index) for rows in (before, after))
    going, goes = first.pop("tonnes"), second.pop("tonnes")
    both = np.minimum(going, goes)
    moved = both * _distance(first["cells"], second["cells"], index)
    shifted = both * _distance(first["modes"], second["modes"], index)
    old, new = (demand[f"demand_{x}"].to_numpy(dtype=float) for x in ("base", "cf"))
    rate = [np.divide(q, d, out=np.zeros_like(d), where=d > 0)
            for q, d in ((going, old), (goes, new))]  # fmt: skip
    return pd.DataFrame(
        {
            **{name: demand[name].to_numpy() for name in PAIR},
            "tonnes_base": going,
            "tonnes_cf": goes,
            "stayed": both - moved,
            "diverted": np.maximum(moved - shifted, 0.0),
            "shifted": shifted,
            "created": (new - old) * rate[1],
            "freed": old * (rate[1] - rate[0]),
        }
    )[list(COLUMNS)]


def volume_residual(table: pd.DataFrame) -> float:
    """Return the largest gap in the sums of Eq. (A22), over all tonnes: a proof, unitless."""
    both = np.minimum(table["tonnes_base"], table["tonnes_cf"])
    kept = table["stayed"] + table["diverted"] + table["shifted"] - both
    more = table["created"] + table["freed"] - (table["tonnes_cf"] - table["tonnes_base"])
    total = math.fsum(table["tonnes_base"])
    worst = max(float(kept.abs().max()), float(more.abs().max())) if len(table) else 0.0
    return worst / total if total > 0 else 0.0


def _shares(rows: pd.DataFrame, index: pd.MultiIndex) -> dict[str, pd.Series]:
    """Give the tonnes of every pair, and shares of its cells and of its modes."""
    total = rows.groupby(PAIR)["tonnes"].sum()
    found = {}
    for name, keys in (("cells", ["corridor", "family"]), ("modes", ["family"])):
        sums = rows.groupby([*PAIR, *keys])["tonnes"].sum()
        found[name] = sums / total.reindex(sums.reset_index(keys).index).to_numpy()
    return {**found, "tonnes": total.reindex(index).fillna(0.0).to_numpy()}


def _distance(one: pd.Series, two: pd.Series, index: pd.MultiIndex) -> np.ndarray:
    """Give half the sum of the absolute differences of shares, by pair."""
    gaps = one.subtract(two, fill_value=0.0).abs().groupby(level=PAIR).sum() / 2.0
    return np.asarray(gaps.reindex(index).fillna(0.0).to_numpy(dtype=float))
