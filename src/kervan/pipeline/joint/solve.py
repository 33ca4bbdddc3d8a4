"""The loop: trade moves flows, flows move congestion, congestion moves trade costs."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np
import xarray as xr

from kervan.assign import (
    JoinedOffers,
    Probe,
    Settled,
    congestion_at,
    join_all,
    log_sum_cube,
    make_probe,
    offers_after,
    reprice_joined,
    reprice_offers,
    resettle,
    settle_study,
)
from kervan.core.errors import Fault, InputError, NotConverged
from kervan.network import Network, build_network
from kervan.network.graph import FloatArray
from kervan.pipeline.joint.base import JointBase
from kervan.pipeline.joint.result import JointResult
from kervan.pipeline.joint.shifts import productivity_of, tariffs_of
from kervan.routes import Ground
from kervan.study import Study
from kervan.trade import Equilibrium, counterfactual

TOLERANCE = 1e-6
MAX_ROUNDS = 60
"""Rounds after which the loop is given up."""
MODEL, CLOSURE = "caliendo_parro", "additive"
MEMORY = 5
"""Past rounds that a step takes into account."""
PAIRS = ("exporter", "importer", "commodity")


def solve_joint(
    base: JointBase,
    changed: Study | Network | Ground,
    *,
    wedge: xr.DataArray | None = None,
    tariff_cf: xr.DataArray | None = None,
    productivity_hat: xr.DataArray | None = None,
    start: JointResult | None = None,
    settled: Settled | None = None,
    tolerance: float = TOLERANCE,
) -> JointResult:
    """Bring assignment and trade after a change to a joint fixed point.

    Parameters
    ----------
    base : JointBase
        Before the change.
    changed : Study, Network or Ground
        The dated study after it, or its service graph; the base's own for no change.
    wedge : xarray.DataArray, optional
        (exporter, importer) or with sectors, unitless: a further factor on trade costs.
    tariff_cf : xarray.DataArray, optional
        (exporter, importer, sector) share; the changed study's own by default.
    productivity_hat : xarray.DataArray, optional
        (country, sector) over the base; the changed study's own over the base's by default.
    start : JointResult, optional
        A solution of the same change with other numbers: routes are taken over and the search
        begins there.
    settled : Settled, optional
        The base's demand on the routes of the changed network, where that is solved already.
    tolerance : float, optional
        Largest residual.

    Returns
    -------
    JointResult
        The fixed point.

    Raises
    ------
    InputError
        If the network is of another day or has other zones, or the trade model refuses the change.
    NotConverged
        If the residual stays above the tolerance; the last result is carried.

    Notes
    -----
    Eq. (J1): q = q⁰ · τ(X̂(d̂(C(q)))), with q⁰ the demand at base, C the log-sums of Eq. (S8) at
    the capacity prices and waits of the assignment of q, d̂ Eq. (T3), X̂ the counterfactual's
    trade and τ Eq. (J2), tonnes follow value at origin prices, τ_ijk = Σ_s ω_ijks X̂_ijs / p̂_is.
    Eq. (J3): ω_ijks = X_ijs α_sk / Σ_s' X_ijs' α_s'k, the sector's part of the value moved as k.
    Eq. (J4): the residual is max |ln τ(…) − ln q/q⁰| over the rows of demand. Log-sums before the
    change are at the base's own prices and waits, so that no change gives hats of one.
    """
    began = time.perf_counter()
    ground = _ground(base, changed)
    loop = _prepare(base, ground, start, settled)
    study = ground.network.study
    if tariff_cf is None:
        tariff_cf = tariffs_of(study, base.data)
    if productivity_hat is None:
        productivity_hat = productivity_of(study, base.data) / base.productivity
    loop.run(_Shifts(wedge, tariff_cf, productivity_hat), tolerance)
    assert loop.state is not None
    d_hat, trade, hat = loop.state
    result = JointResult(
        base=base, ground=ground, joined=loop.joined, settled=loop.settled, d_hat=d_hat,
        trade=trade, tonnes_hat=_labelled(base, hat), log_sums=(loop.before, loop.after),
        residual=loop.history[-1], history=tuple(loop.history),
        seconds=time.perf_counter() - began,
    )  # fmt: skip
    if result.residual > tolerance:
        raise NotConverged(
            f"assignment and trade still move tonnes by {result.residual:.1e} (logarithm) after "
            f"{result.rounds} rounds; tolerance {tolerance:.1e}", result,
        )  # fmt: skip
    return result


def _ground(base: JointBase, changed: Study | Network | Ground) -> Ground:
    if isinstance(changed, Study):
        dated = changed if changed.when else changed.as_of(base.study.when or "")
        changed = base.ground if dated.hash == base.study.hash else Ground(build_network(dated))
    ground = changed if isinstance(changed, Ground) else Ground(changed)
    if ground.network is base.network:
        ground = base.ground
    if ground.network.study.when != base.study.when:
        problem = f"is read for {ground.network.study.when}, the base for {base.study.when}"
        raise InputError([Fault("study", "", "when", problem, "read both for one day")])
    return ground


@dataclass(frozen=True, eq=False)
class _Shifts:
    """What changes in trade besides the costs of the network."""

    wedge: xr.DataArray | None
    tariff_cf: xr.DataArray
    productivity_hat: xr.DataArray


@dataclass(eq=False)
class _Loop:
    """What one search works on."""

    base: JointBase
    joined: JoinedOffers
    probes: dict[str, Probe]
    before: FloatArray
    settled: Settled
    log_hat: FloatArray
    after: FloatArray = field(default_factory=lambda: np.zeros(0))
    history: list[float] = field(default_factory=list)
    state: tuple[xr.DataArray, Equilibrium, FloatArray] | None = None

    def run(self, shifts: _Shifts, tolerance: float) -> None:
        """Go round until the residual is small."""
        points: list[FloatArray] = []
        moves: list[FloatArray] = []
        while len(self.history) < MAX_ROUNDS:
            self.state = self._round(shifts)
            move = self._log_rows(self.state[2]) - self.log_hat
            self.history.append(float(np.abs(move).max(initial=0.0)))
            if self.history[-1] <= tolerance:
                return
            points.append(self.log_hat)
            moves.append(move)
            self.log_hat = _mixed(points[-MEMORY:], moves[-MEMORY:])
            tonnes = self.base.settled.pairs["tonnes"].to_numpy(dtype=float)
            self.settled = resettle(self.settled, tonnes * np.exp(self.log_hat))

    def _round(self, shifts: _Shifts) -> tuple[xr.DataArray, Equilibrium, FloatArray]:
        """Give trade costs, trade and tonnes (exporter, importer, commodity) at these flows."""
        self.after = log_sum_cube(self.joined, 1, _congestion(self.probes, self.settled))
        codes, goods = self.base.cost_map.countries, self.base.trade.sectors
        ratios = self.base.cost_map.ratios(self.before, self.after)
        costs = xr.DataArray(
            ratios, dims=(*PAIRS[:2], "sector"),
            coords={"exporter": list(codes), "importer": list(codes), "sector": list(goods)},
        )  # fmt: skip
        known = list(self.base.trade.codes)
        d_hat = costs.fillna(1.0).sel(exporter=known, importer=known)
        if shifts.wedge is not None:
            d_hat = d_hat * shifts.wedge.reindex_like(d_hat, fill_value=1.0)
        trade = counterfactual(
            self.base.trade,
            d_hat=d_hat,
            tariff_cf=shifts.tariff_cf,
            productivity_hat=shifts.productivity_hat,
            model=MODEL,
            closure=CLOSURE,
        )
        return costs, trade, tonnes_hat(self.base, trade)

    def _log_rows(self, hat: FloatArray) -> FloatArray:
        """Give ln tonnes_hat of every row of demand."""
        i, j, k = self.base.cells
        known = (i >= 0) & (j >= 0) & (k >= 0)
        return np.asarray(np.where(known, np.log(np.maximum(hat[i, j, k], 1e-12)), 0.0))


def _prepare(
    base: JointBase, ground: Ground, start: JointResult | None, settled: Settled | None
) -> _Loop:
    n_rows = len(base.settled.pairs)
    log_hat = np.zeros(n_rows)
    if start is not None:
        joined = reprice_joined(start.joined, base.offers, reprice_offers(start.joined.scenario,
                                                                          ground))  # fmt: skip
        tonnes = start.settled.pairs["tonnes"] / start.base.settled.pairs["tonnes"]
        log_hat = np.log(tonnes.to_numpy(dtype=float))
        wanted = base.settled.pairs["tonnes"].to_numpy(dtype=float) * np.exp(log_hat)
        settled = settle_study(ground, like=start.settled, tonnes=wanted)
    elif ground is base.ground:
        joined, settled = join_all(base.offers, base.offers, bears=base.bears), base.settled
    else:
        joined = join_all(base.offers, offers_after(base.offers, ground), bears=base.bears)
        settled = settled or settle_study(ground)
    names = joined.commodities
    at_base = {name: make_probe(base.settled.setting.problem, name) for name in names}
    probes = {name: make_probe(settled.setting.problem, name) for name in names}
    before = log_sum_cube(joined, 0, _congestion(at_base, base.settled))
    return _Loop(base, joined, probes, before, settled, log_hat)


def _congestion(probes: dict[str, Probe], settled: Settled) -> dict[str, FloatArray]:
    return {
        name: congestion_at(probe, settled.setting, settled.solution)
        for name, probe in probes.items()
    }


def tonnes_hat(base: JointBase, trade: Equilibrium) -> FloatArray:
    """Turn changes of trade into changes of tonnes, (exporter, importer, commodity) unitless.

    Parameters
    ----------
    base : JointBase
        Before the change.
    trade : Equilibrium
        Trade after it.

    Returns
    -------
    (exporter, importer, commodity) unitless
        Eq. (J2); one where nothing is traded.
    """
    price = trade.price_hat.transpose("country", "sector").to_numpy()
    hat = np.nan_to_num(trade.trade_hat.to_numpy(), nan=1.0) / price[:, None, :]
    parts = base.parts
    found = np.einsum("ijks,ijs->ijk", parts, hat)
    return np.asarray(np.where(parts.sum(axis=3) > 0, found, 1.0))


def _labelled(base: JointBase, hat: FloatArray) -> xr.DataArray:
    codes = list(base.trade.codes)
    goods = [str(name) for name in base.cost_map.shares["commodity"].to_numpy()]
    return xr.DataArray(
        hat, dims=PAIRS, coords=dict(zip(PAIRS, (codes, codes, goods), strict=True))
    )


def _mixed(points: list[FloatArray], moves: list[FloatArray]) -> FloatArray:
    """Combine the last rounds so that their moves would nearly cancel (Anderson's method)."""
    if len(points) < 2:
        return np.asarray(points[-1] + moves[-1])
    d_point, d_move = (np.diff(np.stack(rows, axis=1), axis=1) for rows in (points, moves))
    weight = np.linalg.lstsq(d_move, moves[-1], rcond=1e-10)[0]
    step = moves[-1] - (d_point + d_move) @ weight
    return np.asarray(points[-1] + step)
