"""Tables of a run's flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kervan.core.messages import number, percent, text
from kervan.pipeline import BASELINE, Flows
from kervan.report.cells import Cell, View, bar, heading, signed, swatch
from kervan.report.flow_words import FULL
from kervan.report.names import Names
from kervan.report.rows import capacity_title, row_title
from kervan.study import Study

if TYPE_CHECKING:
    import pandas as pd

KT, MN = 1e3, 1e6
LEAST_SHARE = 0.0005
"""Corridors below this share of all demand in every scenario are added up."""
MOST_ROWS = 15
FULLEST = 0.2
"""Rows below this load are in `loads.csv` only."""
BOTTLENECKS = 3
PAIR = ["origin", "destination", "commodity"]


def by_scenario_view(flows: Flows, names: Names, lang: str) -> View:
    """Table of tonnes by scenario and corridor, the change against the baseline below."""
    demand = flows.baseline.demand_t
    kt = {
        (str(row["scenario"]), str(row["corridor"])): float(row["tonnes"])
        for _, row in flows.corridors.iterrows()
    }
    corridors = dict.fromkeys(corridor for _, corridor in kt)
    shown = [
        c for c in corridors if max(kt[name, c] for name in flows.scenarios) >= LEAST_SHARE * demand
    ]
    left = {name: of.demand_t - of.served_t for name, of in flows.scenarios.items()}
    some_stay = max(left.values()) > LEAST_SHARE * demand
    body = []
    for name in flows.scenarios:
        cells = [
            Cell(_kt(kt[name, c], lang), is_number=True,
                 note="" if name == BASELINE else _change(kt[name, c] - kt[BASELINE, c], lang))
            for c in shown
        ]  # fmt: skip
        cells += [Cell(_kt(left[name], lang), is_number=True)] if some_stay else []
        body.append((Cell(names.of("scenario", name, lang), is_heading=True), *cells))
    headers = [(heading("scenario", lang), False)]
    headers += [(names.of("corridor", c, lang), True) for c in shown]
    headers += [(text("report.flows.left_behind", lang), True)] if some_stay else []
    caption = text("report.flows.scenarios_caption", lang)
    return View(caption, tuple(headers), tuple(body))


def corridors_view(flows: Flows, names: Names, lang: str) -> View:
    """Table of the baseline's tonnes by corridor."""
    rows = flows.corridors[flows.corridors["scenario"] == BASELINE]
    body = tuple(
        (
            Cell(names.of("corridor", row["corridor"], lang), is_heading=True,
                 colour=swatch(str(row["corridor"]), names)),
            Cell(_kt(row["tonnes"], lang), is_number=True),
            Cell(percent(row["share"], lang, 1), is_number=True, bar=bar(row["share"])),
        )
        for _, row in rows[rows["tonnes"] > 0].iterrows()
    )  # fmt: skip
    headers = (
        (heading("corridor", lang), False),
        (text("report.flows.kt", lang), True),
        (text("report.flows.share", lang), True),
    )
    return View(text("report.flows.corridors_caption", lang), headers, body)


def loads_view(flows: Flows, study: Study, names: Names, lang: str) -> View | None:
    """Table of the baseline's fullest rows; None where nothing has a capacity."""
    rows = flows.loads[flows.loads["scenario"] == BASELINE]
    if not len(rows):
        return None
    rows = rows[rows["load"] >= min(FULLEST, rows["load"].max())].head(MOST_ROWS)
    body = tuple(
        (
            Cell(row_title(study, row["kind"], row["ref_id"], lang), is_heading=True,
                 note=_way(row, names, lang)),
            Cell(_kt(row["tonnes"], lang), is_number=True),
            Cell(capacity_title(row["capacity"], row["capacity_unit"], lang), is_number=True),
            Cell(percent(row["load"], lang), is_number=True, bar=bar(row["load"])),
            Cell(number(row["shadow_usd_per_t"], lang, 1), is_number=True),
        )
        for _, row in rows.iterrows()
    )  # fmt: skip
    keys = ("kt", "capacity", "load", "price")
    headers = (
        (text("report.flows.row", lang), False),
        *((text(f"report.flows.{key}", lang), True) for key in keys),
    )
    return View(text("report.flows.loads_caption", lang), headers, body)


def full_view(flows: Flows, study: Study, names: Names, lang: str) -> View | None:
    """Table of the rows that are full in any scenario; None where nothing ever is."""
    every = flows.loads
    keys = ["kind", "ref_id"]
    full = every[every["load"] >= FULL]
    if not len(full):
        return None
    wide = every.pivot_table(index=keys, columns="scenario", values="load", aggfunc="max")
    price = every.pivot_table(
        index=keys, columns="scenario", values="shadow_usd_per_t", aggfunc="max"
    )
    body = []
    for kind, ref in full[keys].drop_duplicates().itertuples(index=False):
        cells = [
            Cell(percent(wide.loc[(kind, ref), name], lang), is_number=True,
                 note=_priced(price.loc[(kind, ref), name], lang))
            for name in flows.scenarios
        ]  # fmt: skip
        body.append((Cell(row_title(study, kind, ref, lang), is_heading=True), *cells))
    headers = [(text("report.flows.row", lang), False)]
    headers += [(names.of("scenario", name, lang), True) for name in flows.scenarios]
    return View(text("report.flows.full_caption", lang), tuple(headers), tuple(body))


def critical_view(flows: Flows, study: Study, lang: str) -> View | None:
    """Table of the rows that would cost most to lose."""
    rows = flows.critical.head(MOST_ROWS)
    if not len(rows):
        return None
    most = float(rows["cost_usd"].max())
    body = tuple(
        (
            Cell(row_title(study, row["kind"], row["ref_id"], lang), is_heading=True,
                 note=text(f"flows.kind_{row['kind']}", lang)),
            Cell(_kt(row["tonnes"], lang), is_number=True),
            Cell(number(row["cost_usd"] / MN, lang), is_number=True,
                 bar=bar(row["cost_usd"] / most if most > 0 else 0.0)),
            Cell(number(row["usd_per_t"], lang), is_number=True),
            Cell(_kt(row["unserved_t"], lang), is_number=True),
        )
        for _, row in rows.iterrows()
    )  # fmt: skip
    headers = (
        (text("report.flows.row", lang), False),
        *((text(f"report.flows.{key}", lang), True)
          for key in ("kt", "cost_mn", "usd_per_t", "would_stay")),
    )  # fmt: skip
    return View(text("report.flows.critical_caption", lang), headers, body)


def spare_view(flows: Flows, study: Study, names: Names, lang: str) -> View | None:
    """Table of how much more of each headline pair fits before rows are full."""
    body = []
    for (origin, destination, commodity), rows in flows.spare.groupby(PAIR, sort=False):
        pair = f"{names.of('place', origin, lang)} → {names.of('place', destination, lang)}"
        for n, (_, row) in enumerate(rows.head(BOTTLENECKS).iterrows()):
            first = Cell(
                pair if n == 0 else "",
                is_heading=n == 0,
                note=names.of("commodity", commodity, lang) if n == 0 else "",
            )
            body.append(
                (
                    first,
                    Cell(number(row["bottleneck"], lang), is_number=True),
                    Cell(row_title(study, row["kind"], row["ref_id"], lang)),
                    Cell(_kt(row["spare_t"], lang), is_number=True),
                    Cell(percent(row["share"], lang), is_number=True),
                    Cell(percent(row["load"], lang), is_number=True, bar=bar(row["load"])),
                )
            )
    if not body:
        return None
    keys = [("pair", False), ("bottleneck", True), ("row", False), ("room", True),
            ("part", True), ("load", True)]  # fmt: skip
    headers = tuple((text(f"report.flows.{key}", lang), right) for key, right in keys)
    return View(text("report.flows.spare_caption", lang), headers, tuple(body))


def users_view(flows: Flows, study: Study, names: Names, lang: str) -> View | None:
    """Table of who uses the key row: direction, pair and cargo."""
    if not len(flows.users):
        return None
    ways = ["from_node_id", "to_node_id"]
    sums = flows.users.groupby([*ways, *PAIR], sort=False)[["tonnes", "share"]].sum().reset_index()
    sums = sums.sort_values("tonnes", ascending=False, kind="stable").head(MOST_ROWS)
    body = tuple(
        (
            Cell(f"{names.of('place', row['origin'], lang)} → "
                 f"{names.of('place', row['destination'], lang)}", is_heading=True),
            Cell(names.of("commodity", row["commodity"], lang)),
            Cell(" → ".join(names.of("place", row[way], lang) for way in ways)),
            Cell(number(row["tonnes"] / KT, lang, 1), is_number=True),
            Cell(percent(row["share"], lang, 1), is_number=True, bar=bar(row["share"])),
        )
        for _, row in sums.iterrows()
    )  # fmt: skip
    keys = [("pair", False), ("cargo", False), ("way", False), ("kt", True), ("of_way", True)]
    headers = tuple((text(f"report.flows.{key}", lang), right) for key, right in keys)
    kind, _, ref = flows.key_row.partition(":")
    caption = text("report.flows.users_caption", lang, row=row_title(study, kind, ref, lang))
    return View(caption, headers, body)


def curve_view(flows: Flows, rows: str, lang: str) -> View | None:
    """Table of flow, load, price and cost against the capacity of some rows."""
    if not len(flows.capacity):
        return None
    at_one = flows.capacity.loc[flows.capacity["factor"] == 1.0, "expected_cost_usd"]
    today = float(at_one.iloc[0]) if len(at_one) else float("nan")
    body = tuple(
        (
            Cell(percent(row["factor"], lang), is_heading=True),
            Cell(_kt(row["tonnes"], lang), is_number=True),
            Cell(percent(row["load"], lang), is_number=True, bar=bar(row["load"])),
            Cell(number(row["shadow_usd_per_t"], lang, 1), is_number=True),
            Cell(signed((row["expected_cost_usd"] - today) / MN, lang, 1), is_number=True),
            Cell(_kt(row["unserved_t"], lang), is_number=True),
        )
        for _, row in flows.capacity.iterrows()
    )
    keys = [("factor", False), ("kt", True), ("highest_load", True), ("highest_price", True),
            ("cost_change", True), ("left_behind", True)]  # fmt: skip
    headers = tuple((text(f"report.flows.{key}", lang), right) for key, right in keys)
    return View(text("report.flows.curve_caption", lang, rows=rows), headers, body)


def _way(row: pd.Series, names: Names, lang: str) -> str:
    """Give the kind of a row, and of a link, which has one name for both ways, the direction."""
    kind = text(f"flows.kind_{row['kind']}", lang)
    if row["kind"] != "link":
        return kind
    ends = (names.of("place", row[f"{end}_node_id"], lang) for end in ("from", "to"))
    return f"{kind}, {' → '.join(ends)}"


def _kt(tonnes: float, lang: str) -> str:
    size = abs(float(tonnes)) / KT
    return number(float(tonnes) / KT, lang, 0 if size >= 100 or size == 0 else 1)


def _change(tonnes: float, lang: str) -> str:
    size = abs(float(tonnes)) / KT
    return signed(float(tonnes) / KT, lang, 0 if size >= 100 else 1)


def _priced(price: float, lang: str) -> str:
    return text("report.flows.priced", lang, price=number(price, lang)) if price > 0 else ""
