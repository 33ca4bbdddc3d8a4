"""A small world for the toy study: its six countries and the rest, four sectors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from kervan.trade import TradeData

COUNTRIES = ("XAA", "XBB", "XCC", "XDD", "XEE", "XFF", "ROW")
SECTORS = {"agriculture": "goods", "petroleum": "goods", "machinery": "goods",
           "services": "services"}  # fmt: skip


def toy_world(seed: int = 1) -> TradeData:
    """Make trade out of nothing: million USD, every flow above zero, inputs a quarter of output."""
    rng = np.random.default_rng(seed)
    n, s = len(COUNTRIES), len(SECTORS)
    values = rng.uniform(20.0, 200.0, (n, n, s))
    values[np.arange(n), np.arange(n)] = rng.uniform(2000.0, 6000.0, (n, s))
    axes = {"exporter": list(COUNTRIES), "importer": list(COUNTRIES), "sector": list(SECTORS)}
    flows = xr.DataArray(values, dims=tuple(axes), coords=axes)
    share = rng.dirichlet(np.ones(s), (n, s)).transpose(0, 2, 1) * 0.25
    made = values.sum(axis=1)
    use = xr.DataArray(
        share * made[:, None, :], dims=("country", "input", "user"),
        coords={"country": list(COUNTRIES), "input": list(SECTORS), "user": list(SECTORS)},
    )  # fmt: skip
    names = {"name_en": list(SECTORS), "name_tr": list(SECTORS), "kind": list(SECTORS.values())}
    sectors = pd.DataFrame(names, index=pd.Index(list(SECTORS), name="sector"))
    nothing = pd.DataFrame()
    return TradeData(2025, flows, use, sectors, nothing, nothing, nothing, {}, f"toy{seed}")
