"""Make the embedded trade data from the OECD ICIO table and published totals of 2022.

    pip download --no-deps --dest DIR sanction-simulator==0.1.4
    .venv/bin/python tools/make_trade.py DIR/sanction_simulator-0.1.4-py3-none-any.whl

The wheel is opened, never installed; its sha256 is pinned. Reads ``tools/trade_inputs/`` (published
figures, the pair Türkiye–Kazakhstan, sources) and the dictionaries in ``src/kervan/trade/world/``;
writes ``flows.parquet``, ``use.parquet``, ``published.csv``,
``sources.csv`` and ``build.json`` there. The same
input gives the same figures. ``docs/explanation/trade-data.md`` tells the way and its assumptions.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq

from kervan.trade.balance import (
    Economy,
    close_rest_of_world,
    rake_final_demand,
    rake_pair,
    restore_rest_of_world,
)
from kervan.trade.raking import Raked, spread_within

INPUTS = Path(__file__).resolve().parent / "trade_inputs"
WORLD = Path(__file__).resolve().parents[1] / "src" / "kervan" / "trade" / "world"
SHA256 = "1c29bce64dd5e15d14b956556fc544cae21ac504f0cea07558019c4b9eae4909"
MEMBER = "sanction_simulator/data/bench_cache.npz"
YEAR = 2022
USD_PER_MUSD = 1e6

MOST_ABROAD = 0.5
"""Assumed: an export figure that needs more than this share of a country's final sales abroad holds
re-exports and merchanting, which the ICIO table leaves out; only its balance is used then."""
FUEL_EXPORTERS = ("AZE", "BHR", "DZA", "IRQ", "KWT", "LBY", "OMN", "QAT")
LIKE_FUEL = ("AGO", "BRN", "KAZ", "NGA", "SAU")
LIKE_OTHERS = (
    "BGD", "CIV", "CMR", "CRI", "EGY", "JOR", "KHM", "LAO", "MAR", "PAK", "PER", "SEN", "TUN",
    "UKR",
)  # fmt: skip
"""Assumed: countries of the table whose structure stands for that of the rest of the world."""
LEAST_VALUE_ADDED = 0.4
"""Assumed: the least part of what the table leaves to a sector after its inputs from the countries
of the table that is value added, and not inputs from the rest of the world."""
REPORTER = "KAZ"
ORES = "B07"
TRADE = "G"
DECIMALS = 4
"""Digits kept of a million USD."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Table:
    """The ICIO table without the rest of the world; million USD, input sector before user."""

    countries: tuple[str, ...]
    sectors: tuple[str, ...]
    inter: Floats  # (sector, exporter, user, importer)
    output: Floats  # (sector, country)
    final: Floats  # (sector, country): final demand of all and sales to the rest of the world
    gross: Floats  # (sector, country): output as printed in the source table


@dataclass(frozen=True)
class Grouped:
    """The table in the groups of sectors.csv; exporter, sector, … order."""

    inter: Floats  # (exporter, sector, importer, user)
    output: Floats  # (country, sector)
    prior: Floats  # (exporter, sector, importer)
    sales: Floats  # (country, sector)


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read a CSV table as text."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def read_wheel(path: Path) -> Table:
    """Open the pinned wheel and take the table out of it."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != SHA256:
        raise SystemExit(f"{path}: sha256 is {digest}, expected {SHA256}")
    with zipfile.ZipFile(path) as wheel:
        held = np.load(io.BytesIO(wheel.read(MEMBER)))
        countries, sectors = (tuple(map(str, held[k])) for k in ("countries", "sectors"))
        n, m = len(countries), len(sectors)
        inter = (held["A"] * (held["omb"] * held["s"])).reshape(m, n, m, n)
        return Table(
            countries,
            sectors,
            inter,
            *(held[name].reshape(m, n) for name in ("s", "z", "go")),
        )


def final_prior(table: Table, spending: Floats) -> Floats:
    """Spread final sales, (sector, exporter, importer): a first guess for the raking.

    Every country spends on a sector what the world does on average, from the sellers that its
    industries buy that sector's products from; each seller's sales are then scaled to their sum.
    """
    bought = table.inter.sum(axis=2)
    total = bought.sum(axis=1, keepdims=True)
    own = np.broadcast_to(np.eye(len(table.countries)), bought.shape)
    shares = np.where(total > 0, bought / np.where(total > 0, total, 1.0), own)
    asked = table.final.sum(axis=1)[:, None] / table.final.sum() * spending
    prior = shares * asked[:, None, :]
    sold = prior.sum(axis=2)
    prior = np.where(sold[:, :, None] > 0, prior, own)
    return prior / prior.sum(axis=2, keepdims=True) * table.final[:, :, None]


def group(table: Table, groups: dict[str, tuple[str, ...]], spending: Floats) -> Grouped:
    """Sum the sectors of each group."""
    member = np.array([[float(s in g) for s in table.sectors] for g in groups.values()])
    inter = np.einsum("gs,sikj,hk->gihj", member, table.inter, member, optimize=True)
    prior = np.einsum("gs,sij->igj", member, final_prior(table, spending))
    return Grouped(
        inter.transpose(1, 0, 3, 2), (member @ table.output).T, prior, (member @ table.final).T
    )


def published_figures() -> pd.DataFrame:
    """Read published exports and balances by country, in million USD."""
    rows = pd.DataFrame(read_rows(INPUTS / "published.csv"))
    values = rows.assign(value=rows["value"].astype(float) / USD_PER_MUSD)
    return values.pivot_table(index="country", columns="quantity", values="value")


def usable_exports(
    exports: Floats, known: Floats, sales: Floats
) -> tuple[Floats, NDArray[np.bool_]]:
    """Keep the export figures that final sales abroad can meet; tell which were dropped."""
    wanted = exports - known
    share = wanted / sales.sum(axis=1)
    fits = (share > 0) & (share <= MOST_ABROAD)
    return np.where(fits, wanted, np.nan), ~np.isnan(exports) & ~fits


def abroad(flows: Floats) -> Floats:
    """Blank domestic sales in (exporter, sector, importer)."""
    own = np.eye(*flows.shape[::2], dtype=bool)[:, None, :]
    return np.where(own, 0.0, flows)


def trade_margins(
    table: Table, groups: dict[str, tuple[str, ...]], services: NDArray[np.bool_]
) -> float:
    """Divide exports of wholesale and retail trade by those of goods, among inputs: known."""
    own = np.eye(len(table.countries), dtype=bool)
    sold = np.where(own, 0.0, table.inter.sum(axis=2)).sum(axis=(1, 2))
    goods = {s for name, is_service in zip(groups, services, strict=True) if not is_service
             for s in groups[name]}  # fmt: skip
    return float(sold[table.sectors.index(TRADE)] / sum(
        value for sector, value in zip(table.sectors, sold, strict=True) if sector in goods
    ))  # fmt: skip


def meet_services(
    prior: Floats, known: Floats, services: NDArray[np.bool_], asked: tuple[float, float],
    rake: Callable[[Floats], Raked],
) -> tuple[Raked, float]:  # fmt: skip
    """Rake with a prior whose services abroad are scaled until the world exports what is published.

    `asked` is the published export of services and the trade margins on goods, which are services
    at basic prices; `known` are the exports of inputs. Returns the raking and the factor.
    """

    def too_many(power: float) -> float:
        traded = abroad(known + rake(scaled(power)).values).sum(axis=(0, 2))  # noqa: PD011
        wanted = asked[0] + asked[1] * traded[~services].sum()
        return float(np.log(traded[services].sum() / wanted))

    def scaled(power: float) -> Floats:
        sold = abroad(prior)
        return prior - sold + np.where(services[:, None], np.exp(power), 1.0) * sold

    power = brentq(too_many, -4.0, 1.0, xtol=1e-4)
    return rake(scaled(power)), float(np.exp(power))


def rest_structure(sold: Floats, countries: tuple[str, ...], fuel_share: float) -> Floats:
    """Shares of the rest's exports by sector: those of countries like its two parts."""
    by_sector = abroad(sold).sum(axis=2)
    parts = []
    for pool in (LIKE_FUEL, LIKE_OTHERS):
        pooled = by_sector[[countries.index(c) for c in pool]].sum(axis=0)
        parts.append(pooled / pooled.sum())
    return fuel_share * parts[0] + (1.0 - fuel_share) * parts[1]


def rest_inputs(bought: Floats, grouped: Grouped, final: Floats) -> Floats:
    """Part of what each country buys from the rest that is an input: (country, sector, user).

    Inputs have the part in it, and each user the part of them, that they have in the country's
    other imports of the sector, as far as the user's value added allows; the rest is final demand.
    """
    n = len(bought.T)
    own = np.eye(n, dtype=bool)[:, None, :, None]
    inputs = np.where(own, 0.0, grouped.inter).sum(axis=0)  # (sector, importer, user)
    others = inputs.sum(axis=2) + abroad(final).sum(axis=0)
    totals = bought * np.divide(inputs.sum(axis=2), others, out=np.zeros_like(others),
                                where=others > 0)  # fmt: skip
    left = grouped.output - grouped.inter.sum(axis=(0, 1))
    room = (1.0 - LEAST_VALUE_ADDED) * np.maximum(left, 0.0)
    return np.stack([spread_within(totals[:, j], inputs[:, j], room[j]) for j in range(n)])


@dataclass(frozen=True)
class World:
    """The closed table: the countries and, last, the rest of the world; million USD."""

    flows: Floats  # (exporter, importer, sector)
    use: Floats  # (country, input, user)


def close(grouped: Grouped, raked: Floats, countries: tuple[str, ...]) -> tuple[World, dict]:
    """Add intermediate to raked final flows and give the rest of the world an economy."""
    n, m = grouped.sales.shape
    sold = grouped.inter.sum(axis=3)
    flows = raked.copy()
    flows[:n, :, :n] += sold
    inputs = rest_inputs(raked[n, :, :n], grouped, raked[:n, :, :n])
    use = np.zeros((n + 1, m, m))
    use[:n] = grouped.inter.sum(axis=0).transpose(1, 0, 2) + inputs
    pool = [countries.index(c) for c in (*LIKE_FUEL, *LIKE_OTHERS)]
    final = flows.sum(axis=0).T[pool].sum(axis=0) - use[pool].sum(axis=(0, 2))
    like = Economy(grouped.output[pool].sum(axis=0), use[pool].sum(axis=0), final)
    openness = abroad(flows)[pool].sum() / (like.output.sum() - like.use.sum())
    exports, imports = flows[n].sum(axis=1), flows[:, :, n].sum(axis=0)
    rest = close_rest_of_world(exports, imports, like, value_added=float(exports.sum() / openness))
    flows[n, :, n] = rest.output - flows[n].sum(axis=1)
    use[n] = rest.use
    said = {"openness": openness, "value_added": float(rest.output.sum() - rest.use.sum())}
    return World(flows.transpose(0, 2, 1), use), said


def fold(world: World, countries: tuple[str, ...], kept: list[str]) -> World:
    """Add countries without a published balance to the rest of the world: nothing holds them."""
    places = [kept.index(c) if c in kept else len(kept) for c in countries] + [len(kept)]
    into = np.zeros((len(kept) + 1, len(places)))
    into[places, range(len(places))] = 1.0
    flows = np.einsum("ai,bj,ijs->abs", into, into, world.flows, optimize=True)
    return World(flows, np.einsum("ai,isk->ask", into, world.use))


def pair_targets(
    world: World, table: Table, groups: dict[str, tuple[str, ...]]
) -> tuple[Floats, dict]:
    """Goods of the pair as the chosen reporter has them, split as the table has them.

    The table's metal ores from Kazakhstan to Türkiye are taken for crude oil: see the docs.
    """
    names = list(groups)
    goods = [r["kind"] == "goods" for r in read_rows(WORLD / "sectors.csv")]
    totals = {
        (r["exporter"], r["importer"]): float(r["value"])
        for r in read_rows(INPUTS / "pair.csv")
        if r["quantity"] == "goods_total"
    }
    wanted = np.full_like(world.flows, np.nan)
    said = {}
    ores = table.inter.sum(axis=2)[table.sectors.index(ORES)]
    for (exporter, importer), total in totals.items():
        i, j = table.countries.index(exporter), table.countries.index(importer)
        seed = world.flows[i, j].copy()
        before = dict(zip(names, seed.round(3).tolist(), strict=True))
        if exporter == "KAZ":
            seed[names.index("mining")] -= ores[i, j]
            seed[names.index("crude")] += ores[i, j]
        wanted[i, j, goods] = seed[goods] * total / seed[goods].sum()
        said[f"{exporter}-{importer}"] = {"reporter": REPORTER, "reported": total, "before": before}
    return wanted, said


def crude_check(table: Table) -> dict:
    """Value the reported tonnes of crude: what a year would be at each of two known quarters."""
    said = {r["quantity"]: float(r["value"]) for r in read_rows(INPUTS / "pair.csv")}
    usd_per_t = said["brent"] * said["barrels_per_tonne"]
    low = 4 * said["crude_first_quarter_2023"] * 1e3 * usd_per_t / USD_PER_MUSD
    ores = table.inter.sum(axis=2)[table.sectors.index(ORES)]
    kaz, tur = table.countries.index("KAZ"), table.countries.index("TUR")
    return {
        "moved_from_ores_musd": float(ores[kaz, tur]),
        "low_musd": low,
        "high_musd": low / (1.0 + said["crude_change_on_year"] / 100.0),
    }


def build(table: Table) -> tuple[World, pd.DataFrame, dict]:
    """Run every step; return the world, the published figures with their use, and the record."""
    groups = {r["sector"]: tuple(r["icio"].split("|")) for r in read_rows(WORLD / "sectors.csv")}
    countries = table.countries
    figures = published_figures()
    exports, balance = (
        figures[name].reindex(list(countries)).to_numpy(float) for name in ("exports", "balance")
    )
    income = table.output.sum(axis=0) - table.inter.sum(axis=(0, 1, 2))
    grouped = group(table, groups, income - np.nan_to_num(balance))
    sold = grouped.inter.sum(axis=3)
    out, into = abroad(sold).sum(axis=(1, 2)), abroad(sold).sum(axis=(0, 1))
    wanted, dropped = usable_exports(exports, out, grouped.sales)
    others = figures.drop(index=[*countries, "WLD"], errors="ignore")
    rest, fuel = others["exports"].sum(), others.loc[list(FUEL_EXPORTERS), "exports"].sum()
    by_sector = rest * rest_structure(sold + grouped.prior, countries, fuel / rest)
    share = (rest - others["balance"].sum()) / np.nansum(exports - balance)
    prior = restore_rest_of_world(grouped.prior, by_sector, share_of_imports=float(share))
    services = np.array([r["kind"] == "services" for r in read_rows(WORLD / "sectors.csv")])
    margins = trade_margins(table, groups, services)

    def rake(seed: Floats) -> Raked:
        return rake_final_demand(
            seed, np.vstack([grouped.sales, by_sector]), exports=np.append(wanted, np.nan),
            balance=np.append(balance, np.nan), net_known=np.append(out - into, 0.0),
        )  # fmt: skip

    asked = float(figures.loc["WLD", "services_exports"])
    raked, factor = meet_services(prior, np.pad(sold, ((0, 1), (0, 0), (0, 1))), services,
                                  (asked, margins), rake)  # fmt: skip
    world, rest_said = close(grouped, raked.values, countries)
    targets, pair_said = pair_targets(world, table, groups)
    paired = rake_pair(world.flows, targets)
    record = {
        "year": YEAR, "wheel_sha256": SHA256,
        "raking_of_final_demand": steps(raked), "raking_of_the_pair": steps(paired),
        "rest_of_world": {
            "exports": rest, "published_balance": others["balance"].sum(), "countries": len(others),
            "fuel_share": fuel / rest, "share_of_imports": share, **rest_said,
        },
        "services": {"prior_factor": factor, "trade_margins": margins},
        "pair": pair_said,
        "crude_from_kazakhstan": crude_check(table),
        "published_world": {
            "exports_musd": figures.loc["WLD", "exports"],
            "goods_exports_musd": figures.loc["WLD", "goods_exports"],
            "services_exports_musd": figures.loc["WLD", "services_exports"],
            "gdp_musd": figures.loc["WLD", "gdp"],
            "icio_output_musd": table.gross[:, ~np.isnan(balance)].sum(),
        },
    }  # fmt: skip
    met = np.where(~np.isnan(wanted), "exports and balance", np.where(
        ~np.isnan(balance), "balance", "none"))  # fmt: skip
    said = pd.DataFrame({"exports_musd": exports, "balance_musd": balance, "met": met}, countries)
    said["export_figure_dropped"] = dropped
    figures_of = pd.DataFrame(read_rows(INPUTS / "published.csv")).groupby("country")["source"]
    said["source"] = figures_of.agg("|".join).reindex(list(countries)).fillna("")
    kept = [c for c, b in zip(countries, balance, strict=True) if not np.isnan(b)]
    record["folded_into_rest"] = [c for c in countries if c not in kept]
    return fold(World(paired.values, world.use), countries, kept), said.loc[kept], record


def steps(raked: Raked) -> dict[str, float]:
    """Tell of a raking's convergence."""
    return {"iterations": raked.iterations, "residual": raked.residual}


def write(world: World, said: pd.DataFrame, record: dict, table: Table, folder: Path) -> None:
    """Write the tables of the package."""
    sectors = [row["sector"] for row in read_rows(WORLD / "sectors.csv")]
    countries = [*said.index, "ROW"]
    for name, values, axes in (
        ("flows", world.flows, {"exporter": countries, "importer": countries, "sector": sectors}),
        ("use", world.use, {"country": countries, "input": sectors, "user": sectors}),
    ):
        index = pd.MultiIndex.from_product(axes.values(), names=list(axes))
        rows = pd.DataFrame({"value_musd": values.round(DECIMALS).ravel()}, index).reset_index()
        for axis, keys in axes.items():
            rows[axis] = pd.Categorical(rows[axis], categories=keys)
        rows.to_parquet(folder / f"{name}.parquet", compression="zstd", index=False)
    said.index.name = "country"
    said.to_csv(folder / "published.csv", lineterminator="\n", float_format="%.3f")
    (folder / "sources.csv").write_bytes((INPUTS / "sources.csv").read_bytes())
    text = json.dumps(record, indent=2, ensure_ascii=False, default=float)
    (folder / "build.json").write_text(text + "\n", encoding="utf-8")


def main() -> None:
    """Read the wheel, build and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--out", type=Path, default=WORLD)
    asked = parser.parse_args()
    table = read_wheel(asked.wheel)
    world, said, record = build(table)
    write(world, said, record, table, asked.out)
    print(json.dumps(record, indent=1, default=float))


if __name__ == "__main__":
    main()
