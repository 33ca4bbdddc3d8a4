"""Volumes counted in a year: which rows of `observation.csv` they are and what they count."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kervan.core.errors import Fault, InputError
from kervan.study import Study

CORRIDOR = "corridor:"
TONNES = {"t": 1.0, "Mt": 1e6}
"""Tonnes in the units of mass."""

UNITS = (*TONNES, "teu", "truck")
"""Units a prediction can be told in; block trains are not among them, as their load differs."""

SEEN = ("reported", "dated")
PROMISED = ("announced", "target")
_YEAR = re.compile(r"_(?:19|20)\d\d(?=_|$)")
_YEARS = re.compile(r"(\d{4})(?:-(\d{4}))?")


@dataclass(frozen=True)
class Count:
    """What was, or was to be, counted in a year at a place or on a corridor.

    Attributes
    ----------
    observation_id : str
        Row of `observation.csv`.
    series : str
        The same count in other years has the same series: the row's name without its year.
    year : int
        Year counted.
    corridors : tuple of str
        Cargo on any of these corridors is counted; empty: on any route.
    places : tuple of str
        Nodes that counted cargo passes, all of them.
    commodity : str
        Commodity counted; empty: all (of a count in TEU: all that ride in boxes).
    unit : str
        ``t``, ``Mt``, ``teu`` or ``truck``.
    value : float
        In that unit.
    use : str
        ``fit``, ``holdout`` or ``shown``.
    basis : str
        ``reported``, ``dated``, ``announced`` or ``target``.
    claim_id : str
        Claim in the record.
    """

    observation_id: str
    series: str
    year: int
    corridors: tuple[str, ...]
    places: tuple[str, ...]
    commodity: str
    unit: str
    value: float
    use: str
    basis: str
    claim_id: str = ""

    @property
    def is_scored(self) -> bool:
        """Whether it is an outcome declared for fitting or for holding out."""
        return self.use in {"fit", "holdout"} and self.basis in SEEN


def read_counts(study: Study) -> tuple[Count, ...]:
    """Read the volumes of a study that a prediction can be set beside.

    Parameters
    ----------
    study : Study
        The study; what was not known on the day of `Study.as_known` is not in its table.

    Returns
    -------
    tuple of Count
        Rows of kind volume that say where they were counted, in a unit of `UNITS`, by row.
    """
    rows = study.table("observation")
    rows = rows[(rows["kind"] == "volume") & rows["unit"].isin(UNITS)]
    return tuple(
        Count(
            observation_id=str(row["observation_id"]),
            series=series_of(str(row["observation_id"])),
            year=int(str(row["date"])[:4]),
            corridors=tuple(t.removeprefix(CORRIDOR) for t in row["via"] if t.startswith(CORRIDOR)),
            places=tuple(t for t in row["via"] if not t.startswith(CORRIDOR)),
            commodity=str(row["commodity"]),
            unit=str(row["unit"]),
            value=float(row["value"]),
            use=str(row["use"]),
            basis=str(row["basis"]),
            claim_id=str(row["claim_id"]),
        )
        for row in rows.to_dict("records")
        if row["via"]
    )


def series_of(observation_id: str) -> str:
    """Name a count without its year.

    Examples
    --------
    >>> series_of("titr_volume_2022"), series_of("titr_volume_2022_forecast")
    ('titr_volume', 'titr_volume_forecast')
    """
    return _YEAR.sub("", observation_id)


def last_before(counts: Sequence[Count], outcome: Count) -> Count | None:
    """Give the last outcome of the same series in an earlier year; None where there is none."""
    earlier = [
        count
        for count in counts
        if count.series == outcome.series and count.year < outcome.year and count.is_scored
    ]
    return max(earlier, key=lambda count: count.year, default=None)


def plans_for(counts: Sequence[Count], outcome: Count) -> list[Count]:
    """List what was announced for an outcome: same place, commodity, kind of unit and year."""
    return [
        count
        for count in counts
        if count.basis in PROMISED
        and count.year == outcome.year
        and count.series.startswith(f"{outcome.series}_")
        and (count.corridors, count.places) == (outcome.corridors, outcome.places)
        and (count.unit in TONNES) == (outcome.unit in TONNES)
    ]


def in_unit(count: Count, unit: str) -> float:
    """Tell a count in another unit of its kind (t and Mt).

    Examples
    --------
    >>> plan = Count("a_2022", "a", 2022, (), ("x",), "", "Mt", 3.2, "shown", "announced")
    >>> in_unit(plan, "t"), in_unit(plan, "Mt")
    (3200000.0, 3.2)
    """
    if count.unit == unit:
        return count.value
    return count.value * TONNES[count.unit] / TONNES[unit]


def parse_years(written: str) -> tuple[int, ...]:
    """Read years such as ``2019-2021`` or ``2019,2022``.

    Parameters
    ----------
    written : str
        Years and spans of years, separated by commas.

    Returns
    -------
    tuple of int
        The years in rising order.

    Raises
    ------
    InputError
        If a part is no year or span of years.

    Examples
    --------
    >>> parse_years("2019-2021,2024")
    (2019, 2020, 2021, 2024)
    """
    years: set[int] = set()
    for part in written.split(","):
        found = _YEARS.fullmatch(part.strip())
        first = int(found[1]) if found else 0
        last = int(found[2] or first) if found else 0
        if not 1900 <= first <= last <= 2100:
            problem = f"'{part.strip()}' is not a year or a span of years"
            raise InputError([Fault("--years", "", "", problem, "write 2019-2021 or 2019,2021")])
        years.update(range(first, last + 1))
    return tuple(sorted(years))
