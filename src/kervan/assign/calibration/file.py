"""`calibration.toml`: written beside a study's results, read back and applied, never a table."""

from __future__ import annotations

import json
import logging
import math
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kervan.assign.calibration.calibrate import RESIDUAL_COLUMNS, Calibration
from kervan.assign.calibration.estimates import CONSTANT, Estimate, is_scale
from kervan.core.errors import Fault, InputError
from kervan.core.files import write_text
from kervan.core.results import SCHEMA_VERSION
from kervan.study import Study

FILE = "calibration.toml"
_HEAD = ("study", "study_hash", "years", "known", "count_sd", "shocks", "predictor")
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "study": str, "study_hash": str, "years": list, "known": str, "count_sd": (int, float),
    "shocks": list, "predictor": str,
}  # fmt: skip

NUMBERS = ("value", "low", "high", "prior", "prior_low", "prior_high")

log = logging.getLogger(__name__)


def write_calibration(calibration: Calibration, folder: Path) -> Path:
    """Write a calibration into a folder as `calibration.toml`, under a temporary name first.

    Returns
    -------
    Path
        The file.
    """
    path = folder / FILE
    write_text(path, to_toml(calibration))
    return path


def to_toml(calibration: Calibration) -> str:
    """Write a calibration as TOML; a number that is not known is ``nan``."""
    lines = [f"schema_version = {SCHEMA_VERSION}"]
    lines += [f"{name} = {_value(getattr(calibration, name))}" for name in _HEAD]
    for estimate in calibration.estimates:
        lines += ["", "[[parameter]]"]
        lines += [f"{key} = {_value(value)}" for key, value in vars(estimate).items()]
    for row in calibration.residuals.to_dict("records"):
        lines += ["", "[[residual]]"]
        lines += [f"{key} = {_value(value)}" for key, value in row.items()]
    return "\n".join(lines) + "\n"


def read_calibration(path: Path) -> Calibration:
    """Read a calibration.

    Parameters
    ----------
    path : Path
        The file, or the folder that holds it.

    Returns
    -------
    Calibration
        As it was written.

    Raises
    ------
    InputError
        If the file cannot be read or is not a calibration; lists every fault.
    """
    path = path / FILE if path.is_dir() else path
    written = _load(path)
    faults = _head_faults(path, written)
    estimates = [_estimate(path, entry, faults) for entry in written.get("parameter", ())]
    if faults:
        raise InputError(faults)
    head = {name: written[name] for name in _HEAD}
    head |= {name: tuple(head[name]) for name in ("years", "shocks")}
    residuals = pd.DataFrame(written.get("residual", []), columns=list(RESIDUAL_COLUMNS))
    return Calibration(
        estimates=tuple(e for e in estimates if e is not None), residuals=residuals, **head
    )


def with_calibration(study: Study, calibration: Calibration, *, other_study: bool = False) -> Study:
    """Apply a calibration to a study.

    Parameters
    ----------
    study : Study
        The study, all dates, before any scenario card.
    calibration : Calibration
        Fitted to the same study.
    other_study : bool, optional
        Whether a study whose hash is another's is accepted, with a warning in the log.

    Returns
    -------
    Study
        With every `theta` scaled, and the corridor constants by which routes are chosen.

    Raises
    ------
    InputError
        If the hashes differ and `other_study` is not set.
    """
    if calibration.study_hash != study.hash:
        problem = f"was fitted to {calibration.study} {calibration.study_hash}, not {study.hash}"
        if not other_study:
            raise InputError([Fault(FILE, "", "study_hash", problem, "run kervan calibrate again")])
        log.warning("%s %s", FILE, problem)
    return calibration.parameters.applied(study)


def _value(value: object) -> str:
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, tuple | list):
        return f"[{', '.join(_value(part) for part in value)}]"
    if isinstance(value, int | np.integer):
        return str(int(value))
    number = float(value)  # type: ignore[arg-type]
    return repr(number) if math.isfinite(number) else "nan"


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        problem = f"is not TOML: {error}"
    raise InputError([Fault(path.name, "", "", problem, "run kervan calibrate")])


def _head_faults(path: Path, written: Mapping[str, Any]) -> list[Fault]:
    remedy = "run kervan calibrate again"
    faults = []
    if written.get("schema_version") != SCHEMA_VERSION:
        problem = f"this version reads schema_version {SCHEMA_VERSION}"
        faults.append(Fault(path.name, "", "schema_version", problem, remedy))
    for name, kind in _TYPES.items():
        if name not in written:
            faults.append(Fault(path.name, "", name, "the key is missing", remedy))
        elif not isinstance(written[name], kind):
            faults.append(Fault(path.name, "", name, "is of the wrong type", remedy))
    for name in ("parameter", "residual"):
        entries = written.get(name, [])
        if not (isinstance(entries, list) and all(isinstance(e, dict) for e in entries)):
            faults.append(Fault(path.name, "", name, f"is not a list of [[{name}]]", remedy))
    if faults:
        raise InputError(faults)
    return faults


def _estimate(path: Path, entry: Mapping[str, Any], faults: list[Fault]) -> Estimate | None:
    row, remedy = str(entry.get("name", "?")), "run kervan calibrate again"
    missing = [field.name for field in fields(Estimate) if field.name not in entry]
    found = [Fault(path.name, row, name, "is missing", remedy) for name in missing]
    found += [
        Fault(path.name, row, name, "is no finite number", remedy)
        for name in NUMBERS
        if name in entry and not _is_number(entry[name])
    ]
    if not (is_scale(row) or row.startswith(CONSTANT)):
        found.append(Fault(path.name, row, "name", "is no parameter's name", remedy))
    elif not found and is_scale(row) and not entry["value"] > 0:
        found.append(Fault(path.name, row, "value", "is not above 0", remedy))
    faults += found
    names = [field.name for field in fields(Estimate)]
    return None if found else Estimate(**{name: entry[name] for name in names})


def _is_number(value: object) -> bool:
    whole = isinstance(value, int | float) and not isinstance(value, bool)
    return whole and math.isfinite(value)  # type: ignore[arg-type]
