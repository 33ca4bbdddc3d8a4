"""GMNS folders: node.csv and link.csv as the specification has them, and demand.csv beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from kervan.assign.engine.compiled import Floats, Wholes
from kervan.assign.engine.delays import Delays, join_delays, make_delays
from kervan.assign.engine.network import Commodity, LinkNetwork
from kervan.assign.readers.lines import fault
from kervan.assign.readers.tntp import Instance, find_unjoined
from kervan.core.errors import Fault, InputError

FILES = {
    "node.csv": ("node_id",),
    "link.csv": ("link_id", "from_node_id", "to_node_id", "length", "free_speed", "capacity"),
    "demand.csv": ("o_zone_id", "d_zone_id", "volume"),
}
"""Columns each file must have. demand.csv is not in the specification; its names are usual."""
FALSE = ("false", "0", "no", "f")


def read_gmns(
    folder: str | Path, *, b: float = 0.15, power: float = 4.0, theta: float = np.inf
) -> Instance:
    """Read a GMNS network with its demand.

    Parameters
    ----------
    folder : path
        Holds node.csv, link.csv and demand.csv.
    b, power : unitless
        Parameters of the delay function where link.csv has no columns `vdf_alpha`, `vdf_beta`.
    theta : per hour
        Dispersion of route choice.

    Returns
    -------
    Instance
        Times are hours: length / free_speed. Capacity counts per lane, so it is multiplied by
        `lanes` where that column is there. A link with `directed` false goes both ways. Zones are
        the nodes' `zone_id`; the nodes of a zone with several are joined to a centroid at no cost,
        and centroids are not passed through.

    Raises
    ------
    InputError
        Lists every fault with file and line.
    """
    where = Path(folder)
    faults: list[Fault] = []
    tables = {name: _read(where / name, need, faults) for name, need in FILES.items()}
    if faults:
        raise InputError(faults)
    nodes, links, demand = (tables[name] for name in FILES)
    if "directed" in links:
        two_way = links["directed"].str.strip().str.lower().isin(FALSE)
        back = links[two_way].rename(
            columns={"from_node_id": "to_node_id", "to_node_id": "from_node_id"}
        )
        links = pd.concat([links, back], ignore_index=True)
    if "zone_id" not in nodes:
        nodes = nodes.assign(zone_id=nodes["node_id"])
    place = _places(where / "node.csv", nodes, faults)
    ends = [
        _look_up(where / "link.csv", links, name, place, "node", faults)
        for name in ("from_node_id", "to_node_id")
    ]
    delays = _delays(where / "link.csv", links, (b, power), faults)
    zone_names = sorted(set(nodes["zone_id"]) - {""}, key=_sort_key)
    zones = {name: i for i, name in enumerate(zone_names)}
    pairs = [
        _look_up(where / "demand.csv", demand, name, zones, "zone", faults)
        for name in ("o_zone_id", "d_zone_id")
    ]
    amount = _numbers(where / "demand.csv", demand, "volume", faults)
    if faults or delays is None:
        raise InputError(faults)
    members = nodes["zone_id"].map(zones).to_numpy()
    network = _with_centroids(len(nodes), ends, delays, (members, len(zones)))
    trips = Commodity(pairs[0], pairs[1], amount, name="trips", theta=theta)
    frame = pd.DataFrame(
        {"link_id": links["link_id"], "from": links["from_node_id"], "to": links["to_node_id"]}
    )
    joins = network.n_links - len(frame)
    blank = pd.DataFrame({"link_id": [""] * joins, "from": "", "to": ""})
    instance = Instance(network, (trips,), pd.concat([frame, blank], ignore_index=True), {})
    _check_joined(where / "demand.csv", instance, demand)
    return instance


def _check_joined(path: Path, instance: Instance, demand: pd.DataFrame) -> None:
    faults = []
    for row in find_unjoined(instance):
        pair = demand.iloc[row]
        faults.append(
            fault(
                path,
                pair["line"],
                f"{pair['volume']} from zone {pair['o_zone_id']} to {pair['d_zone_id']}, but no "
                "way joins them",
                "add the missing links or drop the demand",
            )
        )
    if faults:
        raise InputError(faults)


def _read(path: Path, needed: tuple[str, ...], faults: list[Fault]) -> pd.DataFrame:
    """Read a table as text with the line of each row; note missing columns and rows cut short."""
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, skip_blank_lines=False)
    except FileNotFoundError:
        faults.append(fault(path, "", "is missing", "add it to the folder"))
        return pd.DataFrame(columns=list(needed))
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        faults.append(fault(path, "", f"cannot be read: {error}", "write it as CSV"))
        return pd.DataFrame(columns=list(needed))
    table.columns = table.columns.str.strip()
    table["line"] = np.arange(2, len(table) + 2)
    table = table[(table.drop(columns="line") != "").any(axis=1)].reset_index(drop=True)
    missing = [name for name in needed if name not in table]
    faults += [fault(path, 1, "is missing", "add the column", field=name) for name in missing]
    if not missing:
        for name in needed:
            for line in table.loc[table[name].fillna("").str.strip() == "", "line"]:
                faults.append(fault(path, line, "is empty", "fill it", field=name))
    return table


def _places(path: Path, nodes: pd.DataFrame, faults: list[Fault]) -> dict[str, int]:
    place: dict[str, int] = {}
    for i, (name, line) in enumerate(zip(nodes["node_id"], nodes["line"], strict=True)):
        if name in place:
            faults.append(fault(path, line, f"node {name} stands twice", "keep one"))
        place[name] = i
    return place


def _look_up(
    path: Path,
    table: pd.DataFrame,
    column: str,
    place: dict[str, int],
    what: str,
    faults: list[Fault],
) -> Wholes:
    found = table[column].map(place)
    for name, line in table.loc[found.isna(), [column, "line"]].itertuples(index=False):
        faults.append(
            fault(
                path, line, f"'{name}' is no {what}", f"add the {what} or correct it", field=column
            )
        )
    return found.fillna(0).to_numpy(dtype=np.int64)


def _numbers(
    path: Path, table: pd.DataFrame, column: str, faults: list[Fault], default: float = 0.0
) -> Floats:
    if column not in table:
        return np.full(len(table), default)
    text = table[column].fillna("").str.strip()
    values = pd.to_numeric(text, errors="coerce")
    values = values.where(text != "", default)
    bad = ~(values >= 0) | np.isinf(values)
    for word, line in zip(text[bad], table.loc[bad, "line"], strict=True):
        faults.append(
            fault(
                path, line, f"'{word}' is negative or no number", "give a number >= 0", field=column
            )
        )
    return np.asarray(values.fillna(0.0), dtype=float)


def _delays(
    path: Path, links: pd.DataFrame, usual: tuple[float, float], faults: list[Fault]
) -> Delays | None:
    before = len(faults)
    length = _numbers(path, links, "length", faults)
    speed = _numbers(path, links, "free_speed", faults)
    capacity = _numbers(path, links, "capacity", faults)
    lanes = _numbers(path, links, "lanes", faults, 1.0)
    b = _numbers(path, links, "vdf_alpha", faults, usual[0])
    power = _numbers(path, links, "vdf_beta", faults, usual[1])
    rising = (length > 0) & (b > 0) & (power > 0)
    wrong = [
        ("free_speed", (speed == 0) & (length > 0), "is 0", "give a speed above 0"),
        (
            "capacity",
            (capacity * lanes == 0) & rising,
            "is 0 (with lanes) on a link whose time rises with flow",
            "give a capacity",
        ),
    ]
    for field, where, problem, remedy in wrong:
        lines = links.loc[where, "line"]
        faults += [fault(path, line, problem, remedy, field=field) for line in lines]
    if len(faults) > before:
        return None
    time = np.where(length > 0, length / np.where(speed > 0, speed, 1.0), 0.0)
    return make_delays("bpr", free_time=time, capacity=capacity * lanes, b=b, power=power)


def _with_centroids(
    n_nodes: int, ends: list[Wholes], delays: Delays, zoning: tuple[Floats, int]
) -> LinkNetwork:
    """Make the network; zones of several nodes get a centroid joined to each at no cost."""
    members, n_zones = zoning
    tail, head = ends
    zone_node = np.zeros(n_zones, dtype=np.int64)
    through = [True] * n_nodes
    joins: list[tuple[int, int]] = []
    for zone in range(n_zones):
        mine = np.flatnonzero(members == zone)
        zone_node[zone] = mine[0]
        if len(mine) > 1:
            zone_node[zone] = len(through)
            joins += [(len(through), int(node)) for node in mine]
            joins += [(int(node), len(through)) for node in mine]
            through.append(False)
    if joins:
        more = np.array(joins)
        tail, head = np.concatenate([tail, more[:, 0]]), np.concatenate([head, more[:, 1]])
        free = make_delays("constant", free_time=np.zeros(len(joins)))
        n = len(ends[0])
        parts = {"links": (np.arange(n), delays), "joins": (np.arange(n, len(tail)), free)}
        delays = join_delays(parts, len(tail))
    return LinkNetwork(len(through), tail, head, delays, zone_node, np.array(through))


def _sort_key(name: str) -> tuple[int, str]:
    return (int(name), "") if name.isdigit() else (10**18, name)
