"""The key messages: sentences made from the results."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kervan.core.messages import number, percent, text
from kervan.core.units import HOURS_PER_DAY
from kervan.report.effects_words import trade_message
from kervan.report.flow_words import flow_message
from kervan.report.geometry import LegLike, RouteLike
from kervan.report.names import Names, short_name

if TYPE_CHECKING:
    from kervan.pipeline import RunResult, Sensitivity

LONGEST_STOPS = 3
LEADERS = 4


def pair_title(origin: str, destination: str, names: Names, lang: str) -> str:
    """``Almaty → İstanbul``."""
    return f"{names.of('place', origin, lang)} → {names.of('place', destination, lang)}"


def key_messages(result: RunResult, names: Names, lang: str) -> list[str]:
    """Sum up a run in a few sentences.

    Parameters
    ----------
    result : RunResult
        The run.
    names : Names
        Names in the language.
    lang : {"en", "tr"}
        Language.

    Returns
    -------
    list of str
        Sentences; those whose figures are missing are left out.
    """
    table = result.corridor_table
    base = table[(table["scenario"] == result.scenarios[0].name) & (table["corridor"] != "")]
    if base.empty:
        return [text("report.key.none", lang)]
    keys = ["origin", "destination", "commodity"]
    pairs = list(base.groupby(keys, sort=False))
    said = [_leader(rows, names, lang) for _, rows in _one_way(pairs)[:LEADERS]]
    (origin, destination, commodity), rows = pairs[0]
    said.append(_bests(rows, names, lang))
    mode = result.study.table("mode")
    water = frozenset(mode.loc[mode["family"].isin(["sea", "ferry"]), "mode"])
    for line, routes in result.scenarios[0].routes.items():
        if (line.origin, line.destination, line.commodity) == (origin, destination, commodity):
            said += [] if routes is None else [_where_time_goes(routes, water, names, lang)]
    one_pair = (table[keys] == [origin, destination, commodity]).all(axis=1)
    said.append(_largest_shift(table[one_pair], names, lang))
    said.append(flow_message(result, names, lang))
    said.append(trade_message(result, names, lang))
    said.append(_journey_error(result.journey_summary, lang))
    if result.sensitivity is not None:
        said.append(flip_sentence(result.sensitivity, names, lang))
    return [sentence for sentence in said if sentence]


Pair = tuple[tuple[Hashable, ...], pd.DataFrame]


def _one_way(pairs: Sequence[Pair]) -> list[Pair]:
    """Leave out the way back of a pair that is already there."""
    seen: set[tuple[Hashable, Hashable]] = set()
    kept = []
    for key, rows in pairs:
        if (key[1], key[0]) not in seen:
            seen.add((key[0], key[1]))
            kept.append((key, rows))
    return kept


def _leader(rows: pd.DataFrame, names: Names, lang: str) -> str:
    best = rows.iloc[int(rows["share"].to_numpy().argmax())]
    return text(
        "report.key.leader",
        lang,
        pair=pair_title(best["origin"], best["destination"], names, lang),
        commodity=names.of("commodity", best["commodity"], lang),
        corridor=names.of("corridor", best["corridor"], lang),
        share=percent(best["share"], lang),
        days=number(best["hours"] / HOURS_PER_DAY, lang, 1),
        usd=number(best["usd_per_teu"], lang),
    )


def _bests(rows: pd.DataFrame, names: Names, lang: str) -> str:
    if len(rows) < 2:
        return ""

    def least(column: str) -> tuple[str, float]:
        row = rows.iloc[int(rows[column].to_numpy().argmin())]
        return names.of("corridor", row["corridor"], lang), float(row[column])

    fast, cheap, sure, clean = (
        least(c) for c in ("hours", "usd_per_t", "hours_sd", "kgco2e_per_t")
    )
    return text(
        "report.key.bests",
        lang,
        pair=pair_title(rows["origin"].iloc[0], rows["destination"].iloc[0], names, lang),
        fast=fast[0],
        days=number(fast[1] / HOURS_PER_DAY, lang, 1),
        cheap=cheap[0],
        usd=number(cheap[1], lang),
        sure=sure[0],
        sd=number(sure[1] / HOURS_PER_DAY, lang, 1),
        clean=clean[0],
        co2=number(clean[1], lang),
    )


def _where_time_goes(
    routes: Iterable[RouteLike], water: frozenset[str], names: Names, lang: str
) -> str:
    route = max(routes, key=lambda r: r.share)
    hours = time_by_kind(route.legs, water)
    total = sum(hours.values())
    if not total > 0:
        return ""
    return text(
        "report.key.time",
        lang,
        corridor=names.of("corridor", route.corridor, lang),
        days=number(total / HOURS_PER_DAY, lang, 1),
        land=percent(hours["land"] / total, lang),
        vessel=percent(hours["vessel"] / total, lang),
        stops=percent(hours["stop"] / total, lang),
        places=", ".join(_longest_stops(route.legs, names, lang)),
    )


def time_by_kind(legs: Sequence[LegLike], water: frozenset[str]) -> dict[str, float]:
    """Hours of a route on the line, sailing, and standing (waits for vessels included).

    Parameters
    ----------
    legs : sequence of legs
        Legs of the route.
    water : frozenset of str
        Modes of vessels.

    Returns
    -------
    dict of str to float
        Hours under ``land``, ``vessel`` and ``stop``.
    """
    hours = {"land": 0.0, "vessel": 0.0, "stop": 0.0}
    for leg in legs:
        moves = leg.kind in {"link", "service"}
        kind = ("vessel" if leg.mode in water else "land") if moves else "stop"
        waiting = leg.wait_h if leg.kind == "service" else 0.0
        hours[kind] += leg.hours - waiting
        hours["stop"] += waiting
    return hours


def _longest_stops(legs: Sequence[LegLike], names: Names, lang: str) -> list[str]:
    hours: dict[str, float] = {}
    for leg in legs:
        if leg.kind in {"border", "transfer", "service"}:
            standing = leg.wait_h if leg.kind == "service" else leg.hours
            hours[leg.from_node] = hours.get(leg.from_node, 0.0) + standing
    longest = sorted(hours.items(), key=lambda item: (-item[1], item[0]))[:LONGEST_STOPS]
    return [
        text("report.stop_label", lang, place=short_name(names.of("place", node, lang)),
             hours=number(time, lang))
        for node, time in longest
        if time >= 0.5
    ]  # fmt: skip


def _largest_shift(rows: pd.DataFrame, names: Names, lang: str) -> str:
    """Scenario and corridor with the largest change of share against the baseline."""
    wide = rows[rows["corridor"] != ""].pivot_table(
        index="scenario", columns="corridor", values="share", aggfunc="sum"
    )
    scenarios = list(dict.fromkeys(rows["scenario"]))
    wide = wide.reindex(scenarios).fillna(0.0)
    values = wide.to_numpy(dtype=float)
    changes = values - values[:1]
    if not changes.size or np.abs(changes).max() < 0.005:
        return ""
    row, column = np.unravel_index(np.abs(changes).argmax(), changes.shape)
    return text(
        "report.key.shift",
        lang,
        scenario=names.of("scenario", wide.index[row], lang),
        corridor=names.of("corridor", wide.columns[column], lang),
        before=percent(float(values[0, column]), lang),
        after=percent(float(values[row, column]), lang),
    )


def _journey_error(summary: pd.DataFrame, lang: str) -> str:
    """Say how far the model is off on journeys that were held out."""
    if summary.empty:
        return ""
    held_out = summary[(summary["service_class"] == "all") & (summary["use"] == "holdout")]
    if held_out.empty or not held_out["n"].iloc[0]:
        return ""
    row = held_out.iloc[0]
    return text(
        "report.key.journeys",
        lang,
        n=number(float(row["n"]), lang),
        error=percent(float(row["median_absolute_error"]), lang),
        inside=percent(float(row["inside_share"]), lang),
    )


def flip_sentence(sensitivity: Sensitivity, names: Names, lang: str) -> str:
    """Say how often another corridor becomes the cheapest."""
    flip = sensitivity.flip
    return text(
        "report.key.flip",
        lang,
        leader=names.of("corridor", flip.leader, lang),
        share=percent(flip.probability, lang, 1),
        low=percent(flip.low, lang, 1),
        high=percent(flip.high, lang, 1),
        draws=number(flip.draws, lang),
        seed=flip.seed,
    )


def evidence_shares(counts: pd.DataFrame) -> dict[str, float]:
    """Share of the numbers on each basis."""
    totals = counts.drop(columns="table").sum()
    whole = float(totals.sum())
    return {str(basis): float(n) / whole if whole else 0.0 for basis, n in totals.items()}


def evidence_sentence(result: RunResult, lang: str) -> str:
    """Say on what the numbers rest."""
    totals = result.evidence.drop(columns="table").sum()
    shares = evidence_shares(result.evidence)
    values = {}
    for basis in ("sourced", "derived", "assumed", "none"):
        values[basis] = number(float(totals.get(basis, 0)), lang)
        values[f"{basis}_share"] = percent(shares.get(basis, 0.0), lang)
    record = result.study.record
    return text("report.evidence", lang, claims=number(len(record.claims), lang),
                sources=number(len(record.sources), lang), **values)  # fmt: skip
