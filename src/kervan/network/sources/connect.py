"""Make link rows: within countries, across declared border pairs, over the sea."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from kervan.core.errors import Fault, TableError
from kervan.network.sources.countries import allowed_by_overlay
from kervan.network.sources.layer import Layer, subset
from kervan.network.sources.links import Leg, Tolerance, legs_between, path_legs
from kervan.network.sources.prepare import EVERYWHERE
from kervan.network.sources.snap import Snapped
from kervan.network.sources.sphere import distance_km

__all__ = ["FIELDS", "LinkRow", "border_rows", "inland_rows", "link_table", "without_link"]

BoolArray = NDArray[np.bool_]

DRAW_DEG = 0.01
"""Shapes are simplified for drawing to this, degrees, after their length is taken."""
DRAW_DECIMALS = 4
CROSSING_RATIO = 4.0
CROSSING_MIN_KM = 60.0
"""A border link may be this many times the straight distance, or this long, whichever is more."""
TOLERANCE = Tolerance(share=0.01, km=2.0)
"""Slack between a pair's shortest distance on the layer and over the links, neighbours …"""
FAR_TOLERANCE = Tolerance(share=0.03, km=5.0)
"""… and pairs whose way passes near a third node: they go over that node rather than beside it."""

FIELDS = [
    "link_id", "from_node_id", "to_node_id", "directed", "mode", "length_km", "layer", "geometry",
]  # fmt: skip
"""Fields of link.parquet."""

LinkRow = tuple[str, str, str, Leg]
"""Tail node, head node, mode, way."""


def inland_rows(
    snapped: Snapped,
    masks: Mapping[str, BoolArray],
    nodes: pd.DataFrame,
    overlay: pd.DataFrame,
    modes: list[str],
) -> Iterator[LinkRow]:
    """Yield the links of each mode within each country (sea: between all ports and passages)."""
    for mode in modes:
        riders = nodes[nodes["mode"].map(lambda listed, m=mode: m in listed)]
        for iso3, mask in masks.items():
            here = riders if iso3 == EVERYWHERE else riders[riders["country"] == iso3]
            ids = here["node_id"].tolist()
            if len(ids) < 2:
                continue
            terminals = [snapped.vertex[node_id] for node_id in ids]
            usable = mask & allowed_by_overlay(snapped.layer, overlay, mode, iso3)
            usable[terminals] = True
            part, old = subset(snapped.layer, usable)
            number = {int(v): i for i, v in enumerate(old)}
            passages = here.loc[here["kind"] == "waypoint", "node_id"].tolist()
            legs = legs_between(
                part,
                [number[v] for v in terminals],
                tolerance=TOLERANCE,
                far=FAR_TOLERANCE,
                walls=[number[snapped.vertex[n]] for n in passages],
            )
            for leg in legs:
                path = Leg(leg.tail, leg.head, leg.km, old[leg.path])
                yield ids[leg.tail], ids[leg.head], mode, path


def border_rows(
    snapped: Snapped,
    masks: Mapping[str, BoolArray],
    nodes: pd.DataFrame,
    crossings: pd.DataFrame,
) -> list[LinkRow]:
    """Return a link for each declared border pair.

    Raises
    ------
    TableError
        Listing every pair without a way, or with an end that is no node of the mode.
    """
    country = dict(zip(nodes["node_id"], nodes["country"], strict=True))
    columns = (crossings[c].astype(str) for c in ("from_node_id", "to_node_id", "mode"))
    pairs = {(min(a, b), max(a, b), mode) for a, b, mode in zip(*columns, strict=True)}
    rows: list[LinkRow] = []
    faults = []
    for a, b, mode in sorted(pairs):
        missing = [end for end in (a, b) if end not in country]
        leg = None
        if not missing:
            leg = _pair_leg(snapped, masks[country[a]] | masks[country[b]], a, b)
        if leg is not None:
            rows.append((a, b, mode, leg))
            continue
        problem = f"no way on the {snapped.layer.name} layer"
        if missing:
            problem = f"'{missing[0]}' is no node of mode {mode}"
        remedy = "correct the row or add a repair"
        faults.append(Fault("crossing", f"{a}-{b}", "mode", problem, remedy))
    if faults:
        raise TableError(faults)
    return rows


def _pair_leg(snapped: Snapped, usable: BoolArray, a: str, b: str) -> Leg | None:
    layer, tail, head = snapped.layer, snapped.vertex[a], snapped.vertex[b]
    away = distance_km(layer.lon[tail], layer.lat[tail], layer.lon, layer.lat)
    limit = max(CROSSING_RATIO * float(away[head]), CROSSING_MIN_KM)
    near = usable & (away <= limit)
    near[[tail, head]] = True
    part, old = subset(layer, near)
    number = {int(v): i for i, v in enumerate(old)}
    leg = path_legs(part, number[tail], number[head], limit_km=limit)
    return None if leg is None else Leg(0, 1, leg.km, old[leg.path])


def link_table(layer: Layer, rows: list[LinkRow], nodes: pd.DataFrame) -> pd.DataFrame:
    """Turn rows into the table `link`: tail before head by name, shape from node to node."""
    place = {
        str(n): (float(x), float(y))
        for n, x, y in zip(nodes["node_id"], nodes["x_coord"], nodes["y_coord"], strict=True)
    }
    made = []
    for first, second, mode, leg in rows:
        a, b, path = first, second, leg.path
        if a > b:
            a, b, path = b, a, path[::-1]
        lon = np.concatenate([[place[a][0]], layer.lon[path], [place[b][0]]])
        lat = np.concatenate([[place[a][1]], layer.lat[path], [place[b][1]]])
        line = shapely.LineString(np.column_stack([lon, lat])).simplify(DRAW_DEG)
        shape = shapely.transform(line, lambda points: points.round(DRAW_DECIMALS))
        made.append((f"{mode}-{a}-{b}", a, b, "no", mode, round(leg.km, 3), layer.name, shape))
    return pd.DataFrame(made, columns=FIELDS)


def without_link(nodes: pd.DataFrame, links: pd.DataFrame) -> tuple[str, ...]:
    """List 'node_id mode' for each node that no link of its built mode touches."""
    touched = set(zip(links["from_node_id"], links["mode"], strict=True))
    touched |= set(zip(links["to_node_id"], links["mode"], strict=True))
    built = set(links["mode"])
    wanted = {(n, m) for n, ms in zip(nodes["node_id"], nodes["mode"], strict=True) for m in ms}
    return tuple(f"{n} {m}" for n, m in sorted(wanted - touched) if m in built)
