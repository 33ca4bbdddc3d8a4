"""The report's tables in a language, with units in the headings."""

from __future__ import annotations

import math

import pandas as pd

from kervan.core.messages import number, percent, text
from kervan.core.units import HOURS_PER_DAY
from kervan.report.atlas import LEAST_SHARE
from kervan.report.cells import (
    DASH,
    DIGITS,
    Cell,
    View,
    bar,
    heading,
    in_days,
    plain,
    signed,
    swatch,
    to_float,
)
from kervan.report.names import Names, ordered, word


def corridor_view(rows: pd.DataFrame, names: Names, lang: str, *, caption: str) -> View:
    """Table of a pair's corridors.

    Parameters
    ----------
    rows : DataFrame
        Rows of the corridor table for one pair and scenario.
    names : Names
        Names of corridors.
    lang : {"en", "tr"}
        Language.
    caption : str
        Caption.
    """
    measures = [name for name in DIGITS if name != "hours"]
    table = in_days(rows)
    found = table[table["corridor"] != ""]
    body = [
        (
            Cell(names.of("corridor", row["corridor"], lang), is_heading=True,
                 colour=swatch(str(row["corridor"]), names)),
            Cell(percent(row["share"], lang, 1), is_number=True, bar=bar(row["share"])),
            *(Cell(number(to_float(row.get(m)), lang, DIGITS[m]), is_number=True)
              for m in measures),
        )
        for _, row in found.iterrows()
    ]  # fmt: skip
    if not body:
        body = [(Cell(text("report.no_route", lang), is_heading=True),
                 *(Cell(DASH, is_number=True) for _ in ["share", *measures]))]  # fmt: skip
    headers = [("corridor", False), ("share", True), *((m, True) for m in measures)]
    return View(caption, tuple((heading(n, lang), right) for n, right in headers), tuple(body))


def scenario_view(
    shares: pd.DataFrame, changes: pd.DataFrame, names: Names, lang: str, *, caption: str
) -> View:
    """Table of scenarios: means over the routes and the share of every corridor.

    Parameters
    ----------
    shares : DataFrame
        Rows of the corridor table for one pair, all scenarios, the baseline first.
    changes : DataFrame
        Rows of the difference table for the pair.
    names : Names
        Names of corridors and scenarios.
    lang : {"en", "tr"}
        Language.
    caption : str
        Caption.
    """
    wide = shares[shares["corridor"] != ""].pivot_table(
        index="scenario", columns="corridor", values="share", aggfunc="sum"
    )
    scenarios = list(dict.fromkeys(shares["scenario"].astype(str)))
    wide = wide.reindex(index=scenarios)
    corridors = _columns(wide, names)
    base = wide.iloc[0] if len(wide) else pd.Series(dtype=float)
    moved = set(changes["scenario"]) if len(changes) else set()
    first = changes.iloc[0] if len(changes) else pd.Series(dtype=float)
    body = []
    for name in scenarios:
        row = changes[changes["scenario"] == name].iloc[0] if name in moved else None
        cells = [Cell(names.of("scenario", name, lang), is_heading=True)]
        cells += [_mean_cell(row, first, m, lang) for m in MEANS]
        of_it = wide.loc[name]
        cells += [
            _share_cell(to_float(of_it[c]), to_float(base[c]), lang, is_base=name == scenarios[0])
            for c in corridors
        ]
        body.append(tuple(cells))
    headers = [(heading("scenario", lang), False)]
    headers += [(heading(f"mean_{m}", lang), True) for m in MEANS]
    headers += [(names.of("corridor", c, lang), True) for c in corridors]
    return View(caption, tuple(headers), tuple(body))


def _columns(wide: pd.DataFrame, names: Names) -> list[str]:
    """Corridors that reach the least share in any scenario, the largest of the baseline first."""
    base = wide.iloc[0].fillna(0.0) if len(wide) else pd.Series(dtype=float)
    shown = [c for c in ordered(list(wide.columns), names) if wide[c].max() >= LEAST_SHARE]
    return sorted(shown, key=lambda corridor: -float(base[corridor]))


MEANS = ("hours", "usd_per_t", "kgco2e_per_t", "generalised_cost")


def _mean_cell(row: pd.Series | None, first: pd.Series, measure: str, lang: str) -> Cell:
    scale, digits = (1 / HOURS_PER_DAY, 1) if measure == "hours" else (1.0, 0)
    if row is None:
        value = to_float(first.get(f"{measure}_base"))
        return Cell(number(scale * value, lang, digits), is_number=True)
    value, change = to_float(row.get(f"{measure}_cf")), to_float(row.get(f"{measure}_change"))
    if math.isnan(value):
        return Cell(text("report.no_route", lang), is_number=True)
    return Cell(number(scale * value, lang, digits), is_number=True,
                note=signed(scale * change, lang, digits))  # fmt: skip


def _share_cell(share: float, base: float, lang: str, *, is_base: bool) -> Cell:
    if math.isnan(share):
        return Cell(DASH, is_number=True)
    change = 100 * (share - (0.0 if math.isnan(base) else base))
    note = "" if is_base else signed(change, lang, 1)
    return Cell(percent(share, lang, 1), is_number=True, note=note, bar=bar(share))


def inputs_view(deciding: pd.DataFrame, lang: str, *, caption: str) -> View:
    """Table of the inputs that decide the ranking."""
    largest = deciding["swing"].max() if len(deciding) else float("nan")
    body = tuple(
        (
            Cell(f"{row['table']}.{row['field']}", is_heading=True, lang="en",
                 note=str(row["note"])),
            Cell(word("basis", str(row["basis"]), lang)),
            Cell(f"{plain(row['input_low'], lang)} – {plain(row['input_high'], lang)}",
                 is_number=True),
            Cell(_margin(row["at_low"], lang), is_number=True),
            Cell(_margin(row["central"], lang), is_number=True),
            Cell(_margin(row["at_high"], lang), is_number=True),
            Cell(_margin(row["swing"], lang), is_number=True, bar=_part(row["swing"], largest)),
        )
        for _, row in deciding.iterrows()
    )  # fmt: skip
    columns = [("input", False), ("basis", False), ("range", True), ("at_low", True),
               ("central", True), ("at_high", True), ("swing", True)]  # fmt: skip
    return View(caption, tuple((heading(n, lang), right) for n, right in columns), body)


def _margin(value: float, lang: str) -> str:
    """Write a margin; infinite where one end of a range leaves a corridor or its rivals no way."""
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return number(value, lang, 1).replace("-", "−")


def _part(value: float, largest: float) -> float:
    """Length of a bar; full for an input whose end closes a corridor (an infinite swing)."""
    if not math.isfinite(value):
        return bar(value if math.isnan(value) else 1.0)
    return value / largest if math.isfinite(largest) and largest > 0 else 0.0


def evidence_view(counts: pd.DataFrame, lang: str, *, caption: str) -> View:
    """Table of how many numbers of each table are sourced, derived, assumed or unsupported."""
    kinds = [str(column) for column in counts.columns if column != "table"]
    total = counts[kinds].sum()
    rows = [(str(row["table"]), row) for _, row in counts.iterrows()]
    body = tuple(
        (Cell(name, is_heading=True),
         *(Cell(number(float(row[kind]), lang), is_number=True) for kind in kinds))
        for name, row in [*rows, (text("report.total", lang), total)]
    )  # fmt: skip
    headers = [(heading("table", lang), False)]
    headers += [(word("basis", kind, lang), True) for kind in kinds]
    return View(caption, tuple(headers), body)


def journeys_view(rows: pd.DataFrame, names: Names, lang: str, *, caption: str) -> View:
    """Table of observed journeys: what was seen, what the model says, and its 10-90 % band.

    Parameters
    ----------
    rows : DataFrame
        From `kervan.routes.compare_journeys`.
    names : Names
        Names of places.
    lang : {"en", "tr"}
        Language.
    caption : str
        Caption.
    """

    def days(value: object) -> str:
        return number(to_float(value) / HOURS_PER_DAY, lang, 1)

    body = tuple(
        (
            Cell(f"{names.of('place', row['from_node_id'], lang)} → "
                 f"{names.of('place', row['to_node_id'], lang)}", is_heading=True),
            Cell(str(row["date"]).replace("-", "\N{NON-BREAKING HYPHEN}")),
            Cell(word("service_class", str(row["service_class"]), lang)),
            Cell(word("use", str(row["use"] if row["scored"] else "shown"), lang),
                 note=word("observed", str(row["basis"]), lang)),
            Cell(days(row["observed_h"]), is_number=True),
            Cell(days(row["modelled_h"]), is_number=True,
                 note=f"{days(row['low_h'])} – {days(row['high_h'])}"),
            Cell(_signed_percent(to_float(row["error"]), lang), is_number=True),
        )
        for _, row in rows.iterrows()
    )  # fmt: skip
    columns = [("journey", False), ("date", False), ("service_class", False), ("use", False),
               ("observed_days", True), ("modelled_days", True), ("error", True)]  # fmt: skip
    return View(caption, tuple((heading(n, lang), right) for n, right in columns), body)


def journey_summary_view(rows: pd.DataFrame, lang: str, *, caption: str) -> View:
    """Table of the errors of modelled journey times by service class and use."""
    body = tuple(
        (
            Cell(word("service_class", str(row["service_class"]), lang), is_heading=True),
            Cell(word("use", str(row["use"]), lang)),
            Cell(number(to_float(row["n"]), lang), is_number=True),
            Cell(percent(to_float(row["median_absolute_error"]), lang, 1), is_number=True),
            Cell(_signed_percent(to_float(row["signed_bias"]), lang), is_number=True),
            Cell(percent(to_float(row["leave_one_out"]), lang, 1), is_number=True),
            Cell(percent(to_float(row["inside_share"]), lang), is_number=True),
        )
        for _, row in rows.iterrows()
    )
    columns = [("service_class", False), ("use", False), ("n", True),
               ("median_absolute_error", True), ("signed_bias", True), ("leave_one_out", True),
               ("inside_share", True)]  # fmt: skip
    return View(caption, tuple((heading(n, lang), right) for n, right in columns), body)


def distances_view(rows: pd.DataFrame, names: Names, lang: str, *, caption: str) -> View:
    """Table of built lengths beside published ones."""
    body = tuple(
        (
            Cell(f"{names.of('place', row['from_node_id'], lang)} → "
                 f"{names.of('place', row['to_node_id'], lang)}", is_heading=True),
            Cell(word("family", str(row["family"]), lang)),
            Cell(str(row["figures"]).replace("|", "; "), is_number=True),
            Cell(_finite(to_float(row["built_km"]), lang), is_number=True),
            Cell(_signed_percent(to_float(row["error"]), lang), is_number=True,
                 note="" if row["scored"] else word("use", "shown", lang)),
        )
        for _, row in rows.iterrows()
    )  # fmt: skip
    columns = [("section", False), ("family", False), ("published", True), ("built_km", True),
               ("error", True)]  # fmt: skip
    return View(caption, tuple((heading(n, lang), right) for n, right in columns), body)


def _finite(value: float, lang: str) -> str:
    return number(value, lang) if math.isfinite(value) else DASH


def _signed_percent(share: float, lang: str) -> str:
    if not math.isfinite(share):
        return DASH
    written = percent(abs(share), lang, 1)
    return written if not written.strip("%0.,") else ("+" if share > 0 else "−") + written
