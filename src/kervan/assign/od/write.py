"""Estimated matrices as files: TNTP trips, CSV, OMX."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from kervan.core.errors import Fault, InputError, MissingExtra
from kervan.core.files import write_text

SUFFIXES = (".tntp", ".csv", ".omx")


def check_suffix(path: Path) -> None:
    """Raise an InputError where the ending names no kind of file known here."""
    if path.suffix.lower() not in SUFFIXES:
        problem = f"'{path.suffix}' is no kind of matrix file"
        raise InputError([Fault("--out", "", "", problem, f"end in {', '.join(SUFFIXES)}")])


def write_matrix(path: Path, od: pd.DataFrame, n_zones: int) -> None:
    """Write an estimated matrix in the format its file's ending names.

    Parameters
    ----------
    path : Path
        ``.tntp``: the estimate alone. ``.csv``: the whole table. ``.omx``: matrices ``estimate``
        and ``prior`` (needs the extra `omx`).
    od : DataFrame
        Table `od` of an `ODReport` of a network: origin and destination from 1.
    n_zones : int
        Zones.

    Raises
    ------
    InputError
        For another ending.
    MissingExtra
        If openmatrix is not installed.
    """
    check_suffix(path)
    suffix = path.suffix.lower()
    if suffix == ".csv":
        write_text(path, od.to_csv(index=False, lineterminator="\n"))
    elif suffix == ".tntp":
        write_text(path, _tntp(od, n_zones))
    else:
        _write_omx(path, od, n_zones)


def _tntp(od: pd.DataFrame, n_zones: int) -> str:
    """Give the text of a TNTP trips file."""
    od = od.sort_values(["origin", "destination"])
    origin = od["origin"].to_numpy(dtype=int)
    zones = od["destination"].to_numpy(dtype=int)
    trips = od["estimate"].to_numpy(dtype=float)
    lines = [
        f"<NUMBER OF ZONES> {n_zones}",
        f"<TOTAL OD FLOW> {float(trips.sum())!r}",
        "<END OF METADATA>",
        "",
    ]
    ends = np.searchsorted(origin, np.arange(1, n_zones + 2))
    for zone, (start, end) in enumerate(pairwise(ends), start=1):
        lines.append(f"Origin {zone}")
        lines += [f"{zones[i]} : {float(trips[i])!r};" for i in range(start, end)]
    return "\n".join(lines) + "\n"


def _write_omx(path: Path, od: pd.DataFrame, n_zones: int) -> None:
    try:
        import openmatrix  # noqa: PLC0415 (an extra)
    except ImportError:
        raise MissingExtra("writing OMX", "omx") from None
    path.parent.mkdir(parents=True, exist_ok=True)
    at = od["origin"].to_numpy(dtype=int) - 1, od["destination"].to_numpy(dtype=int) - 1
    file = openmatrix.open_file(str(path), "w")
    try:
        for name in ("estimate", "prior"):
            matrix = np.zeros((n_zones, n_zones))
            matrix[at] = od[name]
            file[name] = matrix
        file.create_mapping("zone", np.arange(1, n_zones + 1))
    finally:
        file.close()
