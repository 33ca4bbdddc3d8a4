"""Screens of `kervan appraise`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from kervan.appraisal.works import CASES
from kervan.cli.guard import screen
from kervan.cli.layout import plain_table
from kervan.cli.trade_cost_screens import shown_country
from kervan.core.messages import number, percent, text
from kervan.pipeline.appraise import INCOME, AppraisalRun, ProjectAppraisal
from kervan.report.appraisal_tables import places, project_row

MOST = 6
"""Countries with, and without, a real income that are shown for a project."""
KT = 1e3
NOTHING = 1e-3
"""Million USD a year: what is below is rounding."""


def show_appraisal(run: AppraisalRun, lang: str, *, named: bool = False) -> None:
    """Show values, what is left out, volumes, checks, who gains and the order."""
    settings = run.study.settings
    said = {"year": run.year, "prices": settings.price_year}
    screen.print(text("appraise.title", lang, study=run.study.title(lang), **said), style="bold")
    screen.print(text(f"appraise.what_{run.benefit}", lang), markup=False)
    _values(run, lang)
    _left(run, lang)
    solved = [one for one in run.projects if one.gain is not None]
    if solved:
        moved = [one for one in solved if not _idle(one)]
        _volumes(run, moved, lang)
        _checks(run, moved, lang)
        shown = solved if named else _distinct(solved)
        for one in shown:
            _who(run, one, lang)
        _who_notes(run, lang)
    _order(run, lang)
    _assumptions(run, lang)


def short(one: ProjectAppraisal, lang: str) -> str:
    """Name of a project."""
    return one.names[lang]


def _values(run: AppraisalRun, lang: str) -> None:
    known = [one for one in run.projects if one.appraised]
    if not known:
        return
    right = ["appraise.yearly", "appraise.cost"]
    table = plain_table(
        text("appraise.values", lang), ["appraise.project", "appraise.case"], right, lang
    )
    for rate in run.terms.rates:
        table.add_column(text("appraise.npv", lang, rate=percent(rate, lang)), justify="right")
    for key in ("eirr", "switch_cost", "switch_benefit", "switch_growth"):
        table.add_column(text(f"appraise.{key}", lang), justify="right")
    middle = run.terms.rates[len(run.terms.rates) // 2]
    for one in known:
        for case in (case for case in CASES if case in one.works.costs):
            rows = {row["rate"]: row for row in one.npvs.to_dict("records")
                    if row["case"] == case}  # fmt: skip
            first = case == next(iter(one.works.costs))
            table.add_row(
                short(one, lang) if first else "", text(f"appraise.{case}", lang),
                number(one.benefit_musd, lang, 1), number(one.works.costs[case], lang, 0),
                *(number(rows[rate]["npv_musd"], lang, 0) for rate in run.terms.rates),
                _returns(one.returns[case], lang),
                percent(rows[middle]["switching_cost"], lang),
                percent(rows[middle]["switching_benefit"], lang),
                percent(rows[middle]["switching_growth"], lang, 1),
            )  # fmt: skip
    screen.print(table)
    told = text("appraise.switch_at", lang, rate=percent(middle, lang))
    screen.print(told, style="dim", markup=False)


def _returns(found: Sequence[float], lang: str) -> str:
    written = "; ".join(percent(rate, lang, 1) for rate in found)
    return written or text("appraise.none_rate", lang)


def _left(run: AppraisalRun, lang: str) -> None:
    rest = [one for one in run.projects if one.reasons]
    idle = [short(one, lang) for one in run.projects if _idle(one)]
    if idle:
        said = text("appraise.idle", lang, year=run.year, projects="; ".join(idle))
        screen.print(said, markup=False)
    if not rest:
        return
    table = plain_table(
        text("appraise.left", lang), ["appraise.project", "appraise.why"], ["appraise.yearly"], lang
    )
    for rate in run.terms.rates:
        said = text("appraise.break_even", lang, rate=percent(rate, lang))
        table.add_column(said, justify="right")
    for one in rest:
        why = "; ".join(text(f"appraise.{reason}", lang) for reason in one.reasons)
        levels = [one.break_even.get(rate, math.nan) for rate in run.terms.rates]
        table.add_row(
            short(one, lang), f"{why}: {one.detail}" if one.detail else why,
            number(one.benefit_musd, lang, 1), *(number(level, lang, 0) for level in levels),
        )  # fmt: skip
    screen.print(table)


def _volumes(run: AppraisalRun, solved: Sequence[ProjectAppraisal], lang: str) -> None:
    if not solved:
        return
    parts = ("diverted", "shifted", "created", "freed")
    right = [*(f"appraise.{part}" for part in parts), "appraise.co2e"]
    table = plain_table(text("appraise.volume", lang), ["appraise.project"], right, lang)
    for one in solved:
        row = project_row(run, one)
        figures = [row[name] / KT for name in (*parts, "co2e_t")]
        table.add_row(short(one, lang), *(number(value, lang, 1) for value in figures))
    screen.print(table)
    price = run.study.settings.carbon_price_usd_per_t
    said = (
        text("appraise.carbon", lang, price=number(price, lang, 0))
        if price
        else text("appraise.no_carbon", lang)
    )
    screen.print(said, style="dim", markup=False)


def _checks(run: AppraisalRun, solved: Sequence[ProjectAppraisal], lang: str) -> None:
    if not solved:
        return
    heads = ("users", "rents", "own", "half", "covered", "income", "backed")
    right = [f"appraise.{name}" for name in heads]
    table = plain_table(text("appraise.checks", lang), ["appraise.project"], right, lang)
    for one in solved:
        row = project_row(run, one)
        names = ("users_musd", "rents_musd", "own_sizes_musd")
        table.add_row(
            short(one, lang), *(number(row[name], lang, 1) for name in names),
            number(row["half_ratio"], lang, 3), percent(row["half_covers"], lang),
            number(row["income_musd"], lang, 1), percent(row["income_backed"], lang),
        )  # fmt: skip
    screen.print(table)
    screen.print(text("appraise.checks_note", lang), style="dim", markup=False)


def _who(run: AppraisalRun, one: ProjectAppraisal, lang: str) -> None:
    rows = shown_places(run, one)
    known = run.resource_share is not None
    right = ["appraise.income_musd", "appraise.fees",
             *(["appraise.fees_net"] if known else []),
             "appraise.transit", "appraise.traffic", "appraise.co2e"]  # fmt: skip
    title = text("appraise.who", lang, project=short(one, lang))
    table = plain_table(title, ["appraise.country"], right, lang)
    for row in rows:
        code = str(row["country"])
        lacking = text("appraise.not_available", lang) if code else ""
        table.add_row(
            shown_country(code, lang) if code else text("appraise.at_sea", lang),
            number(row["income_musd"], lang, 1) if row["in_trade_data"] else lacking,
            number(row["fees_musd"], lang, 2) if code else "",
            *([number(row["fees_net_musd"], lang, 2)] if known else []),
            number(row["transit_t"] / KT, lang, 1) if code else "",
            number(row["traffic_tkm"] / 1e6, lang, 1), number(row["co2e_t"] / KT, lang, 2),
        )  # fmt: skip
    screen.print(table)
    owner = run.study.record.parties.get(one.works.owner)
    names = owner.names.get(lang) if owner else None
    key = "appraise.payer" if one.works.owner else "appraise.payer_unknown"
    screen.print(text(key, lang, owner=names[0] if names else one.works.owner), markup=False)


def _who_notes(run: AppraisalRun, lang: str) -> None:
    screen.print(text("appraise.who_note", lang), style="dim", markup=False)
    known = run.resource_share is not None
    share = "" if run.resource_share is None else percent(run.resource_share, lang)
    key = "appraise.resource_share" if known else "appraise.not_known"
    screen.print(text(key, lang, share=share), style="dim", markup=False)


def _distinct(solved: Sequence[ProjectAppraisal]) -> list[ProjectAppraisal]:
    """Choose the appraised projects that bring anything; one of those that bring the same."""
    chosen: dict[float, ProjectAppraisal] = {}
    for one in solved:
        if one.appraised and not _idle(one):
            chosen.setdefault(round(one.benefit_musd, 6), one)
    return list(chosen.values())


def _idle(one: ProjectAppraisal) -> bool:
    """Tell whether a project's card changes nothing to speak of."""
    return one.gain is not None and abs(one.benefit_musd) < NOTHING


def shown_places(run: AppraisalRun, one: ProjectAppraisal) -> list[dict[str, Any]]:
    """Choose the rows to show: the largest incomes, all that lack one and see transit, the sea."""
    table = places(run, one)
    if table is None:
        return []
    rows = [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]
    inside = [row for row in rows if row["in_trade_data"]]
    inside.sort(key=lambda row: -abs(row["income_musd"]))
    outside = [row for row in rows if not row["in_trade_data"] and row["country"]]
    moved = [row for row in outside if abs(row["transit_t"]) >= 1.0]
    moved.sort(key=lambda row: -abs(row["fees_musd"]))
    return [*inside[:MOST], *moved[:MOST], *(row for row in rows if not row["country"])]


def _order(run: AppraisalRun, lang: str) -> None:
    names = {one.id: short(one, lang) for one in run.projects}
    alone = run.order.alone
    if len(alone) > len(run.terms.rates):
        right = ["appraise.place", "appraise.npv_short", "appraise.ratio"]
        left = ["appraise.rate", "appraise.project"]
        table = plain_table(text("appraise.alone", lang), left, right, lang)
        for row in alone.to_dict("records"):
            figures = [str(row["place"]), number(row["npv_musd"], lang, 0),
                       number(row["ratio"], lang, 2)]  # fmt: skip
            table.add_row(percent(row["rate"], lang), names[row["project"]], *figures)
        screen.print(table)
    if run.order.budget_musd is None or not run.order.sequences:
        return
    budget = number(run.order.budget_musd, lang, 0)
    screen.print(text("appraise.sequence", lang, budget=budget), style="bold")
    for rate, found in run.order.sequences.items():
        head = {"rate": percent(rate, lang)}
        if not found.starts:
            screen.print("  " + text("appraise.plan_none", lang, **head), markup=False)
            continue
        plan = ", ".join(
            text("appraise.start", lang, project=names[name], year=year + 1)
            for name, year in found.starts
        )
        bound = text("appraise.bound", lang, bound=number(found.bound, lang, 0))
        exact = text("appraise.exact", lang) if found.exact else bound
        npv = number(found.value, lang, 0)
        told = text("appraise.plan", lang, plan=plan, npv=npv, exact=exact, **head)
        screen.print("  " + told, markup=False)
    pairs = run.order.pairs
    moved = pairs[pairs["extra_musd"].abs() >= NOTHING]
    if len(pairs) and not len(moved):
        screen.print("  " + text("appraise.apart", lang, n=len(pairs)), markup=False)
    for row in moved.to_dict("records"):
        both = {"a": names[row["project"]], "b": names[row["other"]]}
        extra = number(row["extra_musd"], lang, 1)
        screen.print("  " + text("appraise.together", lang, extra=extra, **both), markup=False)


def _assumptions(run: AppraisalRun, lang: str) -> None:
    terms = run.terms
    ramp = ", ".join(percent(share, lang) for share in terms.ramp_up)
    said = text(
        "appraise.terms", lang, horizon=terms.horizon, ramp=ramp or text("appraise.ramp_all", lang),
        overrun=percent(terms.overrun, lang), growth=percent(terms.growth, lang, 1),
        upkeep=percent(terms.upkeep, lang, 1), year=run.year,
    )  # fmt: skip
    screen.print(said, style="dim", markup=False)
    for line in _by_price_year(run, lang):
        screen.print(line, style="dim", markup=False)
    undated = [one for one in run.projects if one.appraised and not one.works.dated]
    if undated:
        said = text(
            "appraise.undated", lang, years=terms.build_years, year=run.year + 1,
            projects=", ".join(one.id for one in undated),
        )  # fmt: skip
        screen.print(said, style="dim", markup=False)


def _by_price_year(run: AppraisalRun, lang: str) -> Iterable[str]:
    """Say how costs were carried to the prices of the study, year by year."""
    target = run.study.settings.price_year
    known = [one.works for one in run.projects if one.appraised and one.works.price_year != target]
    for year, index in dict.fromkeys((works.price_year, works.index_year) for works in known):
        mine = [works for works in known if works.price_year == year]
        key = "appraise.deflated" if index == year else "appraise.deflated_to"
        yield text(
            "appraise.not_deflated" if index is None else key, lang, from_year=year,
            to_year=target, index=index,
            factor=number(mine[0].deflator, lang, 3),
            projects=", ".join(works.id for works in mine),
        )  # fmt: skip
    if run.benefit == INCOME and run.income_deflator != 1.0:
        yield text(
            "appraise.deflated", lang, from_year=run.trade_year,
            to_year=target,
            factor=number(run.income_deflator, lang, 3), projects=text("appraise.income", lang),
        )  # fmt: skip
