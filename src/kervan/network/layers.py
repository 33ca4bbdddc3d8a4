"""Which layers, borders, transfers and centroids exist: rows of the tables to ends of edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kervan.network.graph import IntArray
from kervan.study import Study
from kervan.tables.dictionary import ANY_NODE

LAND = ("rail", "road")
NO_COUNTRY = "XXX"


@dataclass(frozen=True)
class Layers:
    """Vertices of the modes at the nodes.

    Attributes
    ----------
    codes : (n_layers,)
        Sorted codes ``node position × number of modes + mode position``; the place of a code is
        its vertex.
    nodes, modes : Index
        Node and mode ids by position.
    """

    codes: IntArray
    nodes: pd.Index
    modes: pd.Index

    def find(self, node_ids: pd.Series, modes: pd.Series) -> IntArray:
        """Give the vertex of each node and mode; -1 where there is none."""
        node = np.asarray(self.nodes.get_indexer(pd.Index(node_ids)), dtype=np.int64)
        mode = np.asarray(self.modes.get_indexer(pd.Index(modes)), dtype=np.int64)
        code = node * len(self.modes) + mode
        if not len(self.codes):
            return np.full(len(code), -1, dtype=np.int64)
        place = np.searchsorted(self.codes, code).clip(max=len(self.codes) - 1)
        return np.where(self.codes[place] == code, place, -1).astype(np.int64)

    def frame(self) -> pd.DataFrame:
        """Give node_id and mode of every layer, by vertex."""
        node, mode = np.divmod(self.codes, max(len(self.modes), 1))
        return pd.DataFrame({"node_id": self.nodes[node], "mode": self.modes[mode]})


def directed_links(study: Study) -> pd.DataFrame:
    """Give every passable direction of every open link.

    A direction that crosses a land border needs a border row of its mode in that direction.

    Returns
    -------
    DataFrame
        Columns of the link table (from and to in the direction of travel) and `border_id`, empty
        where no border is crossed. A link behind two border rows stands twice.
    """
    links = study.table("link")
    links = links[links["open"]]
    ends = {"from_node_id": "to_node_id", "to_node_id": "from_node_id"}
    back = links[~links["directed"]].rename(columns=ends)
    both = pd.concat([links, back[links.columns]], ignore_index=True)
    crossing = _crosses(study, both)
    inland = both[~crossing].assign(border_id="")
    borders = open_borders(study)[["from_node_id", "to_node_id", "mode", "border_id"]]
    over = both[crossing].merge(borders, on=["from_node_id", "to_node_id", "mode"])
    return pd.concat([inland, over], ignore_index=True)


def open_borders(study: Study) -> pd.DataFrame:
    """Give the open rows of the border table with a plain index."""
    borders = study.table("border")
    return borders[borders["open"]].reset_index(drop=True)


def open_services(study: Study) -> pd.DataFrame:
    """Give the open rows of the service table with a plain index."""
    services = study.table("service")
    return services[services["open"]].reset_index(drop=True)


def _crosses(study: Study, links: pd.DataFrame) -> np.ndarray:
    country = study.table("node")["country"]
    a = links["from_node_id"].map(country).to_numpy(dtype=object)
    b = links["to_node_id"].map(country).to_numpy(dtype=object)
    on_land = links["mode"].map(study.table("mode")["family"]).isin(LAND).to_numpy()
    free = {
        pair: NO_COUNTRY in pair or study.settings.within_union(*pair)
        for pair in set(zip(a, b, strict=True))
    }
    formal = [not free[pair] for pair in zip(a, b, strict=True)]
    return np.asarray(on_land & np.array(formal, dtype=bool))


def find_layers(study: Study, links: pd.DataFrame, services: pd.DataFrame) -> Layers:
    """Collect the layers that an open link or service touches."""
    nodes = pd.Index(study.table("node")["node_id"])
    modes = pd.Index(study.table("mode")["mode"])
    codes = [
        nodes.get_indexer(rows[end]) * len(modes) + modes.get_indexer(rows["mode"])
        for rows in (links, services)
        for end in ("from_node_id", "to_node_id")
    ]
    return Layers(np.unique(np.concatenate(codes)).astype(np.int64), nodes, modes)


def open_transfers(study: Study, layers: Layers) -> pd.DataFrame:
    """Give the open transfers, the default rows written out for every terminal they apply to.

    A default row (node_id ``*``) applies at a terminal with both modes unless the node has a row
    of its own, open or closed, for the same two modes.
    """
    rows = study.table("transfer")
    own = rows[rows["node_id"] != ANY_NODE]
    default = rows[(rows["node_id"] == ANY_NODE) & rows["open"]].drop(columns="node_id")
    terminal = study.table("node")["terminal"]
    here = layers.frame()
    here = here[here["node_id"].map(terminal).to_numpy(dtype=bool)]
    entered = here.rename(columns={"mode": "to_mode"})
    pairs = here.rename(columns={"mode": "from_mode"}).merge(entered, on="node_id")
    spread = pairs.merge(default, on=["from_mode", "to_mode"])
    key = ["node_id", "from_mode", "to_mode"]
    taken = pd.MultiIndex.from_frame(own[key])
    spread = spread[~pd.MultiIndex.from_frame(spread[key]).isin(taken)]
    return pd.concat([own[own["open"]], spread[own.columns]], ignore_index=True)


def find_centroids(study: Study, places: tuple[str, ...]) -> pd.DataFrame:
    """List zones, then bare places (nodes a journey is measured between, without loading)."""
    zones = study.table("zone")[["zone_id", "node_id", "country"]].assign(loads=True)
    country = study.table("node")["country"]
    bare = pd.DataFrame(
        {
            "zone_id": [f"place:{node}" for node in places],
            "node_id": list(places),
            "country": [country[node] for node in places],
            "loads": False,
        }
    )
    parts = [zones, bare] if places else [zones]
    return pd.concat(parts, ignore_index=True)
