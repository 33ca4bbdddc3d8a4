"""`kervan assign`: user equilibrium of a TNTP instance."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.table import Table

from kervan.assign import Assignment, assign_demand, warm_up
from kervan.assign.readers import Instance, read_tntp
from kervan.cli.guard import guarded, notes, progress_bar, screen
from kervan.cli.options import AsJson, Debug, Lang, Quiet
from kervan.core.errors import Fault, InputError
from kervan.core.files import write_text
from kervan.core.messages import number, text
from kervan.core.results import SCHEMA_VERSION


def assign_command(
    net: Annotated[Path, typer.Argument(help="TNTP network file (…_net.tntp).")],
    trips: Annotated[Path, typer.Argument(help="TNTP trips file (…_trips.tntp).")],
    theta: Annotated[
        float, typer.Option(help="Dispersion of route choice; inf is deterministic.")
    ] = float("inf"),
    gap: Annotated[float, typer.Option(help="Relative gap to reach.")] = 1e-10,
    toll_weight: Annotated[
        float | None,
        typer.Option(help="Time per unit of toll; else <TOLL FACTOR> of the network, else 0."),
    ] = None,
    distance_weight: Annotated[
        float | None,
        typer.Option(help="Time per length; else <DISTANCE FACTOR> of the network, else 0."),
    ] = None,
    max_iterations: Annotated[int, typer.Option(min=1, help="Limit of the rounds.")] = 2000,
    threads: Annotated[
        int | None,
        typer.Option(min=1, help="Threads, at most the cores; the numbers do not depend on it."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="Write from, to, flow, delay and cost of every link as CSV."
        ),
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """Assign the trips of a TNTP instance in user equilibrium.

    Delays are in the time of the file's free-flow times, flows in its trips, costs in time with
    tolls and lengths at their weights.
    """
    with guarded(as_json=as_json, debug=debug):
        _check(theta, gap, out)
        compile_s = warm_up(stochastic=math.isfinite(theta))
        instance = read_tntp(
            net, trips, toll_weight=toll_weight, distance_weight=distance_weight, theta=theta
        )
        with progress_bar(quiet=quiet) as step:
            result = assign_demand(
                instance.network,
                instance.commodities,
                gap=gap,
                max_iterations=max_iterations,
                threads=threads,
                progress=lambda iteration, now: step(
                    f"{text('assign.step', lang)} {now:.1e}", iteration, max_iterations
                ),
            )
        result = replace(result, compile_s=compile_s + result.compile_s)
        if out is not None:
            write_text(out, flow_table(instance, result).to_csv(index=False, lineterminator="\n"))
        if as_json:
            layout = assignment_layout(net, instance, result)
            sys.stdout.write(json.dumps(layout, indent=2) + "\n")
            return
        show_assignment(net, instance, result, lang)
        if out is not None and not quiet:
            notes.print(str(out), markup=False)


def flow_table(instance: Instance, result: Assignment) -> pd.DataFrame:
    """Lay out links with flow (trips), delay (time of the file) and cost (time, with weights)."""
    return instance.links.assign(
        flow=result.link_flow, delay=result.link_delay, cost=result.link_cost[0]
    )


def assignment_layout(net: Path, instance: Instance, result: Assignment) -> dict[str, object]:
    """Lay out `kervan assign --json`."""
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "assign",
        "network": net.name,
        "links": instance.network.n_links,
        "weights": dict(instance.weights),
        "relative_gap": result.relative_gap,
        "objective": result.objective,
        "entropy": result.entropy,
        "node_balance": result.node_balance,
        "iterations": result.iterations,
        "solve_s": result.solve_s,
        "compile_s": result.compile_s,
    }


def show_assignment(net: Path, instance: Instance, result: Assignment, lang: str) -> None:
    """Show how an assignment ended."""
    trips = instance.commodities[0]
    screen.print(text("assign.title", lang, net=net.name), style="bold")
    screen.print(
        text(
            "assign.size",
            lang,
            links=number(instance.network.n_links, lang),
            zones=number(len(instance.network.zone_node), lang),
            pairs=number(len(result.graph.pairs), lang),
            trips=number(float(trips.amount.sum()), lang, 1),
        )
    )
    if any(instance.weights.values()):
        values = {name: f"{value:g}" for name, value in instance.weights.items()}
        screen.print(text("assign.weights", lang, **values))
    table = Table(show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_row(text("assign.relative_gap", lang), f"{result.relative_gap:.3e}")
    table.add_row(text("assign.objective", lang), number(result.objective, lang, 6))
    if result.entropy:
        table.add_row(text("assign.entropy", lang), number(result.entropy, lang, 6))
    table.add_row(text("assign.node_balance", lang), f"{result.node_balance:.1e}")
    table.add_row(text("assign.iterations", lang), number(result.iterations, lang))
    table.add_row(text("assign.solve_s", lang), number(result.solve_s, lang, 3))
    table.add_row(text("assign.compile_s", lang), number(result.compile_s, lang, 3))
    screen.print(table)


def _check(theta: float, gap: float, out: Path | None) -> None:
    """Refuse wrong options before anything is solved."""
    faults = []
    if out is not None and out.is_dir():
        faults.append(Fault("--out", "", "", f"{out} is a folder", "name a file"))
    if not theta > 0:
        faults.append(Fault("--theta", "", "", f"{theta} is not above 0", "give a number or inf"))
    if not gap > 0:
        faults.append(Fault("--gap", "", "", f"{gap} is not above 0", "give e.g. 1e-10"))
    if faults:
        raise InputError(faults)
