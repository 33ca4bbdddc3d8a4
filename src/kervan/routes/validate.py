"""Modelled against observed journey times. Nothing here is fitted."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kervan.core.units import HOURS_PER_DAY
from kervan.network import LegCosts, Network, build_network, leg_costs
from kervan.network.graph import IntArray
from kervan.routes.corridors import edges_matching, gate_bits
from kervan.routes.spread import journey_sd, stage_sd
from kervan.routes.through import path_through
from kervan.study import Study
from kervan.study.model import DATED

SCORED_USES = ("fit", "holdout")
SCORED_BASES = ("dated", "reported")
TRAINS = ("showcase", "block")
"""Classes that are trains (or ships): their journeys use no road unless the corridor is one."""

Z_90 = 1.2815515655446004
"""Normal quantile of the upper end of the 10–90 % band."""

CORRIDOR = "corridor:"
BY_ROAD = "mode:road"
"""In `via`: the journey is a lorry's and uses no railway."""

COLUMNS = (
    "observation_id", "kind", "service_class", "use", "basis", "date", "from_node_id",
    "to_node_id", "via", "commodity", "observed_h", "modelled_h", "modelled_sd_h", "low_h",
    "high_h", "error", "inside", "scored", "followed", "claim_id", "note",
)  # fmt: skip


@dataclass(frozen=True)
class Estimate:
    """Modelled time of one journey: mean and spread in hours, and how far `via` was followed.

    `followed` is ``gates`` (all places of the corridor passed), ``part`` (the journey ends within
    the corridor: only what it never passes was kept to) or ``none`` (no open route).
    """

    hours: float
    hours_sd: float
    followed: str


NO_ESTIMATE = Estimate(np.nan, np.nan, "none")


def compare_journeys(study: Study) -> pd.DataFrame:
    """Compare every observed journey and section with the model of its day and class.

    Parameters
    ----------
    study : Study
        The study, all dates.

    Returns
    -------
    DataFrame
        One row per observation of kind journey or section that names both ends, with observed
        and modelled hours, the model's 10–90 % band, error (modelled / observed - 1), whether
        the observation lies inside the band, and whether it is scored (declared fit or holdout,
        and not an announcement or target).

    Notes
    -----
    Times run from station to station: loading at the ends is left out. The route is the one of
    least generalised cost that passes the places named in `via`; showcase and block trains use
    no road unless `via` names a road corridor or ``mode:road`` (a lorry, which uses no railway).
    The band is that of a lognormal time with the modelled mean and spread.
    """
    rows = study.table("observation")
    rows = rows[rows["kind"].isin(["journey", "section"])]
    rows = rows[(rows["from_node_id"] != "") & (rows["to_node_id"] != "")]
    networks = _Networks(study, tuple(sorted({*rows["from_node_id"], *rows["to_node_id"]})))
    results = [_compare(networks, row) for row in rows.to_dict("records")]
    return pd.DataFrame(results, columns=list(COLUMNS))


def summarise_journeys(compared: pd.DataFrame) -> pd.DataFrame:
    """Sum up the scored comparisons.

    Parameters
    ----------
    compared : DataFrame
        From `compare_journeys`.

    Returns
    -------
    DataFrame
        By service_class and use, then for all classes together: n, n_unrouted,
        median_absolute_error, signed_bias (median error), leave_one_out (median absolute error
        once the model is scaled by the median ratio of the *other* observations of the class)
        and inside_share.
    """
    scored = _scored(compared)
    groups: list[tuple[tuple[str, str], pd.DataFrame]] = [
        ((str(name), str(use)), rows)
        for (name, use), rows in scored.groupby(["service_class", "use"], sort=True)
    ]
    groups += [(("all", str(use)), rows) for use, rows in scored.groupby("use", sort=True)]
    return pd.DataFrame([_summary(*key, rows) for key, rows in groups])


def journeys_by_year(compared: pd.DataFrame) -> pd.DataFrame:
    """Sum up the scored comparisons by year and service class.

    Parameters
    ----------
    compared : DataFrame
        From `compare_journeys`.

    Returns
    -------
    DataFrame
        By year, service_class and use: the columns of `summarise_journeys`.
    """
    scored = _scored(compared)
    keys = [scored["date"].astype(str).str[:4].rename("year"), "service_class", "use"]
    rows = [
        {"year": int(str(year)), **_summary(str(name), str(use), part)}
        for (year, name, use), part in scored.groupby(keys, sort=True)
    ]
    return pd.DataFrame(rows)


def _scored(compared: pd.DataFrame) -> pd.DataFrame:
    """Give the scored comparisons with their leave-one-out errors."""
    return compared[compared["scored"].astype(bool)].assign(left_out=leave_one_out(compared))


def leave_one_out(compared: pd.DataFrame) -> pd.Series:
    """Give each scored observation's absolute error under the others' median ratio."""
    scored = compared[compared["scored"].astype(bool) & compared["modelled_h"].notna()]
    ratio = scored["observed_h"] / scored["modelled_h"]
    errors = pd.Series(np.nan, index=compared.index)
    for _, of_class in ratio.groupby(scored["service_class"]):
        for key in of_class.index:
            others = of_class.drop(key)
            if len(others):
                errors[key] = abs(others.median() / of_class[key] - 1.0)
    return errors


def _summary(service_class: str, use: str, rows: pd.DataFrame) -> dict[str, object]:
    routed = rows[rows["modelled_h"].notna()]
    return {
        "service_class": service_class,
        "use": use,
        "n": len(routed),
        "n_unrouted": len(rows) - len(routed),
        "median_absolute_error": _median(routed["error"].abs()),
        "signed_bias": _median(routed["error"]),
        "leave_one_out": _median(routed["left_out"]),
        "inside_share": routed["inside"].mean() if len(routed) else np.nan,
    }


def _median(values: pd.Series) -> float:
    known = values.dropna()
    return float(known.median()) if len(known) else np.nan


@dataclass
class _Networks:
    """Networks by day and class, built once for all days with the same rows."""

    study: Study
    places: tuple[str, ...]
    built: dict[Hashable, Network] = field(default_factory=dict)
    costs: dict[Hashable, LegCosts] = field(default_factory=dict)

    def get(self, date: str, service_class: str, commodity: str) -> tuple[Network, LegCosts]:
        dated = self.study.as_of(date)
        rows = tuple(tuple(dated.table(name).index) for name in DATED)
        key = (hash(rows), service_class)
        if key not in self.built:
            known = service_class in dated.table("service_class").index
            self.built[key] = build_network(
                dated, service_class=service_class if known else None, places=self.places
            )
        if (*key, commodity) not in self.costs:
            self.costs[*key, commodity] = leg_costs(self.built[key], commodity)
        return self.built[key], self.costs[*key, commodity]


def _compare(networks: _Networks, row: dict[Hashable, object]) -> dict[str, object]:
    study = networks.study
    commodity = str(row["commodity"] or study.settings.default_commodity)
    commodity = commodity or str(study.table("commodity").index[0])
    service_class = str(row["service_class"])
    network, costs = networks.get(str(row["date"]), service_class, commodity)
    places = network.zones.index.get_indexer(
        pd.Index([f"place:{row['from_node_id']}", f"place:{row['to_node_id']}"])
    )
    ends = int(network.out_vertices[places[0]]), int(network.in_vertices[places[1]])
    via: tuple[str, ...] = tuple(row["via"])  # type: ignore[arg-type]
    estimate = estimate_journey(network, costs, ends, via, service_class)
    observed = float(row["value"]) * (HOURS_PER_DAY if row["unit"] == "d" else 1.0)  # type: ignore[arg-type]
    low, high = time_band(estimate.hours, estimate.hours_sd)
    return {
        **{name: row[name] for name in COLUMNS if name in row},
        "commodity": commodity,
        "via": "|".join(via),
        "observed_h": observed,
        "modelled_h": estimate.hours,
        "modelled_sd_h": estimate.hours_sd,
        "low_h": low,
        "high_h": high,
        "error": estimate.hours / observed - 1.0 if observed > 0 else np.nan,
        "inside": bool(low <= observed <= high),
        "scored": row["use"] in SCORED_USES and row["basis"] in SCORED_BASES,
        "followed": estimate.followed,
    }


def time_band(hours: float, hours_sd: float) -> tuple[float, float]:
    """Give the 10–90 % band of a lognormal time.

    Parameters
    ----------
    hours, hours_sd : float
        Mean and standard deviation, h.

    Returns
    -------
    low : float
        h; the mean where there is no spread.
    high : float
        The same.

    Notes
    -----
    Eq. (R5): s² = ln(1 + σ² / m²), band = m exp(-s² / 2 ± 1.2816 s).
    """
    if not hours > 0:
        return np.nan, np.nan
    variance = np.log1p((hours_sd / hours) ** 2)
    middle, width = hours * np.exp(-variance / 2.0), np.exp(Z_90 * np.sqrt(variance))
    return float(middle / width), float(middle * width)


def estimate_journey(
    network: Network,
    costs: LegCosts,
    ends: tuple[int, int],
    via: tuple[str, ...],
    service_class: str,
) -> Estimate:
    """Model one journey.

    Parameters
    ----------
    network : Network
        Network of the day and class.
    costs : LegCosts
        Costs for the commodity.
    ends : (source, target)
        Vertices.
    via : tuple of str
        Nodes (or other gates) in order, or ``corridor:ID``, several meaning any of them.
    service_class : str
        Trains use no road unless a named corridor is one.

    Returns
    -------
    Estimate
        Of the cheapest path.
    """
    nodes = [[token] for token in via if not token.startswith(CORRIDOR) and token != BY_ROAD]
    named = [token.removeprefix(CORRIDOR) for token in via if token.startswith(CORRIDOR)]
    options = [_corridor_rows(network.study, name) for name in named] or [([], [])]
    for followed in ("gates", "part"):
        found = [
            path
            for gates, forbids in options
            for path in _paths(
                network, costs, ends,
                nodes or (gates if followed == "gates" else []),
                [*forbids, *_never_used(service_class, gates, via)],
            )
        ]  # fmt: skip
        if found:
            best = min(found, key=lambda path: float(costs.generalised_cost[path].sum()))
            return _estimate(network, costs, best, followed)
    return NO_ESTIMATE


def _corridor_rows(study: Study, corridor: str) -> tuple[list[list[str]], list[str]]:
    rows = study.table("corridor")
    rows = rows[rows["corridor_id"] == corridor].sort_values("sequence")
    gates = [list(gate) for gate in rows["gate"] if gate]
    return gates, sorted({token for tokens in rows["forbids"] for token in tokens})


def _never_used(
    service_class: str, gates: Iterable[list[str]], via: tuple[str, ...]
) -> tuple[str, ...]:
    if BY_ROAD in via:
        return ("family:rail",)
    by_road = any(BY_ROAD in gate or "family:road" in gate for gate in gates)
    return () if service_class not in TRAINS or by_road else ("family:road",)


def _paths(
    network: Network,
    costs: LegCosts,
    ends: tuple[int, int],
    gates: list[list[str]],
    forbids: list[str],
) -> list[IntArray]:
    closed = edges_matching(network, forbids)
    cost = np.where(closed, np.inf, costs.generalised_cost)
    ordered = [gates] if len(gates) < 2 else [gates, gates[::-1]]
    paths = [
        path_through(network, cost, ends, bits=gate_bits(network, order), n_gates=len(order))
        for order in ordered
    ]
    return [path for path in paths if len(path)]


def _estimate(network: Network, costs: LegCosts, path: IntArray, followed: str) -> Estimate:
    rows = network.edges.iloc[path]
    stages = stage_sd(list(rows["kind"]), list(rows["mode"]), costs.hours_sd[path])
    spread = journey_sd(stages, correlation=network.study.settings.leg_correlation)
    return Estimate(float(costs.hours[path].sum()), spread, followed)
