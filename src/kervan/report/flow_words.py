"""Sentences about flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kervan.core.messages import number, percent, text
from kervan.pipeline import BASELINE, Flows
from kervan.report.names import Names
from kervan.report.rows import row_title

if TYPE_CHECKING:
    from kervan.pipeline import RunResult
    from kervan.study import Study

KT, MT = 1e3, 1e6
FULL = 0.999
"""Load from which a row counts as full."""


def why_none(result: RunResult, lang: str) -> str:
    """Say why a run has no flows; empty where it has."""
    if result.flows is not None:
        return ""
    known = {"left_out", "no_demand"}
    why = result.no_flows
    why = text(f"report.flows.why_{why}", lang) if why in known else why
    return text("report.flows.not_done", lang, why=why)


def varied_title(study: Study, flows: Flows, lang: str) -> str:
    """Tell what the rows whose capacity varies are called."""
    settings = study.settings
    named = settings.capacity_rows_tr if lang == "tr" else settings.capacity_rows_en
    return named if settings.capacity_rows and named else flows.capacity_rows


def intro(flows: Flows, study: Study, lang: str) -> str:
    """Say what was solved and how much of it moves."""
    base = flows.baseline
    return text(
        "report.flows.intro",
        lang,
        year=base.year,
        when=study.when,
        served=number(base.served_t / MT, lang, 2),
        demand=number(base.demand_t / MT, lang, 2),
    )


def search(flows: Flows, lang: str) -> str:
    """Say how equilibria were looked for, and how well they hold."""
    base, every = flows.baseline, flows.scenarios.values()
    others = [solved.starts for name, solved in flows.scenarios.items() if name != BASELINE]
    found = base.equilibria["equilibrium"].max() + 1 if len(base.equilibria) else 1
    return text(
        "report.flows.search",
        lang,
        found=number(float(found), lang),
        starts=number(base.starts, lang),
        failed=number(base.failed_starts, lang),
        fewer=number(max(others, default=base.starts), lang),
        gap=f"{max(abs(solved.relative_gap) for solved in every):.0e}",
        balance=f"{max(solved.node_balance for solved in every):.0e}",
    )


def remarks(flows: Flows, names: Names, lang: str) -> tuple[str, ...]:
    """Say what stays behind, and which scenarios did not settle."""
    said = [
        text(
            "report.flows.left_sentence",
            lang,
            scenario=names.of("scenario", row["scenario"], lang),
            tonnes=number(row["tonnes"] / KT, lang, 1),
            why=text(f"report.flows.why_{row['reason']}", lang),
        )
        for _, row in flows.unserved.iterrows()
    ]
    said = said or [text("report.flows.none_left", lang)]
    if flows.unsettled:
        listed = ", ".join(names.of("scenario", name, lang) for name in flows.unsettled)
        said.append(text("report.flows.unsettled", lang, names=listed))
    return tuple(said)


def flow_message(result: RunResult, names: Names, lang: str) -> str:
    """Sum up the flows in one sentence; empty where there are none or no focus."""
    flows, focus = result.flows, result.study.settings.focus
    if flows is None or not focus:
        return ""
    rows = flows.corridors[flows.corridors["scenario"] == BASELINE]
    mine = rows[rows["corridor"].isin(focus)]
    most = rows.iloc[int(rows["tonnes"].to_numpy().argmax())]
    return text(
        "report.key.flows",
        lang,
        demand=number(flows.baseline.demand_t / MT, lang, 2),
        focus=number(mine["tonnes"].sum() / MT, lang, 2),
        share=percent(mine["share"].sum(), lang, 1),
        largest=names.of("corridor", most["corridor"], lang),
        most=percent(most["share"], lang),
        full=full_rows(flows, result.study, lang),
    )


def full_rows(flows: Flows, study: Study, lang: str) -> str:
    """Name the rows that are full in the baseline."""
    loads = flows.loads
    full = loads[(loads["scenario"] == BASELINE) & (loads["load"] >= FULL)]
    rows = full[["kind", "ref_id"]].itertuples(index=False)
    named = [row_title(study, kind, ref, lang) for kind, ref in rows]
    return ", ".join(dict.fromkeys(named)) or text("report.flows.map_nothing_full", lang)
