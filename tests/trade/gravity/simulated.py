"""Simulated trade for tests: the same table for the same seed."""

from __future__ import annotations

import numpy as np
import pandas as pd


def simulated(
    countries: int = 12,
    years: int = 1,
    *,
    seed: int = 0,
    home: bool = False,
    zeros: float = 0.2,
) -> pd.DataFrame:
    """Trade of a gravity equation with slope 0.5 on x and -0.8 on z."""
    rng = np.random.default_rng(seed)
    names = [f"C{number:02d}" for number in range(countries)]
    rows = [
        (a, b, 2000 + year) for a in names for b in names if home or a != b for year in range(years)
    ]
    data = pd.DataFrame(rows, columns=["exporter", "importer", "year"])
    out, into = (dict(zip(names, rng.normal(0, 1, countries), strict=True)) for _ in "ab")
    n = len(data)
    data["x"] = rng.normal(size=n) + data["exporter"].map(out)
    data["z"] = (rng.random(n) < 0.3).astype(float)
    mean = np.exp(
        0.5 * data["x"] - 0.8 * data["z"] + data["exporter"].map(out) + data["importer"].map(into)
    )
    data["trade"] = mean * rng.lognormal(-0.5, 1.0, n) * (rng.random(n) >= zeros)
    return data


def three_way(
    rng: np.random.Generator, countries: int, years: int, *, poisson: bool = True
) -> pd.DataFrame:
    """A design of Weidner and Zylkin's kind: slope 1 on x, which moves with the effects."""
    shape = (countries, countries, years)
    out, into = rng.normal(0, 0.25, (2, countries, years))
    pair = rng.normal(0, 0.25, shape[:2])
    x = np.zeros(shape)
    x[:, :, 0] = pair + rng.normal(0, 0.5, shape[:2])
    for t in range(1, years):
        moved = out[:, None, t] + into[None, :, t] + rng.normal(0, 0.5, shape[:2])
        x[:, :, t] = x[:, :, t - 1] / 2 + moved
    mean = np.exp(x + out[:, None, :] + into[None, :, :] + pair[:, :, None])
    variance = np.log1p(1 / mean if poisson else np.ones(shape))
    noise = np.zeros(shape)
    noise[:, :, 0] = rng.normal(size=shape[:2])
    for t in range(1, years):
        noise[:, :, t] = 0.3 * noise[:, :, t - 1] + np.sqrt(0.91) * rng.normal(size=shape[:2])
    trade = mean * np.exp(-variance / 2 + np.sqrt(variance) * noise)
    i, j, t = (index.ravel() for index in np.indices(shape))
    names = np.array([f"C{number:02d}" for number in range(countries)])
    table = pd.DataFrame(
        {
            "exporter": names[i],
            "importer": names[j],
            "year": t,
            "trade": trade.ravel(),
            "x": x.ravel(),
        }
    )
    return table[i != j].reset_index(drop=True)
