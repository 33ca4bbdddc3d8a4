"""The targets of a study's record, beside what the embedded trade says a corridor can carry."""

from __future__ import annotations

import math

from kervan.appraisal.targets import party_id, target_report
from kervan.appraisal.targets_carriable import Carriable
from kervan.appraisal.targets_model import TargetReport
from kervan.appraisal.targets_reach import Hats, Stand, stands_at
from kervan.appraisal.targets_trend import LEVEL
from kervan.record.series import WINDOW
from kervan.study import Study
from kervan.trade import load_trade
from kervan.trade.carriable import oil_free_share


def targets_of(
    study: Study,
    a: str,
    b: str,
    *,
    known: str | None = None,
    reporter: str | None = None,
    window: int = WINDOW,
    level: float = LEVEL,
) -> TargetReport:
    """Measure the targets of two parties, with the part of trade that the corridor can carry.

    Parameters
    ----------
    study : Study
        The study; its record is read.
    a, b : str
        Parties by any of their names.
    known, reporter, window, level : optional
        As `kervan.appraisal.targets.target_report`.

    Returns
    -------
    TargetReport
        The report.
    """
    codes = [study.record.parties[party_id(study.record, name)].iso3 for name in (a, b)]
    found = oil_free_share(load_trade(), *codes)
    share = Carriable(**vars(found)) if found else None
    return target_report(
        study.record, a, b, known=known, reporter=reporter, window=window, level=level,
        carriable=share,
    )  # fmt: skip


def progress_of(
    study: Study,
    a: str,
    b: str,
    hat: float,
    *,
    carriable_hat: float = math.nan,
    report: TargetReport | None = None,
) -> tuple[Stand, ...]:
    """Say how much of the way to every target a change of trade goes.

    Parameters
    ----------
    study : Study
        The study; its record is read.
    a, b : str
        Parties by any of their names.
    hat : float
        Trade of the two in goods, both ways, after the change over before.
    carriable_hat : float, optional
        The same without pipeline and tanker oil; `hat` if left out.
    report : TargetReport, optional
        From `targets_of`, where it is at hand: then nothing is read.

    Returns
    -------
    tuple of Stand
        For each target in nominal, then in constant prices, with all trade growing, then with the
        carriable part alone where it is known: value, gap and share of the way after the change.
    """
    part = hat if math.isnan(carriable_hat) else carriable_hat
    return stands_at(report or targets_of(study, a, b), Hats(hat, part))
