"""The appraised projects as a table of the report."""

from __future__ import annotations

from kervan.core.messages import number, percent, text
from kervan.pipeline.appraise import AppraisalRun, ProjectAppraisal
from kervan.report.cells import DASH, Cell, View


def appraisal_view(run: AppraisalRun, lang: str) -> View | None:
    """Lay out what projects are worth; None where none has a card.

    Parameters
    ----------
    run : AppraisalRun
        From `appraise_projects`, or `appraise_solved` where a run has solved the cards already.
    lang : str
        en or tr.

    Returns
    -------
    View or None
        Project, yearly benefit, central cost, present value by rate, rates of return; a project
        that cannot be appraised says why, and up to which cost it would be worth something.
    """
    if not any(one.gain is not None for one in run.projects):
        return None
    headers = (
        (text("appraise.project", lang), False),
        (text("appraise.yearly", lang), True),
        (text("appraise.cost", lang), True),
        *((text("appraise.npv", lang, rate=percent(rate, lang)), True) for rate in run.terms.rates),
        (text("appraise.eirr", lang), True),
    )
    what = text(f"appraise.report_{run.benefit}", lang)
    prices = run.study.settings.price_year
    caption = text("appraise.report_caption", lang, prices=prices, year=run.year, what=what)
    return View(caption, headers, tuple(_row(run, one, lang) for one in run.projects))


def _row(run: AppraisalRun, one: ProjectAppraisal, lang: str) -> tuple[Cell, ...]:
    why = "; ".join(text(f"appraise.{reason}", lang) for reason in one.reasons)
    head = Cell(one.names[lang], is_heading=True, note=why)
    figures = [_money(one.benefit_musd, lang, 1), _money(one.works.costs.get("central"), lang)]
    central = {row["rate"]: row["npv_musd"] for row in one.npvs.to_dict("records")
               if row["case"] == "central"}  # fmt: skip
    values = [_value(one, central.get(rate), rate, lang) for rate in run.terms.rates]
    found = "; ".join(percent(rate, lang, 1) for rate in one.returns.get("central", ()))
    return (head, *figures, *values, Cell(found or DASH, is_number=True))


def _money(value: float | None, lang: str, digits: int = 0) -> Cell:
    return Cell(DASH if value is None else number(value, lang, digits), is_number=True)


def _value(one: ProjectAppraisal, npv: float | None, rate: float, lang: str) -> Cell:
    """Write a present value; without a cost, the greatest at which there would be one."""
    level = one.break_even.get(rate)
    if npv is not None or level is None:
        return _money(npv, lang)
    return Cell(DASH, is_number=True,
                note=text("appraise.worth_up_to", lang, cost=number(level, lang)))  # fmt: skip
