"""Cross-checks of the network: what joins, what crosses a border, what a corridor passes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from kervan.core.errors import Fault
from kervan.study.settings import StudySettings
from kervan.tables.raw import MAX_FAULTS

Tables = Mapping[str, pd.DataFrame]
LAND = ("rail", "road")
NO_COUNTRY = "XXX"


def unreachable_zones(tables: Tables) -> list[Fault]:
    """List the zones that no open link or service joins to most of the others."""
    zones = tables["zone"]
    if not len(zones):
        return [Fault("zone.csv", "", "", "has no rows", "add the places cargo moves between")]
    nodes = pd.Index(tables["node"].index.unique())
    ends = pd.concat(
        [
            tables[name][["from_node_id", "to_node_id"]][tables[name]["open"]]
            for name in ("link", "service")
        ]
    )
    tail, head = (nodes.get_indexer(ends[c]) for c in ("from_node_id", "to_node_id"))
    known = (tail >= 0) & (head >= 0)
    if not len(nodes):
        return []
    graph = coo_matrix((np.ones(known.sum()), (tail[known], head[known])), (len(nodes),) * 2)
    _, part = connected_components(graph, directed=False)
    at = nodes.get_indexer(zones["node_id"])
    home = pd.Series(np.where(at >= 0, part[at], -1), index=zones.index)
    largest = home[home >= 0].mode()
    return [
        Fault(
            "zone.csv",
            str(key),
            "node_id",
            "no link or service reaches the zone",
            "join its node to the network",
        )
        for key in zones.index[(home >= 0) & (home != (largest.iloc[0] if len(largest) else -1))]
    ]


def gates(tables: Tables) -> list[Fault]:
    """List the gates of corridors that name nothing."""
    known = {
        "": set(tables["node"].index),
        "country": set(tables["node"]["country"]),
        "link": set(tables["link"].index),
        "service": set(tables["service"].index),
        "mode": set(tables["mode"].index),
        "family": set(tables["mode"]["family"]),
    }
    faults = []
    for field in ("gate", "forbids"):
        for key, tokens in tables["corridor"][field].items():
            for token in tokens:
                kind, _, name = token.rpartition(":")
                if name not in known.get(kind, ()):
                    remedy = (
                        "name a node, or link:, service:, mode:, country: or family: with its key"
                    )
                    faults.append(
                        Fault("corridor.csv", str(key), field, f"'{token}' is unknown", remedy)
                    )
    return faults


def missing_borders(tables: Tables, settings: StudySettings) -> list[Fault]:
    """List the links over land that cross a border without a row for it."""
    country = dict(tables["node"]["country"])
    families = dict(tables["mode"]["family"])
    borders = set(
        tables["border"][["from_node_id", "to_node_id", "mode"]].itertuples(index=False, name=None)
    )
    faults = []
    links = tables["link"]
    on_land = links["mode"].map(families).isin(LAND)
    abroad = links["from_node_id"].map(country) != links["to_node_id"].map(country)
    for key, a, b, mode, directed in links.loc[
        on_land & abroad, ["from_node_id", "to_node_id", "mode", "directed"]
    ].itertuples():
        if _same_space(country, settings, a, b):
            continue
        ways = [(a, b)] if directed else [(a, b), (b, a)]
        if not any((*way, mode) in borders for way in ways):
            faults.append(
                Fault(
                    "link.csv",
                    str(key),
                    "",
                    f"crosses from {a} to {b} without a border",
                    "add border.csv rows for the crossing",
                )
            )
    return capped(faults, "link.csv", "")


def _same_space(country: Mapping[str, str], settings: StudySettings, a: str, b: str) -> bool:
    if a not in country or b not in country:
        return True
    left, right = country[a], country[b]
    return NO_COUNTRY in (left, right) or settings.within_union(left, right)


def capped(faults: list[Fault], table: str, field: str) -> list[Fault]:
    """Keep the first faults of a kind and count the others."""
    if len(faults) <= MAX_FAULTS:
        return faults
    more = Fault(
        table, f"{len(faults) - MAX_FAULTS} more rows", field, faults[-1].problem, faults[-1].remedy
    )
    return [*faults[:MAX_FAULTS], more]
