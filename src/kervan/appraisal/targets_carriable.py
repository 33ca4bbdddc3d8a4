"""The part of trade that a corridor of trains, trucks and ferries can carry at all."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from kervan.record import Record

KILOTONNES = {"t": Decimal("0.001"), "kt": Decimal(1), "Mt": Decimal(1000)}


@dataclass(frozen=True)
class Carriable:
    """Part of two parties' trade in goods that is not pipeline or tanker oil, by value.

    Attributes
    ----------
    share, low, high : float
        Share of the value of both directions, and its range.
    year : int
        Year of the trade.
    known_from : str
        EDTF date from which the figure could be known.
    """

    share: float
    low: float
    high: float
    year: int
    known_from: str


@dataclass(frozen=True)
class CarriableMass:
    """Tonnes from one party to another in a period, and the oil among them.

    Attributes
    ----------
    direction, period : str
        As the claims say them.
    total_kt, oil_kt, share : float
        Kilotonnes; share of the total that is not oil.
    claim_ids : tuple of str
        The claims of the total and of the oil.
    """

    direction: str
    period: str
    total_kt: float
    oil_kt: float
    share: float
    claim_ids: tuple[str, ...]


def carriable_factor(value: float, target: float, share: float) -> float:
    """Return how many times itself a part of trade must become while the rest stays.

    Parameters
    ----------
    value, target : float
        Trade now and the target, same unit.
    share : float
        The part's share of the value, in (0, 1].

    Returns
    -------
    float
        Factor; at most 1 where the target is reached; infinite for a share of zero.

    Notes
    -----
    Eq. (A5): f = (T - (1 - s) V) / (s V).

    Examples
    --------
    >>> carriable_factor(5.0, 10.0, 0.5)
    3.0
    """
    return (target - (1.0 - share) * value) / (share * value) if share > 0 else math.inf


def oil_free_mass(record: Record, a: str, b: str) -> tuple[CarriableMass, ...]:
    """Read the tonnes between two parties and the oil among them from the accepted claims.

    Parameters
    ----------
    record : Record
        The record, as known on the day that matters.
    a, b : str
        Ids of the parties.

    Returns
    -------
    tuple of CarriableMass
        One for each direction and period on which the record has both figures.
    """
    found: dict[tuple[str, str], dict[str, tuple[Decimal, str]]] = {}
    for claim in record.accepted().query(kind="measure").all_claims:
        said = claim.fields
        known = said["subject"] in (f"{a}-{b}", f"{b}-{a}") and "value" in said
        if known and said["quantity"] in ("trade_mass", "trade_mass_oil"):
            key = (str(said.get("direction") or ""), str(said.get("period") or ""))
            kilotonnes = Decimal(said["value"]) * KILOTONNES[said["unit"]]
            found.setdefault(key, {})[said["quantity"]] = (kilotonnes, claim.id)
    rows = []
    for (direction, period), by_name in sorted(found.items()):
        if len(by_name) == 2:
            total, oil = by_name["trade_mass"], by_name["trade_mass_oil"]
            share = float(1 - oil[0] / total[0])
            rows.append(
                CarriableMass(direction, period, float(total[0]), float(oil[0]), share,
                              (total[1], oil[1]))
            )  # fmt: skip
    return tuple(rows)
