"""Change parameters of a commodity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kervan.scenarios.parameter import ParameterChange


@dataclass(frozen=True, kw_only=True)
class CommodityChange(ParameterChange):
    """Set or scale parameters in `commodity.csv`.

    Attributes
    ----------
    commodity : tuple of str
        Keys of the rows; ``all`` for every row.
    """

    keyword: ClassVar[str] = "commodity"
    commodity: tuple[str, ...]
