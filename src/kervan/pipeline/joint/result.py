"""What a joint fixed point gives back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import xarray as xr

from kervan.assign import JoinedOffers, Settled, StudyAssignment
from kervan.core.results import Provenance
from kervan.network import Network
from kervan.network.graph import FloatArray
from kervan.pipeline.joint.base import JointBase
from kervan.routes import Ground
from kervan.trade import Equilibrium, TradeCosts


@dataclass(frozen=True, eq=False)
class JointResult:
    """A change, with trade, flows and trade costs that agree with each other.

    Attributes
    ----------
    base : JointBase
        Before the change.
    ground : Ground
        The service graph after it.
    joined : JoinedOffers
        Routes of both networks.
    settled : Settled
        Demand on its routes after the change.
    d_hat : xarray.DataArray
        (exporter, importer, sector) trade costs over those of the base, capacity prices and waits
        in them; NaN and infinite as the status in `costs` says. A wedge is not in them.
    trade : Equilibrium
        Trade and income.
    tonnes_hat : xarray.DataArray
        (exporter, importer, commodity) tonnes over those of the base; one where the trade data
        know nothing of the pair.
    log_sums : (FloatArray, FloatArray)
        (n_zones, n_zones, n_commodities) USD/t, before and after; NaN without an open route or
        where the pair does not weigh in trade.
    residual : float
        Largest change of ln tonnes_hat of one more round, over cells with demand (Eq. J4).
    history : tuple of float
        The residual of every round.
    seconds : float
        Wall-clock seconds.
    """

    base: JointBase
    ground: Ground
    joined: JoinedOffers
    settled: Settled
    d_hat: xr.DataArray
    trade: Equilibrium
    tonnes_hat: xr.DataArray
    log_sums: tuple[FloatArray, FloatArray]
    residual: float
    history: tuple[float, ...]
    seconds: float

    @property
    def network(self) -> Network:
        """Service graph after the change."""
        return self.ground.network

    @property
    def rounds(self) -> int:
        """Rounds between assignment and trade."""
        return len(self.history)

    @cached_property
    def costs(self) -> TradeCosts:
        """Trade costs before and after, with what is known of the routes of each pair."""
        dims = ("origin", "destination", "commodity")
        zones = list(self.joined.zones)
        coords = dict(zip(dims, (zones, zones, list(self.joined.commodities)), strict=True))
        sides = dict(zip(("logsum_base", "logsum_cf"), self.log_sums, strict=True))
        cube = {name: (dims, values) for name, values in sides.items()}
        return self.base.cost_map.costs(xr.Dataset(cube, coords=coords))

    @property
    def status(self) -> xr.DataArray:
        """What is known of the routes, (exporter, importer, sector); see `TradeCosts`."""
        return self.costs.sectors["status"]

    @cached_property
    def assignment(self) -> StudyAssignment:
        """Demand on its routes after the change, laid out."""
        study = self.network.study
        return self.settled.as_result(Provenance(study.hash, {"when": study.when}, ()))

    def goods_trade(self, a: str, b: str) -> tuple[float, float]:
        """Give the trade of two countries in goods, both ways, before and after, million USD."""
        goods = list(self.base.goods)
        ways = ((a, b), (b, a))
        before, after = (
            sum(float(flows.sel(exporter=i, importer=j, sector=goods).sum()) for i, j in ways)
            for flows in (self.trade.base.flows, self.trade.trade_cf)
        )
        return before, after

    def pair_hat(self, a: str, b: str) -> float:
        """Give the trade of two countries in goods after the change over that before."""
        before, after = self.goods_trade(a, b)
        return after / before if before > 0 else float("nan")

    def log_sum_change(self) -> FloatArray:
        """Give the change of log-sums, (n_zones, n_zones, n_commodities) USD/t."""
        return np.asarray(self.log_sums[1] - self.log_sums[0])
