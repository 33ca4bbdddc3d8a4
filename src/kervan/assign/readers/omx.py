"""OMX matrices: demand by zone pair in an HDF5 file (the extra `omx`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from kervan.assign.engine.compiled import Floats, Wholes
from kervan.assign.engine.network import Commodity
from kervan.assign.readers.lines import fault
from kervan.core.errors import Fault, InputError, MissingExtra

MATRIX_DIMENSIONS = 2


def read_omx(
    path: str | Path,
    *,
    matrix: str | None = None,
    zones: str | None = None,
    theta: float = np.inf,
) -> tuple[Commodity, Wholes]:
    """Read a matrix of demand from an OMX file.

    Parameters
    ----------
    path : path
        The file.
    matrix : str, optional
        Name of the matrix; else the only one there is.
    zones : str, optional
        Name of the lookup that holds the zones' numbers; else the only one, else 1 … n.
    theta : per unit of cost
        Dispersion of route choice.

    Returns
    -------
    Commodity, (n_zones,) int
        Demand by place in the list of zones, and that list.

    Raises
    ------
    InputError
        If the file is no OMX file or cut short, the matrix is not there or not square, or a cell
        is negative or no number (row and column are named).
    MissingExtra
        If openmatrix is not installed.
    """
    where = Path(path)
    table, numbers = _load(where, matrix, zones)
    faults = []
    for i, j in np.argwhere(~(table >= 0) | np.isinf(table)):
        faults.append(
            fault(
                where,
                "",
                f"demand from zone {numbers[i]} to {numbers[j]} (row {i + 1}, column "
                f"{j + 1}) is {table[i, j]:g}",
                "give a number >= 0",
            )
        )
    if faults:
        raise InputError(faults)
    origin, destination = np.nonzero(table)
    trips = Commodity(origin, destination, table[origin, destination], name="trips", theta=theta)
    return trips, numbers


def _load(path: Path, matrix: str | None, zones: str | None) -> tuple[Floats, Wholes]:
    try:
        import openmatrix  # noqa: PLC0415 (an extra)
    except ImportError:
        raise MissingExtra("reading OMX", "omx") from None
    if not path.is_file():
        raise InputError([fault(path, "", "there is no such file", "check the path")])
    try:
        file = openmatrix.open_file(str(path), "r")
    except Exception as error:
        problem = f"is no OMX file or is cut short ({type(error).__name__})"
        raise InputError([fault(path, "", problem, "write it anew")]) from error
    try:
        name = _choose(path, file.list_matrices(), matrix, "matrix")
        table = _matrix(path, file, str(name))
        return table, _zones(path, file, zones, len(table))
    finally:
        file.close()


def _matrix(path: Path, file: Any, name: str) -> Floats:
    try:
        table = np.array(file[name], dtype=float)
    except Exception as error:
        problem = f"matrix '{name}' cannot be read ({type(error).__name__})"
        raise InputError([fault(path, "", problem, "write the file anew")]) from error
    if table.ndim != MATRIX_DIMENSIONS or table.shape[0] != table.shape[1]:
        raise InputError(
            [
                fault(
                    path,
                    "",
                    f"matrix '{name}' has the shape {table.shape}",
                    "give one row and one column per zone",
                )
            ]
        )
    return table


def _zones(path: Path, file: Any, zones: str | None, n: int) -> Wholes:
    lookups = file.list_mappings()
    if zones is None and len(lookups) != 1:
        return np.arange(1, n + 1)
    name = _choose(path, lookups, zones, "lookup")
    numbers = np.asarray(file.map_entries(name))
    if len(numbers) != n or len(np.unique(numbers)) != n:
        raise InputError(
            [
                fault(
                    path,
                    "",
                    f"lookup '{name}' has {len(np.unique(numbers))} "
                    f"different zones, the matrix {n}",
                    "give each zone once",
                )
            ]
        )
    return numbers


def _choose(path: Path, names: list[str], wanted: str | None, what: str) -> str:
    if wanted in names:
        return str(wanted)
    faults: list[Fault] = []
    listed = ", ".join(names) or "none"
    if wanted is not None:
        faults = [fault(path, "", f"has no {what} '{wanted}'", f"take one of: {listed}")]
    elif len(names) != 1:
        faults = [fault(path, "", f"has {len(names)} of the kind {what}", f"name one of: {listed}")]
    if faults:
        raise InputError(faults)
    return names[0]
