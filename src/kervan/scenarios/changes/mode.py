"""Change parameters of a mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kervan.scenarios.parameter import ParameterChange


@dataclass(frozen=True, kw_only=True)
class ModeChange(ParameterChange):
    """Set or scale parameters in `mode.csv`.

    Attributes
    ----------
    mode : tuple of str
        Keys of the rows; ``all`` for every row.
    """

    keyword: ClassVar[str] = "mode"
    mode: tuple[str, ...]
