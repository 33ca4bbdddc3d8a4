"""A function with all that it is bound to, as bytes that a worker opens once."""

from __future__ import annotations

import copyreg
import io
import pickle
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import Any

LEVEL = 1
"""Of compression: large tables shrink tenfold at little cost."""

Function = Callable[[Any], Any]


@dataclass(frozen=True)
class Parcel:
    """A function on its way to a worker.

    Attributes
    ----------
    key : str
        Hash of the content.
    content : bytes
        The function, pickled and compressed.
    """

    key: str
    content: bytes


def pack(function: Function) -> Parcel:
    """Pickle a function with what it is bound to, read-only mappings included.

    Parameters
    ----------
    function : callable
        A function of a module, or a `functools.partial` or frozen value that holds data.

    Returns
    -------
    Parcel
        What `call` opens.
    """
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer, protocol=pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = copyreg.dispatch_table | {MappingProxyType: _as_dict}
    pickler.dump(function)
    content = zlib.compress(buffer.getvalue(), LEVEL)
    return Parcel(sha256(content).hexdigest(), content)


def call(parcel: Parcel, task: object) -> Any:
    """Call the function of a parcel; the last one opened stays open."""
    if parcel.key not in _open:
        _open.clear()
        _open[parcel.key] = pickle.loads(zlib.decompress(parcel.content))
    return _open[parcel.key](task)


_open: dict[str, Function] = {}


def _as_dict(value: Mapping[Any, Any]) -> tuple[Callable[..., object], tuple[object, ...]]:
    return _read_only, (dict(value),)


def _read_only(value: dict[Any, Any]) -> Mapping[Any, Any]:
    return MappingProxyType(value)
