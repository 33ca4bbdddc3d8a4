"""What every result carries: a hash of its inputs, its options and the claims behind it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import pandas as pd

SCHEMA_VERSION = 1
"""Version of every JSON layout written by the library."""


@dataclass(frozen=True)
class Provenance:
    """Where a result comes from.

    Attributes
    ----------
    inputs : str
        Hash of the inputs.
    options : mapping
        Options of the call.
    claims : tuple of str
        Ids of the claims behind the inputs.
    """

    inputs: str
    options: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    claims: tuple[str, ...] = ()


def digest(parts: Iterable[object]) -> str:
    """Hash values, arrays and tables the same way on every machine.

    Parameters
    ----------
    parts : iterable
        Strings, numbers, NumPy arrays, DataFrames or mappings of them.

    Returns
    -------
    str
        First 16 hexadecimal digits of SHA-256.
    """
    total = hashlib.sha256()
    for part in parts:
        total.update(_bytes(part))
        total.update(b"\x1f")
    return total.hexdigest()[:16]


def _bytes(part: object) -> bytes:
    if isinstance(part, pd.DataFrame):
        return part.to_csv(index=False, lineterminator="\n").encode()
    if isinstance(part, np.ndarray):
        return str(part.dtype).encode() + str(part.shape).encode() + part.tobytes()
    if isinstance(part, Mapping):
        return digest([item for pair in sorted(part.items()) for item in pair]).encode()
    return repr(part).encode()
