"""Flows carried on to trade, income and targets: the joint fixed point of every scenario."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from kervan.appraisal.targets_model import TargetReport
from kervan.assign import Settled
from kervan.core.errors import NotConverged
from kervan.pipeline.effects_model import SETTLED, UNSETTLED, TradeResults
from kervan.pipeline.effects_targets import claims_of, recorded_value, report_of, target_rows
from kervan.pipeline.joint import JointBase, JointResult, solve_joint
from kervan.pipeline.kept import Bundle, keep
from kervan.pipeline.results import ScenarioResult, Step
from kervan.study import Study
from kervan.trade import TradeData, load_trade

GetBase = Callable[[], JointBase]
"""Gives the equilibrium before any change; only called where something is not kept."""
EFFECTS, WELFARE, CORRIDORS = "effects", "welfare", "corridors"
NO_FLOWS, NO_PAIR, NO_DATA, NO_SECTORS = "no_flows", "no_pair", "no_data", "no_sectors"
"""Why there is no trade: no flows; no parties named; not in the data; no sectors of commodities."""
DIGITS = 12
"""Decimals of hats: what lies below is noise of the solver."""
PIPED = "crude"
"""The sector that goes by pipeline and tanker, as in `kervan.trade.carriable`."""


def why_no_trade(study: Study, data: TradeData) -> str:
    """Say why a study has no trade stage; empty where it can have one."""
    pair = study.settings.target_parties
    if not pair:
        return NO_PAIR
    if not all(data.available(code) for code in pair):
        return NO_DATA
    return "" if len(study.table("sector_commodity")) else NO_SECTORS


def trade_of(
    solved: Sequence[ScenarioResult],
    base: GetBase,
    *,
    settled: Mapping[str, Settled] | None = None,
    data: TradeData | None = None,
    progress: Step,
) -> TradeResults:
    """Solve traffic and trade together in every scenario.

    Parameters
    ----------
    solved : sequence of ScenarioResult
        Scenarios, the baseline first.
    base : callable
        Gives `JointBase` of the baseline; not called where everything is kept.
    settled : mapping of str to Settled, optional
        The baseline's demand on the routes of scenarios, as far as that has been solved.
    data : TradeData, optional
        Trade of the world; the embedded data by default.
    progress : callable
        Told the step's message key, parts done and parts in all.

    Returns
    -------
    TradeResults
        Tables; a scenario that does not converge is named and has no figures.

    Raises
    ------
    InputError
        If the study does not admit the stage.
    NotConverged
        If the baseline does not settle.
    """
    world = data or load_trade()
    study = solved[0].study
    pair = study.settings.target_parties
    found = {}
    for n, result in enumerate(solved):
        progress("cli.steps.trade", n, len(solved))
        found[result.name] = change_effect(
            study, result.study, world, _solver(base, result, settled or {})
        )
    progress("cli.steps.trade", len(solved), len(solved))
    report = report_of(study, pair)
    effects = effects_table(found, report)
    return TradeResults(
        a=pair[0],
        b=pair[1],
        when=str(study.when),
        year=world.year,
        source=world.digest,
        effects=effects,
        targets=target_rows(study, effects, report),
        welfare=_stacked(found, WELFARE),
        corridors=_stacked(found, CORRIDORS),
        unsettled={name: str(of.numbers["why"]) for name, of in found.items() if _failed(of)},
        report=report,
        claims=claims_of(report),
    )


def _solver(
    base: GetBase, result: ScenarioResult, settled: Mapping[str, Settled]
) -> Callable[[], JointResult]:
    return lambda: solve_joint(base(), result.ground, settled=settled.get(result.name))


def _failed(bundle: Bundle) -> bool:
    return bundle.numbers["status"] == UNSETTLED


def change_effect(
    before: Study, changed: Study, data: TradeData, solve: Callable[[], JointResult]
) -> Bundle:
    """Give the figures of one change, kept or new.

    Parameters
    ----------
    before, changed : Study
        The dated study before and after.
    data : TradeData
        Trade of the world.
    solve : callable
        Finds the joint fixed point where it is not kept.

    Returns
    -------
    Bundle
        As `bundle_of`; without tables where the change does not settle.

    Raises
    ------
    NotConverged
        If the state before does not settle.
    """

    def make() -> Bundle:
        try:
            joint = solve()
        except NotConverged as error:
            if changed.hash == before.hash:
                raise
            return Bundle({}, {"status": UNSETTLED, "why": str(error)})
        return bundle_of(joint, before)

    return keep("trade", [before.hash, changed.hash, data.digest], make)


def bundle_of(joint: JointResult, study: Study) -> Bundle:
    """Take what reports tell from a joint fixed point.

    Parameters
    ----------
    joint : JointResult
        The fixed point.
    study : Study
        The study before the change: its pair of countries and focus corridors.

    Returns
    -------
    Bundle
        Tables of one row per scenario, country and corridor, and whether it settled.
    """
    a, b = study.settings.target_parties
    corridors = _corridors(joint)
    of_focus = corridors[corridors["corridor"].isin(study.settings.focus)]
    row = {
        **_exports(joint, (a, b)),
        **_incomes(joint, (a, b)),
        "focus_t": float(of_focus["tonnes"].sum()),
        "focus_share": float(of_focus["share"].sum()),
        "residual": float(joint.residual),
        "rounds": int(joint.rounds),
    }
    tables = {EFFECTS: pd.DataFrame([row]), WELFARE: _welfare(joint), CORRIDORS: corridors}
    return Bundle(tables, {"status": SETTLED, "why": ""})


def _exports(joint: JointResult, pair: tuple[str, str]) -> dict[str, float]:
    """Give the goods trade of the pair in both directions, and what became of its costs."""
    goods, row = list(joint.base.goods), {}
    weights, costs = [], []
    for side, (exporter, importer) in zip("ab", (pair, pair[::-1]), strict=True):
        at = {"exporter": exporter, "importer": importer, "sector": goods}
        before = joint.trade.base.flows.sel(at)
        row[f"exports_{side}_base_musd"] = float(before.sum())
        row[f"exports_{side}_cf_musd"] = float(joint.trade.trade_cf.sel(at).sum())
        weights.append(before.to_numpy())
        costs.append(joint.d_hat.sel(at).fillna(1.0).to_numpy())
    row["trade_hat"] = round(joint.pair_hat(*pair), DIGITS)
    row["carriable_hat"] = round(_carriable_hat(joint, pair), DIGITS)
    traded = sum(map(np.sum, weights)) > 0
    row["cost_hat"] = float(np.average(costs, weights=weights)) if traded else math.nan
    return row


def _carriable_hat(joint: JointResult, pair: tuple[str, str]) -> float:
    """Give the hat of the pair's goods without pipeline and tanker oil; NaN where it has none."""
    goods = [name for name in joint.base.goods if name != PIPED]
    before, after = (
        sum(
            float(flows.sel(exporter=i, importer=j, sector=goods).sum())
            for i, j in (pair, pair[::-1])
        )
        for flows in (joint.trade.base.flows, joint.trade.trade_cf)
    )
    return after / before if before > 0 else math.nan


def _incomes(joint: JointResult, pair: tuple[str, str]) -> dict[str, float]:
    """Give the change of real income; the world's weighs countries by their final spending."""
    gain = joint.trade.welfare_hat - 1.0
    row = {
        f"income_{side}": float(gain.sel(country=code))
        for side, code in zip("ab", pair, strict=True)
    }
    return {**row, "income_world": float(np.average(gain, weights=joint.trade.base.income))}


def _welfare(joint: JointResult) -> pd.DataFrame:
    goods = list(joint.base.goods)
    before, after = (
        _abroad(flows.sel(sector=goods)) for flows in (joint.trade.base.flows, joint.trade.trade_cf)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        hats = after / before
    codes = list(joint.trade.base.codes)
    gain = joint.trade.welfare_hat.sel(country=codes).to_numpy() - 1.0
    return pd.DataFrame({"country": codes, "real_income": gain, "imports_hat": hats})


def _abroad(flows: xr.DataArray) -> np.ndarray:
    """Purchases from abroad of every country."""
    value = flows.sum("sector").to_numpy()
    return np.asarray(value.sum(axis=0) - np.diagonal(value))


def _corridors(joint: JointResult) -> pd.DataFrame:
    tonnes = joint.assignment.od_flows.groupby("corridor")["tonnes"].sum()
    tonnes = tonnes.sort_values(ascending=False, kind="stable")
    shares = tonnes / tonnes.sum() if tonnes.sum() > 0 else tonnes
    table = pd.DataFrame({"corridor": tonnes.index.astype(object), "tonnes": tonnes.to_numpy()})
    return table.assign(share=shares.to_numpy())


def effects_table(found: Mapping[str, Bundle], report: TargetReport | None) -> pd.DataFrame:
    """Lay the figures of several changes out, the first being the state before any.

    Parameters
    ----------
    found : mapping of str to Bundle
        From `change_effect`, by name.
    report : TargetReport or None
        Where the recorded figure comes from.

    Returns
    -------
    DataFrame
        As `TradeResults.effects`.
    """
    recorded = recorded_value(report)
    parts = []
    for name, bundle in found.items():
        table = pd.DataFrame([{}]) if _failed(bundle) else bundle.tables[EFFECTS].copy()
        table.insert(0, "scenario", name)
        table.insert(1, "status", str(bundle.numbers["status"]))
        parts.append(table)
    table = pd.concat(parts, ignore_index=True)
    table["recorded_usd"] = recorded
    table["recorded_cf_usd"] = recorded * table["trade_hat"]
    table["focus_change_t"] = table["focus_t"] - float(table["focus_t"].iloc[0])
    return table


def _stacked(found: Mapping[str, Bundle], name: str) -> pd.DataFrame:
    parts = []
    for scenario, bundle in found.items():
        if not _failed(bundle):
            parts.append(bundle.tables[name].assign(scenario=scenario))
    table = pd.concat(parts, ignore_index=True)
    return table[["scenario", *(column for column in table.columns if column != "scenario")]]
