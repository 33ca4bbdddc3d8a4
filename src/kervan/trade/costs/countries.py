"""From pairs of zones to pairs of countries: weights at base, and averages with them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from kervan.trade.costs.average import FloatArray, average_two

DEMAND, ZONES, ALL_GOODS, EQUAL = "demand", "zones", "all_goods", "equal"
"""What the weights of a pair of countries rest on, from the best to the least."""
RULES = (DEMAND, ZONES, ALL_GOODS, EQUAL)
DIMS = ("exporter", "importer", "commodity")


def zone_weights(
    demand: pd.DataFrame, zones: pd.Series, commodities: pd.Index
) -> tuple[xr.DataArray, xr.DataArray]:
    """Weigh the pairs of zones of every pair of countries.

    Parameters
    ----------
    demand : DataFrame
        origin, destination, commodity, tonnes (t/yr), of the base.
    zones : Series
        Country by zone.
    commodities : Index
        Commodities.

    Returns
    -------
    (origin, destination, commodity) unitless
        Sums to one over the zones of each pair of countries and commodity.
    (exporter, importer, commodity) text
        What it rests on: demand, zones, all_goods or equal.

    Notes
    -----
    Eq. (T2): w_odk = q_odk / Σ q_odk over the zones of the two countries. Without demand between
    them w_odk = a_ok b_dk, where a_ok is the zone's part of what its country sends of k to
    anywhere and b_dk its part of what the country gets; without these, of all goods together;
    without these, equal parts. A zone counts for its own country only.
    """
    tonnes = _cube(demand, list(zones.index), list(commodities))
    names = sorted(set(zones))
    member = (zones.to_numpy()[None, :] == np.array(names)[:, None]).astype(float)
    between = add_zones(member, tonnes)
    sent, sent_by = _parts(tonnes.sum(axis=1), member)
    taken, taken_by = _parts(tonnes.sum(axis=0), member)
    product = sent[:, None, :] * taken[None, :, :]
    place = pd.Index(names).get_indexer(pd.Index(zones))
    total = between[np.ix_(place, place)]
    weight = np.where(total > 0, tonnes / np.where(total > 0, total, 1.0), product)
    rank = np.where(between > 0, 0, np.maximum(sent_by[:, None, :], taken_by[None, :, :]))
    keys = list(zones.index)
    return (
        xr.DataArray(
            weight,
            dims=("origin", "destination", "commodity"),
            coords={"origin": keys, "destination": keys, "commodity": list(commodities)},
        ),
        xr.DataArray(
            np.array(RULES, dtype=object)[rank],
            dims=DIMS,
            coords={"exporter": names, "importer": names, "commodity": list(commodities)},
        ),
    )


def _cube(demand: pd.DataFrame, zones: list[str], commodities: list[str]) -> FloatArray:
    cube = np.zeros((len(zones), len(zones), len(commodities)))
    places = [
        pd.Index(keys).get_indexer(pd.Index(demand[name]))
        for name, keys in (
            ("origin", zones), ("destination", zones), ("commodity", commodities),
        )
    ]  # fmt: skip
    known = np.logical_and.reduce([place >= 0 for place in places])
    at = tuple(place[known] for place in places)
    np.add.at(cube, at, demand["tonnes"].to_numpy(dtype=float)[known])
    return cube


def _parts(tonnes: FloatArray, member: FloatArray) -> tuple[FloatArray, np.ndarray]:
    """Give the part of each zone in its country, and the rule behind it by country."""
    everything = np.repeat(tonnes.sum(axis=1, keepdims=True), tonnes.shape[1], axis=1)
    layers = np.stack([tonnes, everything, np.ones_like(tonnes)])
    totals = np.einsum("iz,rzk->rik", member, layers)
    chosen = (totals > 0).argmax(axis=0)
    own = np.einsum("iz,rzk->rzk", member, np.einsum("rik,iz->rzk", totals, member))
    pick = np.einsum("ik,iz->zk", chosen, member).astype(int)
    parts = layers / np.where(own > 0, own, 1.0)
    return np.take_along_axis(parts, pick[None], axis=0)[0], chosen + 1


def country_costs(
    cube: xr.Dataset, weights: xr.DataArray, rules: xr.DataArray, zones: pd.Series
) -> xr.Dataset:
    """Average what pairs of zones cost over pairs of countries.

    Parameters
    ----------
    cube : xarray.Dataset
        (origin, destination, commodity): measures with ``_base`` and ``_cf``; NaN without a route.
        All of them are averaged in the same way, so that parts keep adding up.
    weights, rules : xarray.DataArray
        From `zone_weights`.
    zones : Series
        Country by zone.

    Returns
    -------
    xarray.Dataset
        (exporter, importer, commodity): the same measures, status, basis, weight_without and
        weight_lost; see `average_two`. A country with itself has the average of its own zones.

    Notes
    -----
    Eq. (T1) with the weights of Eq. (T2).
    """
    names = list(rules["exporter"].to_numpy())
    member = (zones.to_numpy()[None, :] == np.array(names)[:, None]).astype(float)

    def add(values: FloatArray) -> FloatArray:
        return add_zones(member, values)

    first, second = (_side(cube, x) for x in ("base", "cf"))
    before, after, notes = average_two(first, second, weights.to_numpy(), add)
    data: dict[str, np.ndarray] = {f"{name}_base": values for name, values in before.items()}
    data.update({f"{name}_cf": values for name, values in after.items()})
    data.update({**notes, "basis": rules.to_numpy()})
    coords = {name: rules[name].to_numpy() for name in DIMS}
    return xr.Dataset({name: (DIMS, values) for name, values in data.items()}, coords=coords)


def add_zones(member: FloatArray, values: FloatArray) -> FloatArray:
    """Add values of pairs of zones up over pairs of countries.

    Parameters
    ----------
    member : (n_countries, n_zones)
        One where a zone is in a country.
    values : (n_zones, n_zones, n)
        Values.

    Returns
    -------
    (n_countries, n_countries, n)
        Sums.
    """
    half = np.tensordot(member, values, axes=(1, 0))
    return np.asarray(np.tensordot(half, member, axes=(1, 1)).transpose(0, 2, 1))


def _side(cube: xr.Dataset, x: str) -> dict[str, FloatArray]:
    """Give the measures of one state without their ending."""
    return {
        str(name).removesuffix(f"_{x}"): np.asarray(cube[name], dtype=float)
        for name in cube
        if str(name).endswith(f"_{x}")
    }
