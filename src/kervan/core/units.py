"""Convert published units of money and capacity to tonnes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from kervan.core.errors import Fault, UnitError

HOURS_PER_DAY = 24.0
DAYS_PER_YEAR = 365.0
WEEKS_PER_YEAR = DAYS_PER_YEAR / 7.0
TEU_PER_FEU = 2.0
WAGONS_PER_TRAIN = 50.0


@dataclass(frozen=True)
class LoadFactors:
    """Tonnes of one commodity in each kind of unit.

    Attributes
    ----------
    t_per_teu, t_per_wagon, t_per_truck : float
        Tonnes per twenty-foot unit, rail wagon and truck, > 0.
    """

    t_per_teu: float
    t_per_wagon: float
    t_per_truck: float

    def tonnes(self, unit: str) -> float:
        """Tonnes in one unit (``t``, ``Mt``, ``teu``, ``feu``, ``wagon``, ``truck``, ``train``)."""
        per_unit = {
            "t": 1.0,
            "Mt": 1e6,
            "teu": self.t_per_teu,
            "feu": TEU_PER_FEU * self.t_per_teu,
            "wagon": self.t_per_wagon,
            "truck": self.t_per_truck,
            "train": WAGONS_PER_TRAIN * self.t_per_wagon,
        }
        if unit not in per_unit:
            raise UnitError([Fault("units", "", "", f"unknown unit '{unit}'", _list(per_unit))])
        return per_unit[unit]


PERIODS_PER_YEAR: Mapping[str, float] = MappingProxyType(
    {"yr": 1.0, "d": DAYS_PER_YEAR, "week": WEEKS_PER_YEAR}
)


def money_per_tonne(value: float, unit: str, factors: LoadFactors, *, km: float = 0.0) -> float:
    """Convert a price to USD per tonne.

    Parameters
    ----------
    value : float
        Price in `unit`.
    unit : str
        ``usd/t``, ``usd/teu``, ``usd/feu``, ``usd/wagon``, ``usd/truck``, or per kilometre
        ``usd/tkm``, ``usd/teu_km``, ``usd/truck_km``.
    factors : LoadFactors
        Tonnes per unit of the commodity.
    km : float, optional
        Length for prices per kilometre.

    Returns
    -------
    float
        USD/t.

    Raises
    ------
    UnitError
        If the unit is not one of those above.

    Examples
    --------
    >>> money_per_tonne(2400.0, "usd/feu", LoadFactors(12.0, 60.0, 20.0))
    100.0
    """
    currency, _, per = unit.partition("/")
    if currency != "usd" or not per:
        raise UnitError([Fault("units", "", "", f"unknown price unit '{unit}'", "use usd/…")])
    if per == "tkm":
        return value * km
    if per.endswith("_km"):
        return value * km / factors.tonnes(per.removesuffix("_km"))
    return value / factors.tonnes(per)


def tonnes_per_year(value: float, unit: str, factors: LoadFactors) -> float:
    """Convert a capacity such as ``teu/yr`` or ``truck/d`` to tonnes a year.

    Examples
    --------
    >>> tonnes_per_year(1.0, "Mt/yr", LoadFactors(12.0, 60.0, 20.0))
    1000000.0
    """
    per, _, period = unit.partition("/")
    if period not in PERIODS_PER_YEAR:
        raise UnitError(
            [Fault("units", "", "", f"unknown capacity unit '{unit}'", _list(PERIODS_PER_YEAR))]
        )
    return value * factors.tonnes(per) * PERIODS_PER_YEAR[period]


def _list(known: Mapping[str, float]) -> str:
    return "use one of " + ", ".join(known)
