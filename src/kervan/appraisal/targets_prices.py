"""Prices of other years: a price index from the record, and values carried by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from kervan.record import Record
from kervan.record.series import Figure

INDEX_THINGS = {"USD": "measure/us/consumer-prices"}
"""Thing whose claims are a currency's price index, one claim a year."""


@dataclass(frozen=True)
class PriceIndex:
    """Price level by year, and the claim behind each year.

    Notes
    -----
    Eq. (A4): a value of year t in prices of year b is V_t P_b / P_t (`ratio`).
    """

    levels: Mapping[int, float] = field(default_factory=lambda: MappingProxyType({}))
    claim_ids: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))

    def known(self, year: int) -> int | None:
        """Return the year, or the latest before it that the index has; None if there is none."""
        return max((known for known in self.levels if known <= year), default=None)

    def ratio(self, year: int, base: int) -> float:
        """Return how much of `base`'s money one unit of `year`'s is worth (Eq. A4)."""
        return self.levels[base] / self.levels[year]


def read_prices(record: Record, currency: str) -> PriceIndex:
    """Read the price index of a currency from the accepted claims.

    Parameters
    ----------
    record : Record
        The record, as known on the day that matters.
    currency : str
        Code of the currency.

    Returns
    -------
    PriceIndex
        Empty where the record has none; of two claims on a year, the later asserted.
    """
    claims = [
        claim
        for claim in record.accepted().query(kind="measure").all_claims
        if claim.thing == INDEX_THINGS.get(currency) and "value" in claim.fields
    ]
    claims.sort(key=lambda claim: (claim.asserted_on or "", claim.id))
    levels = {int(claim.fields["period"]): float(claim.fields["value"]) for claim in claims}
    ids = {int(claim.fields["period"]): claim.id for claim in claims}
    return PriceIndex(MappingProxyType(levels), MappingProxyType(ids))


def in_prices_of(figures: Sequence[Figure], index: PriceIndex, base: int) -> tuple[Figure, ...]:
    """Return figures in the prices of a year; years without an index drop out (Eq. A4)."""
    carried = []
    for figure in figures:
        if figure.year in index.levels:
            ratio = index.ratio(figure.year, base)
            values = {name: getattr(figure, name) * ratio for name in ("value", "low", "high")}
            carried.append(replace(figure, **values))
    return tuple(carried)
