"""Progress to the targets under the changes of trade that scenarios bring."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from kervan.appraisal.targets_model import Progress, TargetReport
from kervan.core.errors import InputError
from kervan.pipeline.targets import progress_of, targets_of
from kervan.study import Study

TARGET_COLUMNS = (
    "scenario", "target", "prices", "price_year", "part", "goal_usd", "value_usd", "hat",
    "value_cf_usd", "share", "way", "reached",
)  # fmt: skip


def report_of(
    study: Study, pair: Sequence[str], *, known: str | None = None
) -> TargetReport | None:
    """Read the targets of a pair as known on a day.

    Parameters
    ----------
    study : Study
        The study, with its record.
    pair : sequence of str
        Two countries.
    known : str, optional
        Day; all that the record has by default.

    Returns
    -------
    TargetReport or None
        None where the record does not know the countries.
    """
    try:
        return targets_of(study, *pair, known=known)
    except InputError:
        return None


def recorded_value(report: TargetReport | None) -> float:
    """Give the last figure of the series that is followed, USD; NaN where there is none."""
    if report is None or report.reporter is None:
        return math.nan
    return report.series[report.reporter][-1].value


def followed(report: TargetReport | None) -> tuple[Progress, ...]:
    """Give the progress by the figures of the reporter that is followed."""
    if report is None:
        return ()
    return tuple(one for one in report.progress if one.reporter == report.reporter)


def target_rows(study: Study, effects: pd.DataFrame, report: TargetReport | None) -> pd.DataFrame:
    """Measure every scenario against every target.

    Parameters
    ----------
    study : Study
        The study, with its pair of countries.
    effects : DataFrame
        scenario, trade_hat, carriable_hat.
    report : TargetReport or None
        Targets and the series that is followed.

    Returns
    -------
    DataFrame
        As `TradeResults.targets`; scenarios that did not settle are left out.
    """
    a, b = study.settings.target_parties
    known = effects.dropna(subset=["trade_hat"]) if report is not None else effects.head(0)
    rows = [
        (
            name, stand.need.target, stand.need.prices, stand.need.price_year, stand.need.part,
            stand.need.goal, stand.need.value, stand.hat, stand.value,
            stand.value / stand.need.goal, stand.way, stand.reached,
        )
        for name, hat, part in known[["scenario", "trade_hat", "carriable_hat"]].to_numpy()
        for stand in progress_of(study, a, b, hat, carriable_hat=part, report=report)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(TARGET_COLUMNS))


def claims_of(report: TargetReport | None) -> tuple[str, ...]:
    """Give the claims behind the targets and the figures that are followed."""
    return tuple(sorted({claim for one in followed(report) for claim in one.claim_ids}))
