"""What a reader of a published layout is: how it is recognised, its columns, units and codes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

NOTHING: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True)
class Reader:
    """One published layout.

    Attributes
    ----------
    kind : str
        Name of the data set, as in `kervan data import KIND`.
    layout : str
        Which of the data set's layouts.
    makes : str
        Table it makes: trade, tariff, gravity, icio, or codes (names that go with another file).
    title, source : str
        What the data set is and where its layout is described.
    columns : mapping
        Role of a column to the names it goes by, folded by `fold_column`.
    required : tuple of str
        Roles without which the layout is not recognised.
    usd_per_unit : USD
        Value of one unit of the value column; for tariffs, share per unit of the rate.
    t_per_unit : t
        Tonnes of one unit of the quantity column.
    products : str
        Code system of the product column: hs, or own (kept as written).
    codes : str
        Code systems of the country columns the publisher uses.
    wholes : mapping
        Role of a breakdown to the values that stand for its whole.
    """

    kind: str
    layout: str
    makes: str
    title: str
    source: str
    columns: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    usd_per_unit: float = 1.0
    t_per_unit: float = 1.0
    products: str = "hs"
    codes: str = ""
    wholes: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NOTHING)

    @property
    def name(self) -> str:
        """Kind and layout."""
        return f"{self.kind}-{self.layout}" if self.layout else self.kind

    def places(self, header: Sequence[str]) -> dict[str, int]:
        """Find the place of each role's column; a role without a column is left out."""
        folded = [fold_column(name) for name in header]
        found = {}
        for role, names in self.columns.items():
            for name in names:
                if name in folded:
                    found[role] = folded.index(name)
                    break
        return found

    def missing(self, header: Sequence[str]) -> list[str]:
        """Give the required roles that no column of the header fills."""
        places = self.places(header)
        return [role for role in self.required if role not in places]


@dataclass(frozen=True)
class Count:
    """Rows of one fate and the value they carry.

    Attributes
    ----------
    rows : int
        Number of rows (cells, for an input–output table).
    value_usd : float
        USD; 0 where the data carry no value.
    """

    rows: int
    value_usd: float = 0.0


def fold_column(name: str) -> str:
    """Reduce a column's name to lower-case letters and digits.

    Examples
    --------
    >>> fold_column("Trade Value (US$)"), fold_column("TradeValueUS")
    ('tradevalueus', 'tradevalueus')
    """
    return re.sub(r"[^a-z0-9]", "", name.lower())
