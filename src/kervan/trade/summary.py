"""What the trade data say, beside what is published and what the record has."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kervan.record import Record
from kervan.record.series import read_series
from kervan.trade.dataset import REST, TradeData

EXPLAIN_OVER = 0.05
"""A gap to a published total beyond this share is explained."""


def balances(data: TradeData, *, largest: int | None = None) -> pd.DataFrame:
    """Return output, income and trade of each country, the largest income first.

    Parameters
    ----------
    data : TradeData
        The data.
    largest : int, optional
        Only so many countries, without the rest of the world.

    Returns
    -------
    pandas.DataFrame
        country, output_musd, value_added_musd, exports_musd, imports_musd, balance_musd,
        domestic_share, published_exports_musd, published_balance_musd, met (which of the two the
        data were raked to), exports_gap (relative), right_sign (missing where none is published).
    """
    frame = pd.DataFrame(index=pd.Index(data.codes, name="country"))
    for name in ("output", "value_added", "exports", "imports"):
        frame[f"{name}_musd"] = getattr(data, name).sum("sector").to_numpy()
    frame["balance_musd"] = frame["exports_musd"] - frame["imports_musd"]
    bought = data.expenditure.sum("sector").to_numpy()
    frame["domestic_share"] = 1.0 - frame["imports_musd"] / bought
    said = data.published.reindex(frame.index)
    frame["published_exports_musd"] = said["exports_musd"]
    frame["published_balance_musd"] = said["balance_musd"]
    frame["met"] = said["met"]
    frame["exports_gap"] = frame["exports_musd"] / frame["published_exports_musd"] - 1.0
    sign = np.sign(frame["balance_musd"]) == np.sign(frame["published_balance_musd"])
    frame["right_sign"] = sign.astype(object).where(frame["published_balance_musd"].notna(), None)
    ordered = frame.sort_values("value_added_musd", ascending=False)
    if largest is not None:
        ordered = ordered.drop(index=REST, errors="ignore").head(largest)
    return ordered.reset_index()


def world_gaps(data: TradeData) -> pd.DataFrame:
    """Return the data's world totals beside published ones.

    Parameters
    ----------
    data : TradeData
        The data.

    Returns
    -------
    pandas.DataFrame
        quantity, value_musd, published_musd, gap (relative), explain (is the gap beyond 5 %).
        ``exports`` and ``exports_same_countries`` differ in the countries that report. At basic
        prices trade margins are services; published goods include them.
    """
    table = balances(data)
    both = table.dropna(subset=["published_exports_musd"])
    world, margins = data.build["published_world"], data.build["services"]["trade_margins"]
    goods = float(data.exports.sel(sector=data.sectors["kind"].to_numpy() == "goods").sum())
    services = table["exports_musd"].sum() - goods
    rows = [
        ("exports", table["exports_musd"].sum(), world["exports_musd"]),
        ("exports_same_countries", both["exports_musd"].sum(),
         both["published_exports_musd"].sum()),
        ("goods_with_margins", goods * (1.0 + margins), world["goods_exports_musd"]),
        ("services_without_margins", services - goods * margins, world["services_exports_musd"]),
        ("value_added", table["value_added_musd"].sum(), world["gdp_musd"]),
        ("output_of_the_icio_countries",
         table.loc[table["country"] != REST, "output_musd"].sum(), world["icio_output_musd"]),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["quantity", "value_musd", "published_musd"])
    frame["gap"] = frame["value_musd"] / frame["published_musd"] - 1.0
    frame["explain"] = frame["gap"].abs() > EXPLAIN_OVER
    return frame


def re_exporters(data: TradeData) -> pd.DataFrame:
    """Return the countries whose published exports the data do not meet, the largest gap first.

    Parameters
    ----------
    data : TradeData
        The data.

    Returns
    -------
    pandas.DataFrame
        country, exports_musd, published_exports_musd, missing_musd. Their figures hold goods that
        were bought to be sold on; only their balances are met.
    """
    table = balances(data)
    rows = table[(table["met"] == "balance") & table["published_exports_musd"].notna()].copy()
    rows["missing_musd"] = rows["published_exports_musd"] - rows["exports_musd"]
    names = ["country", "exports_musd", "published_exports_musd", "missing_musd"]
    return rows[names].sort_values("missing_musd", ascending=False, ignore_index=True)


def pair_by_sector(data: TradeData, a: str, b: str) -> pd.DataFrame:
    """Return the trade of two countries by sector, both ways.

    Parameters
    ----------
    data : TradeData
        The data.
    a, b : str
        Codes.

    Returns
    -------
    pandas.DataFrame
        sector, kind, a_to_b_musd, b_to_a_musd, and what each was before the pair was raked
        (a_to_b_before_musd, b_to_a_before_musd; missing for pairs that were not).
    """
    frame = pd.DataFrame({"sector": data.sectors.index, "kind": data.sectors["kind"].to_numpy()})
    raked = data.build.get("pair", {})
    for name, (i, j) in {"a_to_b": (a, b), "b_to_a": (b, a)}.items():
        frame[f"{name}_musd"] = data.flows.sel(exporter=i, importer=j).to_numpy()
        before = raked.get(f"{i}-{j}", {}).get("before", {})
        frame[f"{name}_before_musd"] = frame["sector"].map(before).astype(float)
    return frame


def reported_totals(data: TradeData) -> pd.DataFrame:
    """Return the raked pairs' goods beside the total of the reporter they were raked to.

    Parameters
    ----------
    data : TradeData
        The data.

    Returns
    -------
    pandas.DataFrame
        exporter, importer, reporter, goods_musd, reported_musd, gap (relative).
    """
    goods = list(data.sectors.index[data.sectors["kind"] == "goods"])
    rows = []
    for key, said in data.build.get("pair", {}).items():
        exporter, _, importer = key.partition("-")
        if not (data.available(exporter) and data.available(importer)):
            continue
        value = float(data.flows.sel(exporter=exporter, importer=importer, sector=goods).sum())
        rows.append((exporter, importer, said["reporter"], value, float(said["reported"])))
    names = ["exporter", "importer", "reporter", "goods_musd", "reported_musd"]
    frame = pd.DataFrame(rows, columns=names)
    frame["gap"] = frame["goods_musd"] / frame["reported_musd"] - 1.0
    return frame


def recorded_trade(record: Record, a: str, b: str) -> pd.DataFrame:
    """Return the trade of two parties as the record's accepted claims have it, by both reporters.

    Parameters
    ----------
    record : Record
        The record.
    a, b : str
        Parties as the record knows them (such as tr and kz).

    Returns
    -------
    pandas.DataFrame
        period, a_musd and b_musd (total of both directions by each reporter, in dollars; where
        claims of a reporter differ, the one that `kervan.record.series.read_series` follows),
        ratio (a over b), claim_ids. Whole years only; claims that do not name the reporter are
        left out.
    """
    series, _ = read_series(record, "bilateral_trade", frozenset((a, b)), "total")
    figures = {
        party: {f.year: f for f in series.get(party, ()) if f.currency == "USD"} for party in (a, b)
    }
    rows = []
    for year in sorted({year for by_year in figures.values() for year in by_year}):
        told = [figures[party].get(year) for party in (a, b)]
        musd = [one.value / 1e6 if one else np.nan for one in told]
        ids = "|".join(claim for one in told if one for claim in one.claim_ids)
        rows.append((year, *musd, musd[0] / musd[1], ids))
    return pd.DataFrame(rows, columns=["period", "a_musd", "b_musd", "ratio", "claim_ids"])
