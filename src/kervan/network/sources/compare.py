"""Compare built lengths with published distances."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from kervan.network.sources.sphere import distance_km

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["KM_PER_UNIT", "SECTIONS", "compare_distances", "shortest_km"]

SECTIONS = "published_distance.csv"
"""File of a study that lists published lengths."""

KM_PER_UNIT = {"km": 1.0, "nmi": 1.852}
"""Length units of published figures."""


def compare_distances(
    links: pd.DataFrame, nodes: pd.DataFrame, sections: pd.DataFrame | Path
) -> pd.DataFrame:
    """Compare the shortest ways over the links with published figures.

    Parameters
    ----------
    links : DataFrame
        Table `link`: from_node_id, to_node_id, mode, length_km, layer.
    nodes : DataFrame
        Table `node`: node_id, x_coord, y_coord.
    sections : DataFrame or Path
        One row a published figure: section_id, from_node_id, to_node_id, family (rail, road,
        sea), avoid_nodes (joined by |), value, unit (km, nmi), scored (yes, no).

    Returns
    -------
    DataFrame
        One row a section: section_id, from_node_id, to_node_id, family, figures (text),
        published_km (the nearest scored figure, or the nearest where none is scored),
        built_km (inf: no way), great_circle_km, error (built over published minus one), scored.
    """
    if isinstance(sections, Path):
        sections = pd.read_csv(sections, keep_default_na=False, dtype={"value": float})
    place = nodes.set_index("node_id")[["x_coord", "y_coord"]].astype(float)
    rows = []
    for section_id, group in sections.groupby("section_id", sort=False):
        first = group.iloc[0]
        a, b = str(first["from_node_id"]), str(first["to_node_id"])
        avoid = [name for name in str(first["avoid_nodes"]).split("|") if name]
        built = shortest_km(links[links["layer"] == first["family"]], a, b, avoid=avoid)
        km = group["value"].to_numpy(float) * group["unit"].map(KM_PER_UNIT).to_numpy(float)
        scored = (group["scored"] == "yes").to_numpy()
        usable = km[scored] if scored.any() else km
        nearest = float(usable[np.argmin(np.abs(usable - built))])
        figures = "|".join(f"{v:g} {u}" for v, u in zip(group["value"], group["unit"], strict=True))
        straight = float(distance_km(*place.loc[a], *place.loc[b]))
        family = str(first["family"])
        rows.append(
            (section_id, a, b, family, figures, nearest, built, straight, built / nearest - 1,
             bool(scored.any()))
        )  # fmt: skip
    columns = [
        "section_id", "from_node_id", "to_node_id", "family", "figures", "published_km",
        "built_km", "great_circle_km", "error", "scored",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def shortest_km(links: pd.DataFrame, a: str, b: str, *, avoid: Iterable[str] = ()) -> float:
    """Length of the shortest way over the links, either direction, modes changed freely; km.

    Returns inf where there is no way.
    """
    shut = set(avoid)
    open_ = ~(links["from_node_id"].isin(shut) | links["to_node_id"].isin(shut))
    links = links[open_]
    names = sorted({*links["from_node_id"], *links["to_node_id"], a, b})
    number = {name: i for i, name in enumerate(names)}
    pairs = pd.DataFrame(
        {
            "tail": links["from_node_id"].map(number),
            "head": links["to_node_id"].map(number),
            "km": links["length_km"].astype(float),
        }
    )
    best = pairs.groupby(["tail", "head"], sort=True)["km"].min().reset_index()
    graph = csr_matrix((best["km"], (best["tail"], best["head"])), shape=(len(names),) * 2)
    return float(dijkstra(graph, directed=False, indices=number[a])[number[b]])
