"""Build a study's links from open data: `build_links`, `write_links`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from kervan.core.errors import Fault, TableError
from kervan.core.files import write_text, write_with
from kervan.network.sources.connect import (
    border_rows,
    inland_rows,
    link_table,
    without_link,
)
from kervan.network.sources.inputs import check_inputs, read_table
from kervan.network.sources.layer import Layer
from kervan.network.sources.prepare import join_nodes, prepare_layer
from kervan.network.sources.readers import package_versions, read_layer

__all__ = ["BuildReport", "BuildResult", "build_links", "write_links"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class BuildReport:
    """What the builder did.

    Attributes
    ----------
    packages : mapping
        Versions of the data packages.
    layers : DataFrame
        One row a layer: vertices and edges read and kept, components before and after, number
        and km of automatic stitches and bridges, rows of hand repair.
    snaps : DataFrame
        node_id, layer, how, snap_km.
    isolated : tuple of str
        'node_id mode' that no link touches.
    """

    packages: Mapping[str, str]
    layers: pd.DataFrame
    snaps: pd.DataFrame
    isolated: tuple[str, ...]

    def to_text(self) -> str:
        """Report as plain text."""
        far = self.snaps[self.snaps["snap_km"] > 5].sort_values("snap_km", ascending=False)
        parts = [
            "data: " + ", ".join(f"{k} {v}" for k, v in sorted(self.packages.items())),
            self.layers.to_string(index=False),
            f"nodes joined: {len(self.snaps)}, farther than 5 km: {len(far)}",
            *(
                f"  {row['node_id']} {row['layer']} {row['snap_km']} km"
                for row in far.to_dict("records")
            ),
            "without any link: " + (", ".join(self.isolated) or "none"),
        ]
        return "\n".join(parts) + "\n"


@dataclass(frozen=True)
class BuildResult:
    """Links of a study and how they came about.

    Attributes
    ----------
    links : DataFrame
        Rows of the table `link` made from layers; `geometry` holds shapely lines (WGS 84).
    report : BuildReport
        Counts, versions, snap distances.
    """

    links: pd.DataFrame
    report: BuildReport


def build_links(
    nodes: pd.DataFrame,
    *,
    crossings: pd.DataFrame,
    repairs: pd.DataFrame,
    overlay: pd.DataFrame,
    layers: Mapping[str, Layer] | None = None,
    progress: Callable[[str], None] | None = None,
) -> BuildResult:
    """Make the links of a study from the open layers.

    Parameters
    ----------
    nodes : DataFrame
        Table `node`: node_id, country, x_coord, y_coord, modes (list or text joined by |).
    crossings : DataFrame
        from_node_id, to_node_id, mode: the pairs of nodes between which a border may be passed.
    repairs, overlay : DataFrame
        Tables network_repairs and network_overlay (see `inputs`).
    layers : mapping of name to Layer, optional
        Layers to use in place of the installed data (rail, road, sea).
    progress : callable, optional
        Gets one line of text per step.

    Returns
    -------
    BuildResult
        Deterministic: the same inputs and data versions give the same rows in the same order.

    Raises
    ------
    MissingExtra
        If the data packages are absent.
    TableError
        With every node too far from its layer, every border pair without a way, every repair
        row that does nothing.

    Notes
    -----
    Within a country links keep all distances between the mode's nodes within
    `connect.TOLERANCE` (neighbours) and `connect.FAR_TOLERANCE` (others); a
    line may leave the country's 1:50m outline by `countries.BORDER_DEG` at most. Between two
    countries there is a link only for a declared pair.
    """
    check_inputs(repairs, overlay)
    say = progress or logger.info
    nodes = nodes.assign(mode=nodes["modes"].map(_as_list)).sort_values("node_id")
    tables, snaps, summary = [], [], []
    for name in ("rail", "road", "sea"):
        modes = sorted(set(overlay.loc[overlay["layer"] == name, "mode"]))
        ours = nodes[nodes["mode"].map(lambda listed, m=modes: any(x in m for x in listed))]
        if ours.empty:
            continue
        say(f"{name}: read and repair")
        raw = layers[name] if layers is not None else read_layer(name)
        layer, row = prepare_layer(raw, ours, repairs, overlay)
        summary.append(row)
        say(f"{name}: join {len(ours)} nodes")
        snapped, masks = join_nodes(layer, ours, repairs, overlay)
        snaps.append(snapped.frame)
        say(f"{name}: links")
        rows = [*inland_rows(snapped, masks, ours, overlay, modes)]
        rows += border_rows(snapped, masks, ours, crossings[crossings["mode"].isin(modes)])
        tables.append(link_table(snapped.layer, rows, ours))
    links = pd.concat(tables).sort_values("link_id", ignore_index=True)
    packages = {} if layers is not None else package_versions()
    report = BuildReport(
        packages,
        pd.DataFrame(summary),
        pd.concat(snaps, ignore_index=True),
        without_link(nodes, links),
    )
    return BuildResult(links, report)


def write_links(
    study_dir: Path,
    *,
    layers: Mapping[str, Layer] | None = None,
    progress: Callable[[str], None] | None = None,
) -> BuildResult:
    """Build a study's links and write link.parquet and network_report.txt beside its tables.

    Parameters
    ----------
    study_dir : Path
        Folder with node.csv, crossing.csv, network_overlay.csv and network_repairs.csv.
    layers, progress
        As in `build_links`.

    Returns
    -------
    BuildResult
        What was written.
    """
    result = build_links(
        _read_csv(study_dir / "node.csv").astype({"x_coord": float, "y_coord": float}),
        crossings=_read_csv(study_dir / "crossing.csv"),
        repairs=read_table(study_dir / "network_repairs.csv"),
        overlay=read_table(study_dir / "network_overlay.csv"),
        layers=layers,
        progress=progress,
    )
    write_with(study_dir / "link.parquet", lambda path: _write_parquet(result.links, path))
    write_text(study_dir / "network_report.txt", result.report.to_text())
    return result


def _read_csv(path: Path) -> pd.DataFrame:
    if not path.exists():
        fault = Fault(path.name, "", "", "no such file", "the builder needs it in the study folder")
        raise TableError([fault])
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def _write_parquet(links: pd.DataFrame, path: Path) -> None:
    import geopandas as gpd  # noqa: PLC0415 - heavy, and only needed where geometry is written

    frame = gpd.GeoDataFrame(links, geometry="geometry", crs="OGC:CRS84")
    frame.to_parquet(path, compression="zstd", compression_level=19, index=False)


def _as_list(value: object) -> tuple[str, ...]:
    parts = value.split("|") if isinstance(value, str) else tuple(value)  # type: ignore[arg-type]
    return tuple(part for part in parts if part)
