"""Tables of `kervan calibrate` and `kervan backtest` on the screen."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from kervan.assign.calibration.backtest import Backtest
from kervan.assign.calibration.calibrate import Calibration
from kervan.assign.calibration.estimates import CONSTANT, JOINED, OWN
from kervan.assign.calibration.later_inputs import CARD, summarise_later
from kervan.cli.guard import screen
from kervan.cli.layout import corridor_name, plain_table
from kervan.core.messages import number, percent, text
from kervan.study import Study

Row = Mapping[Hashable, Any]


def show_calibration(study: Study, fitted: Calibration, lang: str) -> None:
    """Show the parameters and the counts they were fitted to."""
    years = ", ".join(map(str, fitted.years))
    screen.print(
        text("calibrate.title", lang, study=study.title(lang), years=years, known=fitted.known)
    )
    screen.print(
        text(
            "calibrate.size",
            lang,
            counts=number(fitted.n_fitted, lang),
            sd=number(fitted.count_sd, lang, 2),
        )
    )
    screen.print(text(f"calibrate.with.{fitted.predictor}", lang))
    left, right = ["calibrate.parameter"], ["calibrate.value", "calibrate.interval"]
    right += ["calibrate.prior_interval", "calibrate.unit", "calibrate.decided_by"]
    table = plain_table("", left, right, lang)
    for e in fitted.estimates:
        table.add_row(
            parameter_title(study, e.name, lang),
            number(e.value, lang, 2),
            _span(e.low, e.high, lang),
            _span(e.prior_low, e.prior_high, lang),
            e.unit,
            text(f"calibrate.by.{e.decided_by}", lang),
        )
    screen.print(table)
    _show_residuals(fitted.residuals, lang)
    if all(e.decided_by == "prior" for e in fitted.estimates):
        screen.print(text("calibrate.none_decided", lang), style="yellow")


def _show_residuals(rows: pd.DataFrame, lang: str) -> None:
    left = ["calibrate.observation", "calibrate.unit"]
    right = ["calibrate.counted", "calibrate.predicted", "calibrate.at_prior"]
    right += ["calibrate.ratio", "calibrate.weight", "calibrate.status"]
    table = plain_table(text("calibrate.residuals", lang), left, right, lang)
    for row in rows.to_dict("records"):
        table.add_row(
            row["observation_id"],
            row["unit"],
            *(_volume(row[n], lang) for n in ("counted", "predicted", "predicted_at_prior")),
            number(float(np.exp(row["log_ratio"])), lang, 2),
            number(row["weight"], lang, 2),
            text(f"calibrate.is.{row['status']}", lang),
        )
    screen.print(table)


def parameter_title(study: Study, name: str, lang: str) -> str:
    """Name a parameter for the reader."""
    if name.startswith(OWN):
        kind = text(f"calibrate.equipment.{name.removeprefix(OWN)}", lang)
        return text("calibrate.own_theta", lang, equipment=kind)
    if not name.startswith(CONSTANT):
        return text("calibrate.theta", lang)
    names = name.removeprefix(CONSTANT).split(JOINED)
    corridors = " + ".join(corridor_name(study, one, lang) for one in names)
    return text("calibrate.constant", lang, corridors=corridors)


def show_backtest(study: Study, result: Backtest, lang: str) -> None:
    """Show forecasts, conditional predictions, parameters and later-dated inputs."""
    title = text("backtest.title", lang, study=study.title(lang), rule=result.demand_rule)
    screen.print(text(f"calibrate.with.{result.predictor}", lang))
    _show_forecasts(result.forecasts, title, lang)
    _show_worse(result, lang)
    _show_conditional(result.conditional, lang)
    _show_fits(study, result.fits, lang)
    _show_later(result.later_inputs, lang)


def _show_forecasts(rows: pd.DataFrame, title: str, lang: str) -> None:
    right = ["outcome", "model", "naive", "plan", "log_error", "better"]
    keys = [f"backtest.{name}" for name in right]
    table = plain_table(title, ["calibrate.observation"], keys, lang)
    table.columns[0].no_wrap = True
    for row in rows.to_dict("records"):
        plans = zip(row["plans"], row["error_plans"], strict=True)
        table.add_row(
            row["observation_id"],
            f"{_volume(row['outcome'], lang)} {row['unit']}",
            _with_error(row["model"], row["error_model"], lang),
            _naive(row, lang),
            "\n".join(_with_error(value, gap, lang) for value, gap in plans) or "–",
            number(row["log_error_model"], lang, 2),
            text(f"backtest.winner.{_winner(row['is_worse_than_naive'])}", lang),
        )
    screen.print(table)


def _show_worse(result: Backtest, lang: str) -> None:
    compared = sum(flag is not None for flag in result.forecasts["is_worse_than_naive"])
    worse = list(result.worse["observation_id"])
    key = "backtest.worse" if worse else "backtest.not_worse"
    screen.print(
        text(key, lang, worse=len(worse), compared=compared, names=", ".join(worse)),
        style="yellow" if worse else "",
    )


def _show_conditional(rows: pd.DataFrame, lang: str) -> None:
    left = ["calibrate.observation", "calibrate.unit"]
    right = ["backtest.outcome", "backtest.model", "backtest.log_error"]
    table = plain_table(text("backtest.conditional", lang), left, right, lang)
    for row in rows.to_dict("records"):
        table.add_row(
            row["observation_id"],
            row["unit"],
            _volume(row["outcome"], lang),
            _with_error(row["model"], row["error_model"], lang),
            number(row["log_error_model"], lang, 2),
        )
    screen.print(table)


def _show_fits(study: Study, rows: pd.DataFrame, lang: str) -> None:
    left = ["calibrate.year", "calibrate.parameter"]
    right = ["calibrate.value", "calibrate.interval", "calibrate.decided_by", "backtest.counts"]
    right += ["backtest.demand_year", "backtest.shocks"]
    table = plain_table(text("backtest.fits", lang), left, right, lang)
    for row in rows.to_dict("records"):
        table.add_row(
            str(row["year"]),
            parameter_title(study, row["parameter"], lang),
            number(row["value"], lang, 2),
            _span(row["low"], row["high"], lang),
            text(f"calibrate.by.{row['decided_by']}", lang),
            number(row["counts_fitted"], lang),
            str(row["demand_year"]),
            ", ".join(row["shocks"]) or "–",
        )
    screen.print(table)


def _show_later(later: pd.DataFrame, lang: str) -> None:
    left = ["calibrate.year", "backtest.table"]
    right = ["numbers", "claims_later", "numbers_later", "numbers_assumed"]
    keys = [f"backtest.{name}" for name in right]
    table = plain_table(text("backtest.later", lang), left, keys, lang)
    for row in summarise_later(later).to_dict("records"):
        numbers = (number(row[name], lang) for name in right)
        table.add_row(str(row["year"]), row["table"], *numbers)
    screen.print(table)
    cards = sorted(set(later.loc[later["kind"] == CARD, "evidence_id"]))
    if cards:
        screen.print(text("backtest.cards", lang, names=", ".join(cards)))


def _winner(is_worse: bool | None) -> str:
    if is_worse is None:
        return "none"
    return "naive" if is_worse else "model"


def _naive(row: Row, lang: str) -> str:
    if row["naive_year"] is None or np.isnan(row["naive_year"]):
        return "–"
    return f"{int(row['naive_year'])}: {_with_error(row['naive'], row['error_naive'], lang)}"


def _with_error(value: float, error: float, lang: str) -> str:
    return f"{_volume(value, lang)} ({_signed(error, lang)})"


def _volume(value: float, lang: str) -> str:
    return number(value, lang, 3 if abs(value) < 100 else 0)


def _signed(share: float, lang: str) -> str:
    if np.isnan(share):
        return "–"
    return ("+" if share > 0 else "") + percent(share, lang)


def _span(low: float, high: float, lang: str) -> str:
    return f"{number(low, lang, 2)} … {number(high, lang, 2)}"
