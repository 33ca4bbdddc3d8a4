"""The screen of `kervan uncertainty`."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pandas as pd

from kervan.appraisal.targets_model import NOMINAL
from kervan.cli.guard import screen
from kervan.cli.layout import plain_table, zone_name
from kervan.cli.target_screens import goal_text
from kervan.core.errors import InputError
from kervan.core.messages import number, percent, text
from kervan.pipeline.results import BASELINE
from kervan.pipeline.targets import targets_of
from kervan.pipeline.uncertainty import Uncertainty
from kervan.pipeline.uncertainty.stored import command_of
from kervan.pipeline.uncertainty.summary import DECIDING
from kervan.report.names import country_name
from kervan.scenarios import load_card
from kervan.study import Study

BN = 1e9
MT = 1e6
AS_CHANGE = ("trade_hat", "cost_hat")
AS_PERCENT = ("income_a", "income_b", "income_world")
CLAIMS_SHOWN = 2
SHOWN = (
    "trade_hat", "recorded_cf_usd", "gap_closed", "income_a", "income_b", "focus_t",
    "focus_share", "focus_change_t", "generalised_cost", "hours", "hours_sd",
)  # fmt: skip
"""Outcomes on the screen; the files have all."""
UNITS = {"USD": "usd", "t/yr": "t", "USD/t": "usd_per_t", "h": "h"}


def show_uncertainty(result: Uncertainty, lang: str) -> None:
    """Show the headline with its interval, what decides it, and all intervals."""
    study, summary = result.experiment.base.study, result.summary
    head = {"study": study.title(lang), "inputs": len(summary.ranks), "done": summary.done}
    asked = {"asked": result.asked, "seed": result.identity["seed"]}
    screen.print(text("uncertainty.title", lang, **head, **asked), style="bold", markup=False)
    _headline(result, study, lang)
    if _shares(summary.shares, lang):
        _deciding(summary.ranks.head(DECIDING), lang)
    if len(summary.tornado):
        _tornado(summary.tornado, lang)
    _intervals(summary.intervals, study, lang)
    _failed(result, lang)
    again = text("uncertainty.again", lang, command=command_of(result))
    screen.print(again, style="dim", markup=False, soft_wrap=True)


def _parties(study: Study, lang: str) -> dict[str, str]:
    return {
        side: country_name(code, lang) or code
        for side, code in zip("ab", study.settings.target_parties, strict=True)
    }


def _headline(result: Uncertainty, study: Study, lang: str) -> None:
    scenario, outcome = result.summary.headline
    row = _row(result.summary.intervals, scenario, outcome)
    if row is None:
        return
    ends = {"median": "median", "low": "p5", "high": "p95", "central": "central"}
    said = {name: _change(row[key], lang) for name, key in ends.items()}
    title = scenario_name(study, scenario, lang)
    told = text("uncertainty.headline", lang, scenario=title, **_parties(study, lang), **said)
    screen.print(told, markup=False)
    usd = _row(result.summary.intervals, scenario, "recorded_cf_usd")
    if usd is None:
        return
    said = {name: number(usd[key] / BN, lang, 2) for name, key in ends.items()}
    recorded = number(usd["central"] / row["central"] / BN, lang, 2)
    screen.print(text("uncertainty.headline_usd", lang, recorded=recorded, **said), markup=False)


def _row(table: pd.DataFrame, scenario: str, outcome: str) -> pd.Series | None:
    found = table[(table["scenario"] == scenario) & (table["outcome"] == outcome)]
    return found.iloc[0] if len(found) else None


def scenario_name(study: Study, scenario: str, lang: str) -> str:
    """Title of a card; "Baseline" for none."""
    if scenario == BASELINE:
        return text("run.baseline", lang)
    return load_card(study, scenario).title(lang)


def _change(value: float, lang: str) -> str:
    """Write a ratio as its change in percent, with its sign."""
    return ("+" if value > 1 else "") + percent(value - 1.0, lang, 2)


def _shares(shares: Mapping[str, float], lang: str) -> bool:
    """Say what the variance comes from; False where that is not known."""
    if any(math.isnan(value) for value in shares.values()):
        screen.print(text("uncertainty.no_shares", lang), style="yellow")
        return False
    said = {name: percent(value, lang) for name, value in shares.items()}
    screen.print(text("uncertainty.shares", lang, **said), markup=False)
    return True


def _named(row: Mapping[Any, Any]) -> str:
    return f"{row['table']}.{row['field']} ({row['evidence_id']})"


def _range(row: Mapping[Any, Any], lang: str) -> str:
    low, high = (f"{row[name]:g}" for name in ("input_low", "input_high"))
    if lang == "tr":
        low, high = low.replace(".", ","), high.replace(".", ",")
    return (
        text("uncertainty.factor", lang, low=low, high=high)
        if row["is_factor"]
        else f"{low}–{high}"
    )


def _deciding(ranks: pd.DataFrame, lang: str) -> None:
    left = ["uncertainty.input", "uncertainty.basis", "uncertainty.range"]
    right = ["uncertainty.correlation", "uncertainty.interval_90"]
    table = plain_table(text("uncertainty.deciding", lang), left, right, lang)
    table.add_column(text("uncertainty.claims", lang))
    for row in ranks.to_dict("records"):
        claims = list(row["claim_ids"])
        shown = ", ".join(claims[:CLAIMS_SHOWN]) + (" …" if len(claims) > CLAIMS_SHOWN else "")
        ends = " … ".join(number(row[name], lang, 2) for name in ("low", "high"))
        basis = text(f"uncertainty.basis_{row['basis']}", lang)
        figure = number(row["correlation"], lang, 2)
        table.add_row(_named(row), basis, _range(row, lang), figure, ends, shown)
    screen.print(table, markup=False)


def _tornado(tornado: pd.DataFrame, lang: str) -> None:
    right = ["uncertainty.at_low", "uncertainty.central", "uncertainty.at_high"]
    left = ["uncertainty.input", "uncertainty.basis", "uncertainty.range"]
    table = plain_table(text("uncertainty.tornado", lang), left, right, lang)
    for row in tornado.to_dict("records"):
        figures = [_change(row[name], lang) for name in ("at_low", "central", "at_high")]
        basis = text(f"uncertainty.basis_{row['basis']}", lang)
        table.add_row(_named(row), basis, _range(row, lang), *figures)
    screen.print(table, markup=False)


def _intervals(intervals: pd.DataFrame, study: Study, lang: str) -> None:
    left = ["uncertainty.scenario", "uncertainty.outcome"]
    right = [f"uncertainty.{n}" for n in ("central", "p5", "median", "p95")]
    table = plain_table(text("uncertainty.intervals", lang), left, right, lang)
    table.add_column(text("uncertainty.unit", lang))
    before, goals = "", _goals(study, lang)
    for row in intervals.to_dict("records"):
        if not _shown(row):
            continue
        scenario = scenario_name(study, row["scenario"], lang)
        figures = [_figure(row[n], row, lang) for n in ("central", "p5", "median", "p95")]
        subject = goals.get(row["subject"], row["subject"])
        name = outcome_name(row["outcome"], subject, study, lang)
        table.add_row("" if scenario == before else scenario, name, *figures, _unit(row, lang))
        before = scenario
    screen.print(table, markup=False)


def _shown(row: Mapping[Any, Any]) -> bool:
    """Whether the screen has room: the first headline pair, goals in nominal prices."""
    subject = row["subject"]
    room = subject in {"", "1"} or subject.endswith(f":{NOMINAL}")
    return row["outcome"] in SHOWN and room


def _goals(study: Study, lang: str) -> dict[str, str]:
    """Amount of every target, by its subject in the table of intervals."""
    try:
        targets = targets_of(study, *study.settings.target_parties).targets
    except InputError:
        return {}
    return {f"{target.id}:{NOMINAL}": goal_text(target, lang) for target in targets}


def outcome_name(outcome: str, subject: str, study: Study, lang: str) -> str:
    """Name an outcome.

    Parameters
    ----------
    outcome, subject : str
        As in the table of intervals.
    study : Study
        The study.
    lang : {"en", "tr"}
        Language.

    Returns
    -------
    str
        With the parties or the pair of places in it.
    """
    about = subject
    if subject.isdigit():
        line = study.settings.headline[int(subject) - 1]
        ends = " → ".join(zone_name(study, zone, lang) for zone in (line.origin, line.destination))
        about = f"{ends}, {line.commodity}"
    return text(f"uncertainty.{outcome}", lang, subject=about, **_parties(study, lang))


def _figure(value: float, row: Mapping[Any, Any], lang: str) -> str:
    if row["outcome"] in AS_CHANGE:
        return _change(value, lang)
    if row["outcome"] in AS_PERCENT:
        return percent(value, lang, 3)
    if row["unit"] == "1":
        return percent(value, lang, 1)
    scale = {"USD": BN, "t/yr": MT}.get(row["unit"], 1.0)
    return number(value / scale, lang, 1 if scale == 1.0 else 2)


def _unit(row: Mapping[Any, Any], lang: str) -> str:
    return "" if row["unit"] == "1" else text(f"uncertainty.unit_{UNITS[row['unit']]}", lang)


def _failed(result: Uncertainty, lang: str) -> None:
    failed = result.summary.failed
    failed = failed[failed["case"] == "draw"]
    if not len(failed):
        return
    first = failed.drop_duplicates("number")["reason"].str.split(":").str[0]
    counts = Counter(first).most_common()
    reasons = "; ".join(text("uncertainty.reason", lang, reason=r, n=n) for r, n in counts)
    said = {"n": failed["number"].nunique(), "asked": result.asked, "reasons": reasons}
    screen.print(text("uncertainty.failed", lang, **said), style="yellow", markup=False)
