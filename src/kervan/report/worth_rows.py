"""Rows of a worth table as people speak of them: both ways together, named, on a map."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from kervan.core.messages import text
from kervan.report.export import flat, write_layers
from kervan.report.geometry import Shapes
from kervan.report.names import country_name, short_name
from kervan.report.rows import row_title
from kervan.study import Study

WORLD = "world"
HOUR, ANSWERED, DOLLAR = "usd_per_hour", "usd_per_hour_prices_answer", "usd_per_usd_per_t"
"""Columns that rows are ranked by."""
LINE, POINT = ("link", "service"), ("border", "transfer")
SUMS = ("tonnes", HOUR, DOLLAR, "usd_per_spread_hour", ANSWERED)


def both_ways(rows: pd.DataFrame, by: str = HOUR) -> pd.DataFrame:
    """Add up the rows of one country that are the two ways of one border, transfer or service.

    Parameters
    ----------
    rows : DataFrame
        As from `LinkWorth.to`.
    by : str
        Column by which they are ranked.

    Returns
    -------
    DataFrame
        The same columns, the most worth first; hours are the mean, the corridor is that
        of the way worth more.
    """
    ends = np.sort(rows[["from_node_id", "to_node_id"]].to_numpy(dtype=str), axis=1)
    modes = np.sort(rows[["from_mode", "mode"]].to_numpy(dtype=str), axis=1)
    keys = pd.DataFrame({
        "kind": rows["kind"], "a": ends[:, 0], "b": ends[:, 1], "m": modes[:, 0], "n": modes[:, 1],
        "own": rows["ref_id"].where(rows["kind"] == "link", ""),
    })  # fmt: skip
    code = keys.groupby(list(keys.columns), sort=False).ngroup().to_numpy()
    how = dict.fromkeys(rows.columns, "first") | {"hours": "mean"} | dict.fromkeys(SUMS, "sum")
    table = rows.groupby(code, sort=False).agg(how)
    return table.sort_values(by, ascending=False, kind="stable", ignore_index=True)


def worth_title(study: Study, row: pd.Series, lang: str) -> str:
    """Name a row; a border says that it is one, a change of mode where it is."""
    kind, nodes = str(row["kind"]), study.table("node")[f"name_{lang}"]
    if kind == "transfer":
        modes = study.table("mode")[f"name_{lang}"]
        place = short_name(str(nodes.get(row["from_node_id"], row["from_node_id"])))
        return f"{place}: {modes[row['from_mode']]} – {modes[row['mode']]}"
    name = row_title(study, kind, str(row["ref_id"]), lang)
    if name == row["ref_id"]:
        name = " – ".join(
            short_name(str(nodes.get(row[end], row[end]))) for end in ("from_node_id", "to_node_id")
        )
    return f"{name} ({text('kind.border', lang).lower()})" if kind == "border" else name


def who_title(who: str, lang: str) -> str:
    """Name a country, or the world."""
    return text("worth.world", lang) if who == WORLD else country_name(who, lang) or who


def write_worth_layers(path: Path, rows: pd.DataFrame, shapes: Shapes) -> Path:
    """Write the rows of all countries as a GeoPackage of lines and points.

    Parameters
    ----------
    path : Path
        File to write; must not exist.
    rows : DataFrame
        As in `LinkWorth.rows`.
    shapes : Shapes
        Lines and points of the study.
    """
    lines = rows[rows["ref_id"].isin(list(shapes.lines)) & rows["kind"].isin(LINE)]
    points = rows[rows["kind"].isin(POINT) & rows["from_node_id"].isin(list(shapes.points))]
    drawn = [shapely.LineString(shapes.lines[str(key)]) for key in lines["ref_id"]]
    spots = [shapely.Point(shapes.points[str(key)]) for key in points["from_node_id"]]
    layers = [("lines", "LineString", flat(lines), drawn), ("points", "Point", flat(points), spots)]
    return write_layers(path, layers)
