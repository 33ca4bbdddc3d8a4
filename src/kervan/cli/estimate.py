"""`kervan estimate-od`: an origin–destination matrix from counts and a prior matrix."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from kervan.assign import warm_up
from kervan.assign.od.assignment import Averaging
from kervan.assign.od.counts import read_link_counts, read_place_counts
from kervan.assign.od.network import COUNT_CV as LINK_CV
from kervan.assign.od.network import OUTER, OUTER_STOCHASTIC, estimate_on_network
from kervan.assign.od.report import ODReport
from kervan.assign.od.study import COUNT_CV, TOLERANCE, Weights, demand_table, estimate_on_study
from kervan.assign.od.write import check_suffix, write_matrix
from kervan.assign.readers import read_tntp
from kervan.cli.estimate_screen import show_estimate
from kervan.cli.guard import guarded, notes, show_json
from kervan.cli.options import AsJson, Debug, Lang, Quiet
from kervan.core.errors import Fault, InputError
from kervan.core.files import write_text
from kervan.core.messages import text
from kervan.core.results import SCHEMA_VERSION
from kervan.report import layouts
from kervan.study import Study, open_study

FIGURES = (
    "n_used", "n_independent", "conflict", "conflict_p", "contradicted", "n_unseen",
    "n_uninformed", "holdout_error", "holdout_error_prior", "rounds", "residual",
)  # fmt: skip
NetFile = Annotated[Path | None, typer.Argument(help="TNTP network file; none with --study.")]
TripsFile = Annotated[Path | None, typer.Argument(help="TNTP trips file: the prior matrix.")]
CountsFile = Annotated[Path | None, typer.Argument(help="CSV file of counts on links.")]


@dataclass(frozen=True)
class Asked:
    """Options that both forms of the command share."""

    method: str
    prior_cv: float
    count_cv: float | None
    tolerance: float | None
    rounds: int
    use_holdout: bool

    def averaging(self, default: float) -> Averaging:
        """Give the rule of the outer loop."""
        return Averaging(default if self.tolerance is None else self.tolerance, self.rounds)


def estimate_command(
    net: NetFile = None,
    prior: TripsFile = None,
    counts: CountsFile = None,
    study: Annotated[
        str | None, typer.Option("--study", "-s", help="Shipped study or a study's folder.")
    ] = None,
    year: Annotated[
        int | None, typer.Option(help="Year of a study's demand and counts; else its base year.")
    ] = None,
    place_counts: Annotated[
        Path | None,
        typer.Option("--counts", help="CSV of counts at a study's places; else its observations."),
    ] = None,
    method: Annotated[str, typer.Option(help="gls (least squares) or entropy.")] = "gls",
    theta: Annotated[
        float, typer.Option(help="Dispersion of route choice; inf is deterministic.")
    ] = float("inf"),
    gap: Annotated[float, typer.Option(help="Relative gap of every assignment.")] = 1e-8,
    prior_cv: Annotated[
        float, typer.Option(help="Coefficient of variation of the prior's cells (assumed).")
    ] = 0.5,
    count_cv: Annotated[
        float | None,
        typer.Option(help="That of counts without sd; else 0.1, and 0.25 for a study (assumed)."),
    ] = None,
    tolerance: Annotated[
        float | None, typer.Option(help="How far matrix and routes may be apart (share of all).")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="Most assignments.")] = 200,
    use_holdout: Annotated[
        bool, typer.Option("--use-holdout", help="Use held-out counts too.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File of the matrix: .tntp, .csv or .omx.")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """Estimate an origin-destination matrix from counts and a prior matrix."""
    with guarded(as_json=as_json, debug=debug):
        asked = Asked(method, prior_cv, count_cv, tolerance, rounds, use_holdout)
        _check(asked, theta, gap, out)
        if study is not None:
            _refuse_files(net, prior, counts)
            layout = _study_form(study, year, place_counts, asked, out, lang, show=not as_json)
        else:
            files = _files(net, prior, counts)
            layout = _network_form(files, theta, gap, asked, out, lang, show=not as_json)
        if as_json:
            show_json(layout)
        elif out is not None and not quiet:
            notes.print(str(out), markup=False)


def _network_form(
    files: tuple[Path, Path, Path],
    theta: float,
    gap: float,
    asked: Asked,
    out: Path | None,
    lang: str,
    *,
    show: bool,
) -> layouts.Layout:
    """Estimate on a TNTP network, write and show the matrix; give its layout."""
    warm_up(stochastic=math.isfinite(theta))
    instance = read_tntp(files[0], files[1], theta=theta)
    report = estimate_on_network(
        instance,
        read_link_counts(files[2], instance.links),
        method=asked.method,
        prior_cv=asked.prior_cv,
        count_cv=LINK_CV if asked.count_cv is None else asked.count_cv,
        gap=gap,
        use_holdout=asked.use_holdout,
        averaging=asked.averaging(OUTER_STOCHASTIC if math.isfinite(theta) else OUTER),
    )
    if out is not None:
        write_matrix(out, report.od, len(instance.network.zone_node))
    if show:
        show_estimate(report, text("estimate.title", lang, name=files[0].name), "trips", lang)
    head = {"schema_version": SCHEMA_VERSION, "kind": "estimate-od", "network": files[0].name}
    return {**head, "year": None, **_body(report)}


def _study_form(
    name: str,
    year: int | None,
    counts_file: Path | None,
    asked: Asked,
    out: Path | None,
    lang: str,
    *,
    show: bool,
) -> layouts.Layout:
    """Estimate a study's demand, write and show it; give its layout."""
    opened: Study = open_study(name)
    chosen = opened.settings.base_year if year is None else year
    counts, sd = (None, None)
    if counts_file is not None:
        counts, sd = read_place_counts(counts_file, opened, chosen)
    report = estimate_on_study(
        opened,
        chosen,
        counts=counts,
        count_sd=sd,
        method=asked.method,
        weights=Weights(asked.prior_cv, COUNT_CV if asked.count_cv is None else asked.count_cv),
        use_holdout=asked.use_holdout,
        averaging=asked.averaging(TOLERANCE),
    )
    if out is not None:
        write_text(out, demand_table(report).to_csv(index=False, lineterminator="\n"))
    if show:
        title = text("estimate.title_study", lang, name=opened.title(lang), year=chosen)
        show_estimate(report, title, "t", lang, study=opened)
    head = layouts.table_layout("estimate-od", opened, {})
    return {**head, "network": None, "year": chosen, **_body(report)}


def _body(report: ODReport) -> layouts.Layout:
    """Lay out `kervan estimate-od --json`: see docs/reference/json.md."""
    figures = {name: getattr(report, name) for name in FIGURES}
    estimate = report.estimate
    return {
        "method": estimate.method,
        "chi_square": estimate.chi_square,
        "degrees_of_freedom": estimate.degrees_of_freedom,
        "p_value": estimate.p_value,
        **figures,
        "total_prior": float(report.od["prior"].sum()),
        "total_estimate": float(report.od["estimate"].sum()),
        "counts": layouts.records(report.counts),
        "od": layouts.records(report.od),
    }


def _files(net: Path | None, prior: Path | None, counts: Path | None) -> tuple[Path, Path, Path]:
    if net is None or prior is None or counts is None:
        problem = "needs a network, a prior matrix and counts, or a study"
        remedy = "write NET.tntp TRIPS.tntp COUNTS.csv, or --study NAME"
        raise InputError([Fault("estimate-od", "", "", problem, remedy)])
    return net, prior, counts


def _refuse_files(*files: Path | None) -> None:
    if any(file is not None for file in files):
        problem = "a study brings its own network and prior matrix"
        remedy = "give counts by --counts FILE, or leave --study out"
        raise InputError([Fault("estimate-od", "", "", problem, remedy)])


def _check(asked: Asked, theta: float, gap: float, out: Path | None) -> None:
    options = {
        "--theta": theta,
        "--gap": gap,
        "--prior-cv": asked.prior_cv,
        "--count-cv": asked.count_cv,
        "--tolerance": asked.tolerance,
    }
    faults = [
        Fault(name, "", "", f"{value} is not above 0", "give a number above 0")
        for name, value in options.items()
        if value is not None and not value > 0
    ]
    if faults:
        raise InputError(faults)
    if out is not None:
        check_suffix(out)
