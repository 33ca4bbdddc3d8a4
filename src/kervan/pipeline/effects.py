"""Flows carried on to trade, income and targets: the joint fixed point of every scenario."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from kervan.appraisal.targets_model import Progress, TargetReport
from kervan.core.errors import InputError, NotConverged
from kervan.pipeline.effects_model import SETTLED, UNSETTLED, TradeResults
from kervan.pipeline.joint import JointBase, JointResult, solve_joint
from kervan.pipeline.kept import Bundle, keep
from kervan.pipeline.results import BASELINE, ScenarioResult, Step
from kervan.pipeline.targets import progress_of, targets_of
from kervan.study import Study
from kervan.trade import TradeData, load_trade

GetBase = Callable[[], JointBase]
"""Gives the equilibrium before any change; only called where something is not kept."""
EFFECTS, WELFARE, CORRIDORS = "effects", "welfare", "corridors"
NO_FLOWS, NO_PAIR, NO_DATA, NO_SECTORS = "no_flows", "no_pair", "no_data", "no_sectors"
"""Why there is no trade: no flows; no parties named; not in the data; no sectors of commodities."""
TARGET_COLUMNS = (
    "scenario", "target", "prices", "price_year", "part", "goal_usd", "value_usd", "hat",
    "value_cf_usd", "share", "way", "reached",
)  # fmt: skip
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
        found[result.name] = _scenario(result, base, (study, world))
    progress("cli.steps.trade", len(solved), len(solved))
    report = _report(study, pair)
    effects = _effects(found, report)
    return TradeResults(
        a=pair[0],
        b=pair[1],
        year=world.year,
        source=world.digest,
        effects=effects,
        targets=target_rows(study, effects, report),
        welfare=_stacked(found, WELFARE),
        corridors=_stacked(found, CORRIDORS),
        unsettled={name: str(of.numbers["why"]) for name, of in found.items() if _failed(of)},
        report=report,
        claims=_claims(report),
    )


def _failed(bundle: Bundle) -> bool:
    return bundle.numbers["status"] == UNSETTLED


def _scenario(result: ScenarioResult, base: GetBase, given: tuple[Study, TradeData]) -> Bundle:
    """Give the figures of one scenario, kept or new."""
    before, data = given

    def make() -> Bundle:
        try:
            joint = solve_joint(base(), result.ground)
        except NotConverged as error:
            if result.name == BASELINE:
                raise
            return Bundle({}, {"status": UNSETTLED, "why": str(error)})
        return bundle_of(joint, before)

    return keep("trade", [before.hash, result.study.hash, data.digest], make)


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


def _report(study: Study, pair: Sequence[str]) -> TargetReport | None:
    """Read the targets of the pair; None where the record does not know its parties."""
    try:
        return targets_of(study, *pair)
    except InputError:
        return None


def _effects(found: Mapping[str, Bundle], report: TargetReport | None) -> pd.DataFrame:
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


def _stacked(found: Mapping[str, Bundle], name: str) -> pd.DataFrame:
    parts = []
    for scenario, bundle in found.items():
        if not _failed(bundle):
            parts.append(bundle.tables[name].assign(scenario=scenario))
    table = pd.concat(parts, ignore_index=True)
    return table[["scenario", *(column for column in table.columns if column != "scenario")]]


def _claims(report: TargetReport | None) -> tuple[str, ...]:
    return tuple(sorted({claim for one in followed(report) for claim in one.claim_ids}))
