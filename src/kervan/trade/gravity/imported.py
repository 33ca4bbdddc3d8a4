"""Imported trade and covariates as a table for gravity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from kervan.core.errors import Fault, InputError, NameNotFound
from kervan.core.outlines import country_areas
from kervan.trade.gravity.geography import country_geography
from kervan.trade.gravity.specification import Specification

__all__ = ["IMPORTED_FORMULA", "ImportedGravity", "imported_gravity_data"]

IMPORTED_FORMULA = "trade ~ log(dist) + contig + comlang_off | exporter + importer"
"""What is estimated on imported data unless the user says otherwise; with sales at home of every
country `international` is added."""
OUTLINE_FORMULA = "trade ~ log(distance_km) + contiguity | exporter + importer"
GEOGRAPHY = ("distance_km", "contiguity", "international")
LISTS_ALL = ("baci",)
"""Data sets that list every flow above zero, so that a pair without a row traded nothing."""
MILLION = 1e6


@dataclass(frozen=True, eq=False)
class ImportedGravity:
    """Imported flows of one year with their covariates.

    Attributes
    ----------
    table : pandas.DataFrame
        exporter, importer, trade (million USD), and the covariates; all that the formula needs is
        there in every row.
    formula : str
        The equation.
    year : int
        Year of the trade.
    reporter : str
        Whose figures: ``exporter``, ``importer``, or empty where the data have one figure.
    zeros : int
        Pairs without a row that count as zero trade.
    left_out : pandas.DataFrame
        Flows that are not in the table: exporter, importer, trade, and the covariate missing.
    """

    table: pd.DataFrame
    formula: str
    year: int
    reporter: str
    zeros: int
    left_out: pd.DataFrame


def imported_gravity_data(
    tables: Mapping[str, pd.DataFrame],
    *,
    kinds: Sequence[str] = (),
    formula: str | None = None,
    sector: str | None = None,
    year: int | None = None,
    reporter: str = "importer",
) -> ImportedGravity:
    """Join imported trade with imported covariates, one row per pair.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``trade`` and, for covariates beyond distance and contiguity, ``gravity``, as from
        `kervan.trade.readers.read_trade`.
    kinds : sequence of str, optional
        Data sets behind `trade`; of BACI alone a pair without a row counts as zero.
    formula : str, optional
        The equation; by default `IMPORTED_FORMULA`, or distance and contiguity from the package's
        outlines where there is no table of covariates.
    sector : str, optional
        A sector; else all together.
    year : int, optional
        Year; else the last one that all tables have.
    reporter : {"importer", "exporter"}
        Whose figures to take where mirror data hold both.

    Returns
    -------
    ImportedGravity
        The table, and what is not in it.

    Raises
    ------
    InputError
        If there is no trade, no common year, a column that the formula needs is in no table, or no
        row has all of them.
    NameNotFound
        If there is no such sector.
    """
    if "trade" not in tables:
        remedy = "import trade: kervan data import baci FILES… --out DIR"
        raise InputError([Fault("data", "", "", "the folder holds no trade.parquet", remedy)])
    flows, covariates = tables["trade"], tables.get("gravity")
    chosen = _year(flows, covariates, year)
    flows = _select(flows[flows["year"] == chosen], sector, reporter)
    mirrored = bool((flows["reporter"] != "").any())
    worth = flows.groupby(["exporter", "importer"])["value_usd"].sum() / MILLION
    trade = worth.rename("trade").reset_index()
    known = len(trade)
    if kinds and set(kinds) <= set(LISTS_ALL):
        trade = _with_zeros(trade)
    joined = _with_covariates(trade, covariates, chosen)
    text = formula or _formula(joined, covariates is not None)
    needed = _needed(text, joined, covariates is not None)
    missing = joined[needed].isna()
    lacking = missing.any(axis=1)
    if lacking.all():
        remedy = "import the file that has them: kervan data import auto TRADE… GRAVITY… --out DIR"
        problem = "no pair has all covariates"
        raise InputError([Fault("data", "", ", ".join(needed), problem, remedy)])
    first = missing[lacking].idxmax(axis=1).astype(str)
    left = joined.loc[lacking, ["exporter", "importer", "trade"]].assign(missing=first)
    table = joined[~lacking].reset_index(drop=True)
    who = reporter if mirrored else ""
    zeros = len(trade) - known
    return ImportedGravity(table, text, chosen, who, zeros, left.reset_index(drop=True))


def _year(flows: pd.DataFrame, covariates: pd.DataFrame | None, year: int | None) -> int:
    years = set(map(int, flows["year"].unique()))
    shared = years if covariates is None else years & set(map(int, covariates["year"].unique()))
    if year is None and shared:
        return max(shared)
    if year is not None and year in shared:
        return year
    told = f"trade has {', '.join(map(str, sorted(years)))}"
    problem = "trade and covariates share no year" if year is None else f"there is no year {year}"
    raise InputError([Fault("data", "", "year", problem, f"import another year: {told}")])


def _select(flows: pd.DataFrame, sector: str | None, reporter: str) -> pd.DataFrame:
    if reporter not in {"importer", "exporter"}:
        fault = Fault("data", "", "reporter", f"no side '{reporter}'", "importer or exporter")
        raise InputError([fault])
    if sector is not None:
        names = sorted(map(str, flows["sector"].unique()))
        if sector not in names:
            remedy = f"use {', '.join(names)}"
            raise NameNotFound([Fault("trade", sector, "sector", "no such sector", remedy)])
        flows = flows[flows["sector"] == sector]
    flows = flows.assign(reporter=flows["reporter"].fillna(""))
    whose = flows["reporter"]
    return flows[(whose == "") | (whose == flows[reporter])]


def _with_zeros(trade: pd.DataFrame) -> pd.DataFrame:
    """Add the pairs of different countries that have no row."""
    codes = sorted({*trade["exporter"], *trade["importer"]})
    pairs = pd.MultiIndex.from_product([codes, codes], names=["exporter", "importer"])
    whole = trade.set_index(["exporter", "importer"])["trade"].reindex(pairs).reset_index()
    abroad = whole["exporter"] != whole["importer"]
    whole.loc[abroad, "trade"] = whole.loc[abroad, "trade"].fillna(0.0)
    return whole[whole["trade"].notna()].reset_index(drop=True)


def _with_covariates(
    trade: pd.DataFrame, covariates: pd.DataFrame | None, year: int
) -> pd.DataFrame:
    keys = ["exporter", "importer"]
    if covariates is not None:
        mine = covariates[covariates["year"] == year].drop(columns="year")
        trade = trade.merge(mine, on=keys, how="left", validate="1:1", suffixes=("", "_imported"))
    shaped = sorted({*trade["exporter"], *trade["importer"]} & set(country_areas()))
    geography = country_geography(shaped)
    own = [name for name in GEOGRAPHY if name not in trade]
    return trade.merge(geography[[*keys, *own]], on=keys, how="left", validate="1:1")


def _formula(joined: pd.DataFrame, imported: bool) -> str:
    formula = IMPORTED_FORMULA if imported else OUTLINE_FORMULA
    home = joined[joined["exporter"] == joined["importer"]]
    everyone = {*joined["exporter"], *joined["importer"]}
    if everyone == set(home.loc[home["trade"] > 0, "exporter"]):
        formula = formula.replace(" |", " + international |")
    return formula


def _needed(formula: str, joined: pd.DataFrame, imported: bool) -> list[str]:
    spec = Specification.parse(formula)
    names = [term.column for term in spec.covariates]
    names += [name for effect in spec.fixed_effects for name in effect]
    absent = [name for name in names if name not in joined and name != "pair"]
    if absent:
        remedy = f"there are {', '.join(map(str, joined.columns[2:42]))}"
        if not imported:
            remedy += "; for more import CEPII's Gravity into the same folder in the same call: "
            remedy += "kervan data import auto TRADE… GRAVITY… --out DIR"
        faults = [Fault("--formula", "", n, "no imported table has it", remedy) for n in absent]
        raise InputError(faults)
    return [name for name in names if name in joined]
