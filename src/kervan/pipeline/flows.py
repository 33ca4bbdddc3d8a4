"""Demand on the routes of every scenario, and what a planner asks of the baseline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields

import pandas as pd

from kervan.assign import (
    Settled,
    StudyAssignment,
    assign_study,
    capacity_curve,
    critical_links,
    select_link,
    spare_capacity,
)
from kervan.assign.study.curves import rows_asked
from kervan.core.errors import InputError, KervanError, NotConverged
from kervan.pipeline.baseline import STARTS, Baseline
from kervan.pipeline.kept import Bundle, keep
from kervan.pipeline.results import BASELINE, Flows, ScenarioFlows, ScenarioResult, Step

SCENARIO_STARTS = 3
"""The same in a scenario: the study's own arrivals, full vessels, nearly empty ones."""
TABLES = ("link_flows", "od_flows", "unserved", "equilibria")
LEFT_OUT, NO_DEMAND = "left_out", "no_demand"
"""Why there are no flows: not asked for; the study has no demand table."""


def flows_of(
    solved: Sequence[ScenarioResult], *, progress: Step, baseline: Baseline | None = None
) -> Flows:
    """Put the demand on the routes of all scenarios.

    Parameters
    ----------
    solved : sequence of ScenarioResult
        Scenarios, the baseline first.
    progress : callable
        Told the step's message key, parts done and parts in all.
    baseline : Baseline, optional
        Where others ask for the baseline's equilibrium too.

    Returns
    -------
    Flows
        Full search for equilibria in the baseline, three starts in a scenario.

    Raises
    ------
    InputError
        If the demand or a commodity does not admit flows.
    NotConverged
        If the baseline does not settle.
    """
    total = len(solved) + 1
    progress("cli.steps.flows", 0, total)
    baseline = baseline or Baseline(solved[0])
    first, asked = _baseline(baseline)
    found, unsettled = {BASELINE: first}, {}
    for n, result in enumerate(solved[1:], start=2):
        progress("cli.steps.flows", n, total)
        try:
            found[result.name] = scenario_flows(result, baseline)
        except NotConverged as error:
            unsettled[result.name] = str(error)
    return Flows(
        scenarios=found,
        unsettled=unsettled,
        corridors=corridor_flows(found),
        loads=_loads(found),
        unserved=_unserved(found),
        critical=asked.tables["critical"],
        capacity=asked.tables["capacity"],
        capacity_rows=str(asked.numbers["capacity_rows"]),
        spare=asked.tables["spare"],
        users=asked.tables["users"],
        key_row=str(asked.numbers["key_row"]),
    )


def scenario_flows(result: ScenarioResult, baseline: Baseline) -> ScenarioFlows:
    """Put the demand on the routes of one scenario, or take it from what was kept."""

    def make() -> Bundle:
        found = assign_study(result.study, starts=SCENARIO_STARTS, network=result.ground)
        baseline.settled[result.name] = Settled(found.setting, found.solution)
        return _bundle(found, SCENARIO_STARTS)

    return _flows_from(keep("flows", [result.study.hash, SCENARIO_STARTS], make))


def _baseline(baseline: Baseline) -> tuple[ScenarioFlows, Bundle]:
    """Solve the baseline and ask it everything; one assignment serves both."""
    key = [baseline.result.study.hash, STARTS]
    flows = keep("flows", key, lambda: _bundle(baseline.assignment, STARTS))
    asked = keep("asked", key, lambda: _answers(baseline.assignment))
    return _flows_from(flows), asked


def _bundle(result: StudyAssignment, starts: int) -> Bundle:
    names = [field.name for field in fields(ScenarioFlows) if field.name not in TABLES]
    numbers = {name: getattr(result, name) for name in names if name != "starts"}
    return Bundle({name: getattr(result, name) for name in TABLES}, {**numbers, "starts": starts})


def _flows_from(bundle: Bundle) -> ScenarioFlows:
    return ScenarioFlows(**bundle.tables, **bundle.numbers)  # type: ignore[arg-type]


def _answers(result: StudyAssignment) -> Bundle:
    """Ask what losing rows costs, what capacity does, how much more fits and who uses the line."""
    settings = result.study.settings
    critical = critical_links(result)
    pattern = rows_asked(result.study)
    curve = _or_empty(lambda: capacity_curve(result, pattern))
    row = settings.key_row or _dearest(critical)
    kind, _, key = row.partition(":")
    users = _or_empty(lambda: select_link(result, kind, key)) if row else pd.DataFrame()
    return Bundle(
        {"critical": critical, "capacity": curve, "spare": _spare(result), "users": users},
        {"capacity_rows": pattern if len(curve) else "", "key_row": row if len(users) else ""},
    )


def _or_empty(make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """Give an empty table where the study has no such row on the day."""
    try:
        return make()
    except KervanError:
        return pd.DataFrame()


def _dearest(critical: pd.DataFrame) -> str:
    if not len(critical):
        return ""
    first = critical.iloc[0]
    return f"{first['kind']}:{first['ref_id']}"


def _spare(result: StudyAssignment) -> pd.DataFrame:
    """How much more of each headline pair fits; pairs without demand or route are left out."""
    parts = []
    for line in result.study.settings.headline:
        try:
            table = spare_capacity(result, line.origin, line.destination, commodity=line.commodity)
        except InputError:
            continue
        parts.append(table.assign(**vars(line)))
    keys = ["origin", "destination", "commodity"]
    if not parts:
        return pd.DataFrame(columns=keys)
    table = pd.concat(parts, ignore_index=True)
    return table[[*keys, *(name for name in table.columns if name not in keys)]]


def corridor_flows(found: Mapping[str, ScenarioFlows]) -> pd.DataFrame:
    """Give the tonnes of every corridor by scenario, and the change against the baseline."""
    parts = {
        name: flows.od_flows.groupby("corridor")["tonnes"].sum() for name, flows in found.items()
    }
    wide = pd.DataFrame(parts).fillna(0.0)
    wide = wide.sort_values(BASELINE, ascending=False, kind="stable")
    changes = wide.sub(wide[BASELINE], axis=0)
    rows = [
        {
            "scenario": name,
            "corridor": str(corridor),
            "tonnes": float(tonnes),
            "share": float(tonnes) / flows.demand_t,
            "change_t": float(change),
        }
        for name, flows in found.items()
        for (corridor, tonnes), change in zip(wide[name].items(), changes[name], strict=True)
    ]
    return pd.DataFrame(rows, columns=["scenario", "corridor", "tonnes", "share", "change_t"])


def _loads(found: Mapping[str, ScenarioFlows]) -> pd.DataFrame:
    parts = []
    for name, flows in found.items():
        rows = flows.link_flows[flows.link_flows["capacity"].notna()]
        rows = rows.sort_values("load", ascending=False, kind="stable")
        rows.insert(0, "scenario", name)
        parts.append(rows)
    return pd.concat(parts, ignore_index=True)


def _unserved(found: Mapping[str, ScenarioFlows]) -> pd.DataFrame:
    rows = [
        {
            "scenario": name,
            "reason": str(reason),
            "pairs": len(left),
            "tonnes": float(left["tonnes"].sum()),
        }
        for name, flows in found.items()
        for reason, left in flows.unserved.groupby("reason")
    ]
    return pd.DataFrame(rows, columns=["scenario", "reason", "pairs", "tonnes"])
