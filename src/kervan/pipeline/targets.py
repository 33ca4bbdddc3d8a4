"""The targets of a study's record, beside what the embedded trade says a corridor can carry."""

from __future__ import annotations

from kervan.appraisal.targets import party_id, target_report
from kervan.appraisal.targets_carriable import Carriable
from kervan.appraisal.targets_model import TargetReport
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
