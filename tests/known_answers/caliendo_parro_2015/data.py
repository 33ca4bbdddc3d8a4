"""The authors' tables as a base."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from kervan.trade import TradeBase, trade_base

COUNTRIES = 31
SECTORS = 40
TRADED = 20
CANADA, MEXICO, USA = 4, 19, 29
NAFTA = [CANADA, MEXICO, USA]
NOT_TRADED = 8.22
"""Elasticity of the sectors that do not trade, as the authors set it; it plays no part."""


def cube(table: np.ndarray) -> np.ndarray:
    """Turn rows (sector, importer) and columns exporter into (exporter, importer, sector)."""
    whole = np.zeros((COUNTRIES, COUNTRIES, SECTORS))
    whole[:, :, :TRADED] = table.reshape(TRADED, COUNTRIES, COUNTRIES).transpose(2, 1, 0)
    return whole


def read_base(folder: Path) -> TradeBase:
    flows = cube(np.loadtxt(folder / "xbilat1993.txt") * 1000)
    tariff = cube(np.loadtxt(folder / "tariffs1993.txt") / 100)
    home = np.arange(COUNTRIES)
    flows[home, home] = 0.0
    exports = flows.sum(axis=1)
    output = np.maximum(np.loadtxt(folder / "GO.txt").T, exports)
    flows[home, home] = output - exports
    table = np.loadtxt(folder / "IO.txt").reshape(COUNTRIES, SECTORS, SECTORS)
    io = np.maximum(table * (1 - np.loadtxt(folder / "B.txt").T)[:, None, :], 0.0)
    value_added = 1 - io.sum(axis=1)
    spent, made = (flows * (1 + tariff)).sum(axis=0), flows.sum(axis=1)
    final = np.maximum(spent - np.einsum("nks,ns->nk", io, made), 0.0)
    return trade_base(
        flows,
        epsilon=np.r_[np.loadtxt(folder / "T.txt"), np.full(SECTORS - TRADED, NOT_TRADED)],
        tariff=tariff,
        io_shares=io,
        value_added_shares=value_added,
        final_shares=final / final.sum(axis=1, keepdims=True),
        source="Caliendo and Parro (2015)",
    )


def nafta_tariffs(folder: Path) -> np.ndarray:
    """Give the tariffs of 2005 between the three, and those of 1993 elsewhere."""
    before = cube(np.loadtxt(folder / "tariffs1993.txt") / 100)
    after = cube(np.loadtxt(folder / "tariffs2005.txt") / 100)
    inside = np.ix_(NAFTA, NAFTA)
    before[inside] = after[inside]
    return before
