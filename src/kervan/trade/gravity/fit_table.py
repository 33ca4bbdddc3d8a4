"""Fits side by side, as Markdown, LaTeX or CSV."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from kervan.core.errors import Fault, InputError
from kervan.core.messages import number, text
from kervan.trade.gravity.fit import GravityFit

__all__ = ["FORMATS", "fit_table", "write_fits"]

FORMATS = ("markdown", "latex", "csv")


def fit_table(fits: Mapping[str, GravityFit], *, digits: int = 3, lang: str = "en") -> pd.DataFrame:
    """Lay fits out side by side.

    Parameters
    ----------
    fits : mapping of str to GravityFit
        Fits by the title of their column.
    digits : int
        Decimals of coefficients and standard errors.
    lang : {"en", "tr"}
        Language of the row names and numbers.

    Returns
    -------
    pandas.DataFrame of str
        One column per fit; two rows per coefficient, the estimate and below it the standard error
        in parentheses; then method, effects, clusters, rows, separated rows and pseudo R².
    """
    names = list(dict.fromkeys(name for fit in fits.values() for name in fit.names))
    rows: list[str] = []
    for name in names:
        rows += [name, ""]
    rows += [text(f"gravity.row.{key}", lang) for key in FOOT]
    columns = {title: _column(fit, names, digits, lang) for title, fit in fits.items()}
    return pd.DataFrame(columns, index=pd.Index(rows, name=text("gravity.row.term", lang)))


FOOT = ("method", "effects", "errors", "rows", "separated", "pseudo_r2")


def _column(fit: GravityFit, names: list[str], digits: int, lang: str) -> list[str]:
    cells: list[str] = []
    for name in names:
        if name in fit.names:
            cells.append(number(fit.coefficient(name), lang, digits))
            cells.append(f"({number(fit.standard_error(name), lang, digits)})")
        else:
            cells += ["", ""]
    cells += [fit.specification.method.upper(), " + ".join(fit.effects) or "–"]
    cells += [" + ".join(fit.clusters) or text("gravity.robust", lang)]
    cells += [number(len(fit.rows), lang), number(len(fit.separated), lang)]
    return [*cells, number(fit.pseudo_r2, lang, 3)]


def write_fits(
    fits: Mapping[str, GravityFit], form: str, *, digits: int = 3, lang: str = "en"
) -> str:
    """Write fits side by side.

    Parameters
    ----------
    fits : mapping of str to GravityFit
        Fits by the title of their column.
    form : {"markdown", "latex", "csv"}
        What to write.
    digits : int
        Decimals of coefficients and standard errors.
    lang : {"en", "tr"}
        Language.

    Returns
    -------
    str
        The table.

    Raises
    ------
    InputError
        If the form is unknown.
    """
    table = fit_table(fits, digits=digits, lang=lang).reset_index()
    if form == "csv":
        return table.to_csv(index=False, lineterminator="\n")
    if form == "markdown":
        rule = ["---", *["---:"] * len(fits)]
        lines = [list(table.columns), rule, *table.to_numpy().tolist()]
        return "".join(
            f"| {' | '.join(cell.replace('|', '/') for cell in row)} |\n" for row in lines
        )
    if form == "latex":
        return _latex(table)
    remedy = f"use {', '.join(FORMATS)}"
    raise InputError([Fault("table", "", "form", f"no form '{form}'", remedy)])


LATEX = str.maketrans({"_": r"\_", "%": r"\%", "&": r"\&", "#": r"\#", "^": r"\^{}", "$": r"\$"})


def _latex(table: pd.DataFrame) -> str:
    lines = [r"\begin{tabular}{l" + "r" * (table.shape[1] - 1) + "}", r"\hline"]
    for i, row in enumerate([list(table.columns), *table.to_numpy().tolist()]):
        lines.append(" & ".join(cell.translate(LATEX) for cell in row) + r" \\")
        if i in (0, len(table) - len(FOOT)):
            lines.append(r"\hline")
    return "\n".join([*lines, r"\hline", r"\end{tabular}", ""])
