"""Make the demand of the built-in study from trade and volume figures.

    .venv/bin/python tools/make_demand.py src/kervan/studies/east_west_line

Reads three tables of ``tools/demand_inputs`` and the ``commodity.csv`` of the study, and writes
``demand.csv`` and the lines about it in ``evidence.csv`` of the folder given. The same input gives
the same bytes. ``docs/explanation/demand.md`` tells the way and its assumptions.

- ``figures.csv``: a printed figure a line (``value`` as in its claim); it enters its series as
  ``value * times / over``. A year without a figure lies on the straight line between its
  neighbours; before the first and after the last figure the series is held.
- ``flows.csv``: from where to where, which commodity, from which series, by which method, which
  share of the series, which part can go by land at all, the range as factors and the reason.
- ``zones.csv``: groups of zones and their weights.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

INPUTS = Path(__file__).resolve().parent / "demand_inputs"
STUDY = Path(__file__).resolve().parents[1] / "src" / "kervan" / "studies" / "east_west_line"
YEARS = range(2017, 2026)
OIL_PRICE = 80.0
"""Brent, USD a barrel, at which the oil of commodity.csv has its value per tonne."""
WIDER = (0.75, 1.35)
"""Factors on the range of a year without a figure."""

Row = Mapping[str, str]


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read a CSV table as text."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def number(text: str, default: float = 1.0) -> float:
    """Return a number, or `default` where the cell is empty."""
    return float(text) if text else default


@dataclass(frozen=True)
class Series:
    """Figures of one thing by year, in dollars, tonnes, TEU or dollars a barrel."""

    points: dict[int, float]
    claims: dict[int, tuple[str, ...]]

    def around(self, year: int) -> tuple[int, ...]:
        """Return the year itself if it has a figure, else its neighbours that have one."""
        if year in self.points:
            return (year,)
        before = [known for known in self.points if known < year]
        after = [known for known in self.points if known > year]
        return (*([max(before)] if before else []), *([min(after)] if after else []))

    def nearest_end(self, year: int) -> int:
        """Return the year, or the first or last one with a figure if it lies beyond."""
        return min(max(year, min(self.points)), max(self.points))

    def at(self, year: int) -> float:
        """Return the figure of a year, interpolated between its neighbours or held."""
        near = self.around(year)
        first, last = near[0], near[-1]
        if first == last:
            return self.points[first]
        step = (year - first) / (last - first)
        return self.points[first] * (1 - step) + self.points[last] * step


def read_series(rows: Iterable[Row]) -> dict[str, Series]:
    """Put the figures together by series."""
    points: dict[str, dict[int, float]] = defaultdict(dict)
    claims: dict[str, dict[int, tuple[str, ...]]] = defaultdict(dict)
    for row in rows:
        name, year = row["series"], int(row["year"])
        if year in points[name]:
            raise ValueError(f"figures.csv: {name} has two figures for {year}")
        points[name][year] = float(row["value"]) * number(row["times"]) / number(row["over"])
        claims[name][year] = tuple(row["claim_id"].split("|"))
    return {name: Series(points[name], claims[name]) for name in points}


@dataclass(frozen=True)
class Flow:
    """A line of flows.csv."""

    row: Row

    @property
    def key(self) -> str:
        """Return flow and commodity."""
        return f"{self.row['flow']}.{self.row['commodity']}"

    @cached_property
    def terms(self) -> tuple[tuple[int, str], ...]:
        """Return the series of the line with their signs."""
        written = re.findall(r"([+-])\s*(\S+)", "+ " + self.row["series"])
        return tuple((1 if sign == "+" else -1, name) for sign, name in written)


@dataclass(frozen=True)
class Book:
    """All that the tonnes of a flow follow from."""

    series: Mapping[str, Series]
    flows: tuple[Flow, ...]
    groups: Mapping[str, dict[str, float]]
    group_claims: Mapping[str, tuple[str, ...]]
    commodities: Mapping[str, Row]

    def amount(self, flow: Flow, year: int) -> float:
        """Return the flow's series in a year, in the unit of the series."""
        return sum(sign * self.series[name].at(year) for sign, name in flow.terms)

    def anchor(self, flow: Flow, year: int) -> int:
        """Return the year with tonnes nearest to `year`, the earlier of two."""
        known = self.series[flow.terms[0][1]].points
        return min(known, key=lambda other: (abs(other - year), other))

    def gross(self, flow: Flow, year: int) -> float:
        """Return the tonnes of a year before the part that can go by land is taken."""
        row, kind = flow.row, self.commodities[flow.row["commodity"]]
        method = row["method"]
        if method == "anchored":
            known = self.anchor(flow, year)
            tonnes = self.amount(flow, known)
            if year != known:
                driver = self.series[row["driver"]]
                price = self.oil_price(row, known, driver) / self.oil_price(row, year, driver)
                tonnes *= price * driver.at(year) / driver.at(known)
        elif method == "usd":
            price = self.oil_price(row, year, self.series[flow.terms[0][1]])
            tonnes = self.amount(flow, year) / (float(kind["value_usd_per_t"]) * price)
        elif method == "teu":
            tonnes = self.amount(flow, year) * float(kind["t_per_teu"])
        elif method == "tonnes":
            tonnes = self.amount(flow, year)
        else:
            raise ValueError(f"flows.csv: {flow.key}: method '{method}'")
        return tonnes * number(row["share"]) - self._deduction(row, year)

    def oil_price(self, row: Row, year: int, dollars: Series) -> float:
        """Return Brent over `OIL_PRICE`, held where the dollars are held; 1 for other goods."""
        if row["commodity"] != "oil":
            return 1.0
        return self.series["brent"].at(dollars.nearest_end(year)) / OIL_PRICE

    def _deduction(self, row: Row, year: int) -> float:
        others = (flow for flow in self.flows if flow.row["flow"] == row["less"])
        same = (flow for flow in others if flow.row["commodity"] == row["commodity"])
        return sum(self.gross(flow, year) for flow in same)

    def tonnes(self, flow: Flow, year: int) -> int:
        """Return the flow's tonnes in a year."""
        return round(self.gross(flow, year) * number(flow.row["contestable"]))

    def used(self, flow: Flow, year: int) -> list[tuple[Series, int]]:
        """Return the series that the tonnes of a year rest on, each with the year read."""
        row = flow.row
        oil = row["commodity"] == "oil" and row["method"] != "tonnes"
        if row["method"] != "anchored":
            read = [(self.series[name], year) for _, name in flow.terms]
            return read + ([(self.series["brent"], year)] if oil else [])
        known = self.anchor(flow, year)
        read = [(self.series[name], known) for _, name in flow.terms]
        if year != known:
            read += [(self.series[row["driver"]], other) for other in (known, year)]
            read += [(self.series["brent"], other) for other in (known, year)] if oil else []
        return read

    def is_known(self, flow: Flow, year: int) -> bool:
        """Tell whether every series that decides the year has a figure for it."""
        read = self.used(flow, year)
        main = read[:1] + [pair for pair in read if pair[1] == year]
        return all(other in series.points for series, other in main)

    def claims(self, flow: Flow, years: Iterable[int]) -> list[str]:
        """Return the claims behind the tonnes of some years, in order and once each."""
        found = [
            claim
            for year in years
            for series, read in self.used(flow, year)
            for near in series.around(read)
            for claim in series.claims[near]
        ]
        return list(dict.fromkeys(claim for claim in found if claim))


def read_book(inputs: Path = INPUTS, study: Path = STUDY) -> Book:
    """Read the input tables and the commodities of the study."""
    groups: dict[str, dict[str, float]] = defaultdict(dict)
    claims: dict[str, list[str]] = defaultdict(list)
    for row in read_rows(inputs / "zones.csv"):
        groups[row["group"]][row["zone"]] = float(row["weight"])
        claims[row["group"]] += filter(None, row["claim_id"].split("|"))
    return Book(
        series=read_series(read_rows(inputs / "figures.csv")),
        flows=tuple(Flow(row) for row in read_rows(inputs / "flows.csv")),
        groups=groups,
        group_claims={name: tuple(dict.fromkeys(found)) for name, found in claims.items()},
        commodities={row["commodity"]: row for row in read_rows(study / "commodity.csv")},
    )


def spread(total: int, weights: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], int]:
    """Divide whole tonnes by weights; the tonnes left by rounding down go to the largest rests."""
    whole = sum(weights.values())
    exact = {pair: total * weight / whole for pair, weight in weights.items()}
    parts = {pair: int(share) for pair, share in exact.items()}
    order = sorted(exact, key=lambda pair: (parts[pair] - exact[pair], pair))
    for pair in order[: total - sum(parts.values())]:
        parts[pair] += 1
    return parts


def demand_rows(book: Book) -> list[tuple[str, ...]]:
    """Return the rows of demand.csv."""
    rows: list[tuple[str, ...]] = []
    for flow in book.flows:
        ends = (book.groups[flow.row["origins"]], book.groups[flow.row["destinations"]])
        weights = {(a, b): wa * wb for a, wa in ends[0].items() for b, wb in ends[1].items()}
        for year in YEARS:
            for (a, b), tonnes in spread(book.tonnes(flow, year), weights).items():
                if tonnes:
                    key = f"{flow.key}.{year}.{a}.{b}"
                    rows.append((key, a, b, flow.row["commodity"], str(year), str(tonnes)))
    return rows


def evidence_rows(book: Book) -> list[tuple[str, ...]]:
    """Return the lines of evidence.csv: one a flow and commodity, one a year without a figure."""
    note = "Year of the trade figure or, where the line of the tonnes says so, of its stand-in"
    rows: list[tuple[str, ...]] = [
        ("demand.all.year", "demand", "", "", "year", "", "derived", "", "", "value", note)
    ]
    for flow in book.flows:
        row = flow.row
        low, high = float(row["low"]), float(row["high"])
        known = [year for year in YEARS if book.is_known(flow, year)]
        basis = "assumed" if row["contestable"] else "derived"
        claims = [*book.claims(flow, known), *row["claim_id"].split("|")]
        claims += [c for end in ("origins", "destinations") for c in book.group_claims[row[end]]]
        linked = "|".join(dict.fromkeys(filter(None, claims)))
        rows.append(_line(flow.key, "", linked, basis, (low, high), row["note"]))
        wide = (low * WIDER[0], high * WIDER[1])
        for year in YEARS:
            if year not in known:
                linked = "|".join(book.claims(flow, [year]))
                rows.append(_line(flow.key, str(year), linked, "assumed", wide, _gap(flow)))
    return rows


def _gap(flow: Flow) -> str:
    return (
        "No figure for the year: between the nearest years that have one, or as the nearest; "
        f"else as demand.{flow.key}"
    )


def _line(
    key: str, year: str, claims: str, basis: str, ends: tuple[float, float], note: str
) -> tuple[str, ...]:
    name = f"demand.{key}.{year}" if year else f"demand.{key}"
    chosen = f"demand_id={key}.{year}.*" if year else f"demand_id={key}.*"
    low, high = (f"{end:.3g}" for end in ends)
    return (name, "demand", "", chosen, "tonnes", claims, basis, low, high, "factor", note)


def write_demand(folder: Path, book: Book) -> int:
    """Write demand.csv of a folder and its lines of evidence.csv; return the number of rows."""
    rows = demand_rows(book)
    head = ("demand_id", "origin", "destination", "commodity", "year", "tonnes")
    with (folder / "demand.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([head, *rows])
    path = folder / "evidence.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    others = [line for line in lines if not line.startswith("demand.")]
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(others)
        csv.writer(stream, lineterminator="\n").writerows(evidence_rows(book))
    return len(rows)


def main() -> None:
    """Write the demand of the folder given."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder with evidence.csv")
    parser.add_argument("--inputs", type=Path, default=INPUTS)
    asked = parser.parse_args()
    print(f"{write_demand(asked.folder, read_book(asked.inputs))} rows")


if __name__ == "__main__":
    main()
