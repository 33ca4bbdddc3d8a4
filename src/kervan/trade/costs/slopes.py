"""From what trade costs are worth back to what costs between zones are worth."""

from __future__ import annotations

import numpy as np
import xarray as xr

from kervan.trade.costs.average import OK, TINY, FloatArray
from kervan.trade.costs.model import TradeCosts
from kervan.trade.costs.sectors import CostMap


def zone_slopes(
    cost_map: CostMap, costs: TradeCosts, logsum: FloatArray, slopes: xr.DataArray
) -> xr.DataArray:
    """Carry slopes by trade costs back to the log-sums of pairs of zones.

    Parameters
    ----------
    cost_map : CostMap
        How zones and commodities make up countries and sectors.
    costs : TradeCosts
        Trade costs at the base, from it.
    logsum : (n_zones, n_zones, n_commodities) USD/t
        Log-sums at the base; NaN without a route.
    slopes : xarray.DataArray
        (objective, exporter, importer, sector): dO / d ln d, as from `welfare_slopes`. Countries
        without zones have no routes and count for nothing here.

    Returns
    -------
    xarray.DataArray
        (objective, origin, destination, commodity): dO / dC.

    Notes
    -----
    Eq. (M2): dO / dC_odk = Σ_s (∂O / ∂ ln d_ijs) a_ijsk w_odk / (d_ijs v_k), by Eq. (T1) to (T3),
    with weights w over the pairs of zones that have a route and the shares a = α_sk over the
    commodities of which any pair has; nothing within a country, for services, or without a route.
    """
    weight, names = cost_map.weights, costs.commodities["exporter"].to_numpy()
    known = [str(name) for name in names if name in slopes["exporter"].to_numpy()]
    by_pair = _country_slopes(cost_map, costs, slopes, known)
    member = (cost_map.zones.to_numpy()[None, :] == np.array(known)[:, None]).astype(float)
    held = np.where(np.isfinite(logsum), weight.to_numpy(), 0.0)
    total = np.einsum("io,odk,jd->ijk", member, held, member, optimize=True)
    there = total > TINY
    per = np.where(there, by_pair / np.where(there, total, 1.0), 0.0)
    found = np.einsum("io,mijk,jd->modk", member, per, member, optimize=True) * held
    return xr.DataArray(
        found,
        dims=("objective", *weight.dims),
        coords={"objective": slopes["objective"].to_numpy(), **weight.coords},
    )


def _country_slopes(
    cost_map: CostMap, costs: TradeCosts, slopes: xr.DataArray, known: list[str]
) -> FloatArray:
    """Give dO / dC of pairs of countries, (objective, exporter, importer, commodity)."""
    sectors = costs.sectors.sel(exporter=known, importer=known)
    d = sectors["d_base"].to_numpy()
    counts = (sectors["status"] == OK).to_numpy()
    keys = [str(name) for name in sectors["sector"].to_numpy()]
    own = slopes.sel(exporter=known, importer=known).reindex(sector=keys, fill_value=0.0)
    per_ln = np.where(counts, own.to_numpy() / np.where(counts, d, 1.0), 0.0)
    has = np.isfinite(
        costs.commodities["logsum_base"].sel(exporter=known, importer=known).to_numpy()
    )
    alpha = np.where(has[:, :, None, :], cost_map.shares.to_numpy(), 0.0)
    total = alpha.sum(axis=3, keepdims=True)
    part = np.where(total > 0, alpha / np.where(total > 0, total, 1.0), 0.0)
    per_cost = np.einsum("mijs,ijsk,k->mijk", per_ln, part, 1.0 / cost_map.values, optimize=True)
    return np.asarray(per_cost)
