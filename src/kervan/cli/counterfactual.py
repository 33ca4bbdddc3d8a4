"""`kervan trade counterfactual`: what cheaper trade between two countries does to all."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer

from kervan.cli.guard import guarded, screen, show_json
from kervan.cli.layout import plain_table
from kervan.cli.options import AsJson, Debug, Lang
from kervan.cli.trade import Country
from kervan.core.messages import number, percent, text
from kervan.core.results import SCHEMA_VERSION
from kervan.report.layouts import records
from kervan.trade import (
    CLOSURES,
    MODELS,
    Equilibrium,
    TradeData,
    base_from_data,
    counterfactual,
    country_name,
    load_trade,
    one_sector,
    universal_gravity,
)
from kervan.trade.models import find_model

MOST = 5
"""Countries shown beside the pair."""


def _share(value: float) -> float:
    if not 0 <= value < 100:
        raise typer.BadParameter("give per cent, from 0 to below 100")
    return value


def counterfactual_command(
    epsilon: Annotated[
        float, typer.Option(help="Trade elasticity, above zero; there is no default.")
    ],
    a: Country = "TUR",
    b: Country = "KAZ",
    cut: Annotated[
        float,
        typer.Option(
            help="Fall of the factor 1 + cost / value, per cent, both ways.", callback=_share
        ),
    ] = 10.0,
    model: Annotated[str, typer.Option(help=f"One of {', '.join(MODELS)}.")] = "caliendo_parro",
    psi: Annotated[float, typer.Option(help="Supply elasticity of universal_gravity.")] = 0.0,
    closure: Annotated[
        str, typer.Option(help=f"What becomes of deficits: {', '.join(CLOSURES)}.")
    ] = "additive",
    as_json: AsJson = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """Show what a fall of trade costs between two countries does to trade and welfare."""
    with guarded(as_json=as_json, debug=debug):
        data = load_trade()
        pair = (data.country(a), data.country(b))
        kind = universal_gravity(psi) if model == "universal_gravity" else find_model(model)
        base = base_from_data(data, epsilon=epsilon)
        base = base if kind.many else one_sector(base, epsilon=epsilon)
        d_hat = np.ones((len(base.codes),) * 2)
        i, j = (base.codes.index(code) for code in pair)
        d_hat[i, j] = d_hat[j, i] = 1 - cut / 100
        found = counterfactual(base, d_hat=d_hat, model=kind, closure=closure)
        if as_json:
            said = {"year": data.year, "a": pair[0], "b": pair[1], "cut": cut / 100,
                    "epsilon": epsilon, "data_hash": data.digest}  # fmt: skip
            show_json(layout(found, pair, said))
            return
        _show(data, found, pair, (cut / 100, epsilon), lang)


def layout(found: Equilibrium, pair: tuple[str, str], said: dict[str, Any]) -> dict[str, Any]:
    """Lay a counterfactual of a pair out as JSON."""
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "trade-counterfactual",
        **said,
        "model": found.model.name,
        "psi": found.model.psi,
        "closure": found.closure.name,
        "inputs": found.provenance.inputs,
        "pair": records(flows_of(found, pair)),
        "countries": records(countries_of(found)),
        "convergence": dict(vars(found.convergence)),
    }


def flows_of(found: Equilibrium, pair: tuple[str, str]) -> pd.DataFrame:
    """Tell the trade of a pair, both directions, before and after."""
    rows = []
    for exporter, importer in (pair, pair[::-1]):
        before, after = (
            float(flows.sel(exporter=exporter, importer=importer).sum())
            for flows in (found.base.flows, found.trade_cf)
        )
        hat = after / before if before > 0 else float("nan")
        rows.append((exporter, importer, before, after, hat))
    return pd.DataFrame(rows, columns=["exporter", "importer", "base_musd", "cf_musd", "hat"])


def countries_of(found: Equilibrium) -> pd.DataFrame:
    """Tell every country's welfare and its first-order parts."""
    exact = {"welfare": found.welfare_hat - 1, "real_wage": found.real_wage_hat - 1}
    table = pd.DataFrame({name: value.to_pandas() for name, value in exact.items()})
    return table.join(found.decomposition.to_dataframe()).rename_axis("country").reset_index()


def _show(
    data: TradeData,
    found: Equilibrium,
    pair: tuple[str, str],
    given: tuple[float, float],
    lang: str,
) -> None:
    names = {code: country_name(data, code, lang) for code in found.base.codes}
    title = {"a": names[pair[0]], "b": names[pair[1]], "cut": percent(given[0], lang, 1)}
    screen.print(text("trade.cf_title", lang, **title, year=data.year), style="bold")
    sectors, psi = len(found.base.sectors), number(found.model.psi, lang, 2)
    how = {
        "model": text(f"trade.cf_{found.model.name}", lang, n=sectors, psi=psi),
        "closure": text(f"trade.cf_{found.closure.name}", lang),
        "epsilon": number(given[1], lang, 1),
    }
    screen.print(text("trade.cf_how", lang, **how), markup=False)
    right = ["trade.cf_before", "trade.cf_after", "trade.cf_change"]
    table = plain_table(
        text("trade.cf_flows", lang, year=data.year), ["trade.cf_direction"], right, lang
    )
    for row in flows_of(found, pair).to_dict("records"):
        figures = [number(row[name], lang, 1) for name in ("base_musd", "cf_musd")]
        ends = f"{names[row['exporter']]} → {names[row['importer']]}"
        table.add_row(ends, *figures, percent(row["hat"] - 1, lang, 1))
    screen.print(table)
    _show_gains(found, pair, names, lang)
    how_far = found.convergence
    solved = {"residual": f"{how_far.residual:.0e}", "tolerance": f"{how_far.tolerance:.0e}"}
    screen.print(text("trade.cf_solved", lang, steps=how_far.iterations, **solved), markup=False)


def _show_gains(
    found: Equilibrium, pair: tuple[str, str], names: dict[str, str], lang: str
) -> None:
    rows = countries_of(found).set_index("country")
    others = rows.drop(index=list(dict.fromkeys(pair)))
    order = others["welfare"].abs().sort_values(ascending=False).index[:MOST]
    right = ["trade.cf_welfare", "trade.cf_terms", "trade.cf_volume", "trade.cf_costs"]
    table = plain_table(text("trade.cf_gains", lang, n=MOST), ["trade.country"], right, lang)
    for code in [*dict.fromkeys(pair), *order]:
        parts = ("welfare", "terms_of_trade", "volume_of_trade", "trade_costs")
        figures = [percent(float(rows.loc[code, part]), lang, 4) for part in parts]
        table.add_row(names[code], *figures)
    screen.print(table)
