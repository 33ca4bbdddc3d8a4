"""What passes through every country: tonnes, tonne-kilometres, money paid there, emissions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kervan.assign.study.assignment import StudyAssignment
from kervan.assign.study.tables import LEAST_T
from kervan.network import Network
from kervan.network.cost import KG_PER_T
from kervan.network.graph import FloatArray, IntArray

LAND = ("rail", "road")
"""Families of modes that move within a country; vessels are on nobody's ground."""
MEASURES = (
    "transit_t", "transit_tkm", "transit_tariffs_usd", "transit_border_usd", "traffic_tkm",
    "co2e_t",
)  # fmt: skip
AT_SEA = ""
"""Country of what vessels do."""


def traffic_by_country(result: StudyAssignment) -> pd.DataFrame:
    """Tell what the traffic of an equilibrium does in every country.

    Parameters
    ----------
    result : StudyAssignment
        An equilibrium.

    Returns
    -------
    DataFrame
        Indexed by country (empty: at sea): transit_t (t/yr, cargo from and for elsewhere),
        transit_tkm, transit_tariffs_usd (USD/yr that this cargo pays for movement and handling on
        land), transit_border_usd (USD/yr paid at borders, half for each side), traffic_tkm (all
        cargo), co2e_t (t/yr, all cargo, handling included).

    Notes
    -----
    An edge lies in the country that it leads into. Money is that of the study's tables, with the
    factor for empties on what is paid for movement; capacity prices are not in it.
    """
    setting, table = result.setting, result.solution.table
    network, problem = setting.problem.network, setting.problem
    flow = result.solution.chosen.flow
    ground, before = edge_countries(network)
    codes = sorted({*ground, *before, AT_SEA})
    place = {code: i for i, code in enumerate(codes)}
    here, back = (np.array([place[c] for c in side], dtype=np.int64) for side in (ground, before))
    ends = _ends(problem.pairs.iloc[setting.routed], network, place)
    used = flow[table.path_of] > LEAST_T
    path, arc = table.path_of[used], table.arc[used]
    tonnes, group = flow[path], setting.group[table.pair[path]]
    pair = table.pair[path]
    moving, standing, carbon = _prices(result)
    km = network.edges["km"].to_numpy(dtype=float)
    land = here != place[AT_SEA]
    border = (network.edges["kind"] == "border").to_numpy()

    def foreign(where: IntArray) -> np.ndarray:
        away = (where != ends[0][pair]) & (where != ends[1][pair])
        return np.asarray(away & (where != place[AT_SEA]))

    def add(values: FloatArray, where: IntArray, mask: np.ndarray) -> FloatArray:
        return np.asarray(np.bincount(where[mask], values[mask], len(codes)), dtype=float)

    at, through = here[arc], foreign(here[arc])
    fees = tonnes * standing[group, arc] / 2.0
    paid = tonnes * (moving[group, arc] + np.where(border[arc], 0.0, standing[group, arc]))
    visits = np.unique(path[through] * len(codes) + at[through])
    columns = {
        "transit_t": np.bincount(visits % len(codes), flow[visits // len(codes)], len(codes)),
        "transit_tkm": add(tonnes * km[arc], at, through),
        "transit_tariffs_usd": add(paid, at, through),
        "transit_border_usd": add(fees, at, through & border[arc])
        + add(fees, back[arc], foreign(back[arc]) & border[arc]),
        "traffic_tkm": add(tonnes * km[arc], at, land[arc] | (km[arc] > 0)),
        "co2e_t": add(tonnes * carbon[group, arc] / KG_PER_T, at, np.ones(len(arc), dtype=bool)),
    }
    return pd.DataFrame(columns, index=pd.Index(codes, name="country"))[list(MEASURES)]


def edge_countries(network: Network) -> tuple[np.ndarray, np.ndarray]:
    """Give the country that every edge lies in, and for borders the one on the other side.

    Returns
    -------
    (n_edges,) object, (n_edges,) object
        Country into which the edge leads and from which it comes; empty for vessels.
    """
    edges, country = network.edges, network.study.table("node")["country"]
    land = network.passed["family"]
    on_land = np.isin(land, LAND) | edges["kind"].isin(("transfer", "access")).to_numpy()
    into, out_of = (
        np.where(on_land, country.loc[edges[name]].to_numpy(dtype=object), AT_SEA)
        for name in ("to_node_id", "from_node_id")
    )
    return into, out_of


def _ends(rows: pd.DataFrame, network: Network, place: dict[str, int]) -> tuple[IntArray, IntArray]:
    """Give the countries where the cargo of every routed pair starts and ends."""
    of = network.zones["country"]
    return tuple(  # type: ignore[return-value]
        np.array([place.get(str(c), -1) for c in of.loc[rows[name]]], dtype=np.int64)
        for name in ("origin", "destination")
    )


def _prices(result: StudyAssignment) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Give money of movement (with empties), other money, and emissions, by class and edge."""
    problem = result.setting.problem
    moving, standing, carbon = [], [], []
    for name, factor in problem.classes[["commodity", "factor"]].itertuples(index=False):
        costs = problem.prices[name][0]
        moving.append(float(factor) * costs.moving_usd_per_t)
        standing.append(costs.usd_per_t - costs.moving_usd_per_t)
        carbon.append(costs.kgco2e_per_t)
    return np.stack(moving), np.stack(standing), np.stack(carbon)
