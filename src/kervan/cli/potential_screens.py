"""Screens of `kervan trade potential`."""

from __future__ import annotations

from kervan.cli.guard import screen
from kervan.cli.layout import plain_table
from kervan.cli.potential_data import Asked
from kervan.core.messages import number, percent, text
from kervan.pipeline import CorridorRun
from kervan.trade.gravity import (
    CorridorPart,
    CrossPrediction,
    GravityFit,
    ImportedGravity,
    Potential,
    rank_partners,
)

RESET_LEVEL = 0.05
SHOWN = 5
"""Partners shown for each exporter."""
LEFT_SHOWN = 8
SMALL = 100
"""Below this expectation one decimal is shown."""


def show_potential(
    asked: Asked, fit: GravityFit, cross: CrossPrediction, flows: list[Potential], lang: str
) -> None:
    """Show the two flows, the partners of both and the equation."""
    screen.print(asked.title(lang), style="bold", markup=False)
    table = plain_table(
        "", ["potential.flow"], ["potential.actual", "potential.predicted", "potential.gap",
        "potential.interval", "potential.percentile"], lang,
    )  # fmt: skip
    for flow in flows:
        digits = _digits(flow)
        interval = f"{number(flow.low, lang, digits)}–{number(flow.high, lang, digits)}"
        table.add_row(
            _ends(asked, flow, lang), number(flow.actual, lang, digits),
            number(flow.predicted, lang, digits),
            percent(flow.gap, lang), interval, number(flow.percentile, lang),
        )  # fmt: skip
    screen.print(table)
    for flow in flows:
        screen.print(_verdict(asked, flow, lang), markup=False)
    for flow in flows:
        _show_partners(asked, cross, flow, lang)
    _show_equation(fit, cross, flows[0], lang)
    if asked.imported is not None:
        _show_imported(asked, asked.imported, lang)


def show_reset(p: float, lang: str) -> None:
    """Say what RESET says of the equation."""
    key = "potential.reset_bad" if p < RESET_LEVEL else "potential.reset_ok"
    screen.print(text(key, lang, p=_p_value(p, lang)), markup=False)


def show_corridor(asked: Asked, run: CorridorRun, lang: str) -> None:
    """Show what part of the gaps corridor costs explain."""
    said = {"study": run.study.title(lang), "when": run.study.when}
    screen.print()
    screen.print(text("potential.corridor_title", lang, **said), style="bold", markup=False)
    table = plain_table(
        "", ["potential.flow"], ["potential.cost", "potential.frontier", "potential.actual",
        "potential.predicted", "potential.at_frontier", "potential.gap_at", "potential.by_cost",
        "potential.rest"], lang,
    )  # fmt: skip
    for flow, part in zip(run.flows, run.parts, strict=True):
        digits = _digits(flow)
        table.add_row(
            _ends(asked, flow, lang),
            percent(part.frontier.actual, lang, 1), percent(part.frontier.value, lang, 1),
            *(number(x, lang, digits) for x in (flow.actual, flow.predicted, part.predicted_at)),
            *(percent(x, lang) for x in (part.gap, part.corridor, part.rest)),
        )  # fmt: skip
    screen.print(table)
    for flow, part in zip(run.flows, run.parts, strict=True):
        screen.print(_part_line(asked, flow, part, lang), markup=False)
    _show_corridor_notes(asked, run, lang)


def _show_corridor_notes(asked: Asked, run: CorridorRun, lang: str) -> None:
    frontier = run.parts[0].frontier
    countries = {*run.data["exporter"], *run.data["importer"]}
    said = {
        "formula": run.fit.specification,
        "told": _coefficients(run.fit, lang),
        "rows": number(len(run.fit.rows), lang),
        "n": number(len(countries), lang),
        "p": _p_value(run.reset_p, lang),
    }
    screen.print(text("potential.corridor_sample", lang, **said), markup=False)
    told = {
        "pairs": number(frontier.pairs, lang),
        "share": percent(frontier.quantile, lang),
        "low": percent(frontier.low, lang, 1),
        "high": percent(frontier.high, lang, 1),
        "level": percent(frontier.level, lang),
        "what": asked.sector or text("potential.goods", lang),
    }
    screen.print(text("potential.corridor_frontier", lang, **told), markup=False)
    screen.print(text("potential.corridor_not", lang), style="yellow", markup=False)


def _part_line(asked: Asked, flow: Potential, part: CorridorPart, lang: str) -> str:
    a, b = (asked.name(code, lang) for code in (flow.exporter, flow.importer))
    key = "corridor_dear" if part.frontier.actual > part.frontier.value else "corridor_cheap"
    said = {
        "corridor": percent(part.corridor, lang),
        "low": percent(part.corridor_low, lang),
        "high": percent(part.corridor_high, lang),
        "rest": percent(part.rest, lang),
        "gap": percent(part.gap, lang),
        "level": percent(part.frontier.level, lang),
    }
    return text(f"potential.{key}", lang, a=a, b=b, **said)


def _digits(flow: Potential) -> int:
    return 0 if flow.predicted >= SMALL else 1


def _ends(asked: Asked, flow: Potential, lang: str) -> str:
    return " → ".join(asked.name(code, lang) for code in (flow.exporter, flow.importer))


def _verdict(asked: Asked, flow: Potential, lang: str) -> str:
    inside = flow.low <= flow.actual <= flow.high
    side = "below" if flow.actual < flow.low else "above"
    a, b = (asked.name(code, lang) for code in (flow.exporter, flow.importer))
    key = "potential.inside" if inside else f"potential.{side}"
    return text(key, lang, a=a, b=b, level=percent(flow.level, lang))


def _show_partners(asked: Asked, cross: CrossPrediction, flow: Potential, lang: str) -> None:
    ranked = rank_partners(cross, flow.exporter, time=flow.time)
    name = asked.name(flow.exporter, lang)
    heads = ["potential.actual", "potential.predicted", "potential.gap", "potential.percentile"]
    title = text("potential.partners", lang, country=name, n=SHOWN)
    screen.print(title, markup=False)
    table = plain_table("", ["potential.rank", "potential.partner"], heads, lang)
    for place, row in enumerate(ranked.to_dict("records"), start=1):
        if place <= SHOWN or row["partner"] == flow.importer:
            table.add_row(
                number(place, lang), asked.name(str(row["partner"]), lang),
                number(row["actual"], lang), number(row["predicted"], lang),
                percent(row["gap"], lang), number(row["percentile"], lang),
            )  # fmt: skip
    screen.print(table)


def _show_equation(fit: GravityFit, cross: CrossPrediction, flow: Potential, lang: str) -> None:
    rows = number(len(fit.rows), lang)
    separated = number(len(fit.separated), lang)
    screen.print(
        text("potential.equation", lang, formula=fit.specification, rows=rows, n=separated),
        markup=False,
    )
    screen.print(text("potential.coefficients", lang, told=_coefficients(fit, lang)), markup=False)
    said = {
        "level": percent(flow.level, lang),
        "k": number(flow.neighbours, lang),
        "folds": cross.folds,
        "se": number(flow.log_se, lang, 2),
    }
    screen.print(text("potential.how", lang, **said), markup=False)
    if cross.net_zero:
        screen.print(text("potential.net_zero", lang), markup=False)


def _show_imported(asked: Asked, made: ImportedGravity, lang: str) -> None:
    if made.reporter:
        side = text(f"potential.reporter_{made.reporter}", lang)
        screen.print(text("potential.reporter", lang, side=side), markup=False)
    if made.zeros:
        n = number(made.zeros, lang)
        screen.print(text("potential.zeros", lang, n=n), markup=False)
    if len(made.left_out):
        codes = made.left_out[["exporter", "importer"]].stack().value_counts().index
        names = ", ".join(asked.name(str(code), lang) for code in codes[:LEFT_SHOWN])
        more = ", …" if len(codes) > LEFT_SHOWN else ""
        said = {
            "n": number(len(made.left_out), lang),
            "value": number(float(made.left_out["trade"].sum()), lang),
            "missing": ", ".join(sorted(set(made.left_out["missing"]))),
        }
        screen.print(text("potential.left_out", lang, **said, names=names + more), markup=False)


def _coefficients(fit: GravityFit, lang: str) -> str:
    return "; ".join(
        f"{name} {number(fit.coefficient(name), lang, 3)}"
        f" ({number(fit.standard_error(name), lang, 3)})"
        for name in fit.names
    )


def _p_value(p: float, lang: str) -> str:
    return f"< {number(0.001, lang, 3)}" if p < 0.001 else f"= {number(p, lang, 3)}"
