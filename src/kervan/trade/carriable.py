"""How much of a pair's trade in goods is not oil that goes by pipeline or tanker."""

from __future__ import annotations

from dataclasses import dataclass

from kervan.trade.dataset import TradeData
from kervan.trade.summary import pair_by_sector


@dataclass(frozen=True)
class OilFree:
    """Share of the value of a pair's trade in goods, both ways, that is not crude oil.

    Attributes
    ----------
    share, low, high : float
        Share, and its range by what the reported tonnes of oil are worth.
    year : int
        Year of the trade.
    known_from : str
        Year in which the data came out.
    """

    share: float
    low: float
    high: float
    year: int
    known_from: str


def oil_free_share(data: TradeData, a: str, b: str) -> OilFree | None:
    """Return the part of two countries' trade in goods that trains, trucks and ferries can carry.

    Parameters
    ----------
    data : TradeData
        The data.
    a, b : str
        Codes.

    Returns
    -------
    OilFree or None
        None for every pair whose oil is not checked against reported tonnes: today any but
        Kazakhstan and Türkiye.

    Notes
    -----
    Crude oil and gas of the sector ``crude`` count as carried by pipeline or tanker, all other
    goods as what a corridor may carry; refined products too, since trains carry them. The range
    comes from a quarter of 2023 made a year, and from that divided by one less the fall it
    reports, at the mean price of 2022 (`data.build`).
    """
    check = data.build.get("crude_from_kazakhstan")
    if check is None or {a, b} != {"KAZ", "TUR"}:
        return None
    pair = pair_by_sector(data, "KAZ", "TUR").set_index("sector")
    goods = pair[pair["kind"] == "goods"][["a_to_b_musd", "b_to_a_musd"]].to_numpy().sum()
    oil = float(pair.loc["crude", ["a_to_b_musd", "b_to_a_musd"]].to_numpy(float).sum())
    return OilFree(
        share=1.0 - oil / float(goods),
        low=1.0 - check["high_musd"] / float(goods),
        high=1.0 - check["low_musd"] / float(goods),
        year=data.year,
        known_from=str(data.sources.loc["icio-2025", "year"]),
    )
