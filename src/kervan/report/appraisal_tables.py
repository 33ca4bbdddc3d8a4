"""An appraisal as tables: for JSON, for CSV files and for the report."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from kervan.appraisal.volume import PARTS
from kervan.appraisal.works import CASES
from kervan.pipeline.appraise import AppraisalRun, ProjectAppraisal, who_gains
from kervan.pipeline.appraise.gains import MUSD

Row = dict[str, Any]
VOLUMES = ("tonnes_base", "tonnes_cf", *PARTS)
PLACES = ("country", "in_trade_data", "income_musd", "income_change", "fees_musd",
          "fees_net_musd", "transit_t", "transit_tkm", "traffic_tkm", "co2e_t")  # fmt: skip
USERS = ("origin", "destination", "commodity", "demand_base", "demand_cf", "logsum_base",
         "logsum_cf", "surplus", "half", "comparable", "surplus_own")  # fmt: skip


def appraisal_tables(run: AppraisalRun) -> dict[str, pd.DataFrame]:
    """Give an appraisal as tables; documented in docs/reference/json.md.

    Parameters
    ----------
    run : AppraisalRun
        The appraisal.

    Returns
    -------
    dict of str to DataFrame
        projects, values, break_even, volumes (by commodity), countries, alone, sequence, plans,
        pairs.
    """
    order = run.order
    plans = [(rate, s.value, s.bound, s.exact, len(s.starts)) for rate, s in
             order.sequences.items()]  # fmt: skip
    starts = [(rate, place, name, year) for rate, found in order.sequences.items()
              for place, (name, year) in enumerate(found.starts, start=1)]  # fmt: skip
    levels = [(one.id, rate, cost) for one in run.projects
              for rate, cost in one.break_even.items()]  # fmt: skip
    return {
        "projects": pd.DataFrame([project_row(run, one) for one in run.projects]),
        "values": _stack({one.id: one.npvs for one in run.projects}),
        "break_even": pd.DataFrame(levels, columns=["project", "rate", "cost_musd"]),
        "volumes": _stack({one.id: by_commodity(one) for one in run.projects}),
        "countries": _stack({one.id: places(run, one) for one in run.projects}),
        "alone": order.alone,
        "plans": pd.DataFrame(plans, columns=["rate", "npv_musd", "bound_musd", "exact", "built"]),
        "sequence": pd.DataFrame(starts, columns=["rate", "place", "project", "year"]),
        "pairs": order.pairs,
    }


def pair_tables(run: AppraisalRun) -> dict[str, pd.DataFrame]:
    """Give the long tables by pair and commodity: ``volumes_by_pair`` and ``users_by_pair``."""
    gains = {one.id: one.gain for one in run.projects if one.gain is not None}
    users = {name: gain.users.pairs[list(USERS)] for name, gain in gains.items()}
    return {
        "volumes_by_pair": _stack({name: gain.volume for name, gain in gains.items()}),
        "users_by_pair": _stack(users),
    }


def project_row(run: AppraisalRun, one: ProjectAppraisal) -> Row:
    """Give what is known of a project in one row."""
    works = one.works
    row: Row = {
        "project": one.id,
        "name_en": one.names["en"],
        "name_tr": one.names["tr"],
        "card": one.card,
        "group": works.group,
        "owner": works.owner,
        "appraised": one.appraised,
        "reasons": list(one.reasons),
        "detail": one.detail,
        "note": one.note,
        **{f"stated_{case}": works.stated.get(case, math.nan) for case in CASES},
        "price_year": works.price_year,
        "index_year": works.index_year,
        "deflator": works.deflator,
        **{f"cost_{case}": works.costs.get(case, math.nan) for case in CASES},
        "first_year": works.first_year,
        "opening": works.opening,
        "dated": works.dated,
        "life_years": works.life,
        **{f"eirr_{case}": list(one.returns.get(case, ())) for case in CASES},
        "benefit_musd": one.benefit_musd,
    }
    return {**row, **_gain_row(run, one)}


def _gain_row(run: AppraisalRun, one: ProjectAppraisal) -> Row:
    gain = one.gain
    names = ("surplus_musd", "users_musd", "rents_musd", "own_sizes_musd", "income_musd",
             "income_backed", "half_ratio", "half_covers", "co2e_t", "co2e_musd", *PARTS,
             "volume_residual", "joint_residual", "rounds")  # fmt: skip
    if gain is None:
        return dict.fromkeys((*names, "pairs_without_route"), math.nan)
    users = gain.users
    lost = users.pairs["logsum_base"].isna() | users.pairs["logsum_cf"].isna()
    price = run.study.settings.carbon_price_usd_per_t
    figures = (
        gain.surplus_musd, users.surplus / MUSD, users.rents / MUSD,
        (users.surplus_own + users.rents) / MUSD, gain.income_musd * run.income_deflator,
        gain.backed, users.half_ratio, users.half_covers, gain.co2e_t,
        -gain.co2e_t * price / MUSD if price else math.nan,
        *(math.fsum(gain.volume[part]) for part in PARTS), gain.volume_residual,
        gain.residual, gain.rounds,
    )  # fmt: skip
    return {**dict(zip(names, figures, strict=True)), "pairs_without_route": int(lost.sum())}


def by_commodity(one: ProjectAppraisal) -> pd.DataFrame | None:
    """Add the volumes of a project up by commodity; None where nothing is known."""
    if one.gain is None:
        return None
    return one.gain.volume.groupby("commodity", as_index=False)[list(VOLUMES)].sum()


def places(run: AppraisalRun, one: ProjectAppraisal) -> pd.DataFrame | None:
    """Tell who gains, incomes in prices of the study; None where nothing is known."""
    if one.gain is None:
        return None
    table = who_gains(one.gain, resource_share=run.resource_share)
    table["income_musd"] *= run.income_deflator
    return table[list(PLACES)]


def _stack(parts: Mapping[str, pd.DataFrame | None]) -> pd.DataFrame:
    """Put the tables of projects below each other, the project's key first."""
    known = {name: table for name, table in parts.items() if table is not None and len(table)}
    if not known:
        return pd.DataFrame()
    named = [table.assign(project=name) for name, table in known.items()]
    whole = pd.concat(named, ignore_index=True)
    return whole[["project", *(c for c in whole.columns if c != "project")]]


def settings_of(run: AppraisalRun) -> Row:
    """Tell how an appraisal was made."""
    terms, settings = run.terms, run.study.settings
    return {
        "benefit": run.benefit,
        "year": run.year,
        "price_year": settings.price_year,
        "trade_year": run.trade_year,
        "income_deflator": run.income_deflator,
        "carbon_price_usd_per_t": settings.carbon_price_usd_per_t,
        "rates": list(terms.rates),
        "horizon": terms.horizon,
        "ramp_up": list(terms.ramp_up),
        "overrun": terms.overrun,
        "growth": terms.growth,
        "upkeep": terms.upkeep,
        "build_years": terms.build_years,
        "resource_share": run.resource_share,
        "budget_musd": run.order.budget_musd,
        "budget_years": run.order.years,
    }
