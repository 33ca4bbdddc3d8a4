"""Measures to trade: the joint fixed point of traffic and trade, and a memory of it on disk."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, partial

import pandas as pd

from kervan.appraisal.measures import Measures, Tell
from kervan.appraisal.targets_reach import Hats
from kervan.core.errors import NotConverged
from kervan.core.executors import map_tasks
from kervan.network import build_network
from kervan.pipeline.joint import JointBase, JointResult, joint_base, solve_joint
from kervan.pipeline.kept import Bundle, recall, remember
from kervan.pipeline.reach.levers import (
    HOURS,
    TARIFF,
    TRADE_COST,
    corridor_edges,
    goods_of,
    less_tariff,
    mean_tariff,
    pair_wedge,
    transport_share,
    ways,
    with_less_hours,
)
from kervan.pipeline.reach.players import measure_cards
from kervan.scenarios import apply_cards
from kervan.study import Study
from kervan.trade import TradeData, load_trade

NAME, HATS = "reach", "hats"
OIL = "crude"
"""Sector of pipeline and tanker oil, as in `kervan.trade.carriable`."""
UNCHANGED = Hats(1.0, 1.0)
FEW = 6
"""Sets below which starting processes takes longer than solving."""


@dataclass(frozen=True, eq=False)
class Solver:
    """Solves measures one by one; what a worker process is given.

    Attributes
    ----------
    study : Study
        The study, not dated.
    pair : (str, str)
        Codes of the two countries.
    base : JointBase
        Before any change.
    """

    study: Study
    pair: tuple[str, str]
    base: JointBase

    def __call__(self, measures: Measures) -> Hats:
        """Return trade under measures over trade without, at the joint fixed point."""
        result = self._solve(measures)
        goods = goods_of(self.base.data)
        carried = [name for name in goods if name != OIL]
        return Hats(self._hat(result, goods), self._hat(result, carried))

    def _solve(self, measures: Measures) -> JointResult:
        base, network, data = self.base, self.base.network, self.base.data
        if measures.chosen:
            changed = apply_cards(self.study, sorted(measures.chosen))
            network = build_network(changed.as_of(base.study.when))
        if hours := measures.cut(HOURS):
            edges = corridor_edges(base, *self.pair)
            network = with_less_hours(network, base.network, edges, hours)
        cost, tariff = measures.cut(TRADE_COST), measures.cut(TARIFF)
        return solve_joint(
            base, network,
            wedge=pair_wedge(data, *self.pair, cost) if cost else None,
            tariff_cf=less_tariff(network.study, data, *self.pair, tariff) if tariff else None,
        )  # fmt: skip

    def _hat(self, result: JointResult, sectors: list[str]) -> float:
        cells = [{"exporter": i, "importer": j, "sector": sectors} for i, j in ways(*self.pair)]
        before, after = (
            sum(float(flows.loc[at].sum()) for at in cells)
            for flows in (result.trade.base.flows, result.trade.trade_cf)
        )
        return after / before if before > 0 else math.nan


class JointTrade:
    """Trade of two countries in goods under measures, with a memory on disk.

    Parameters
    ----------
    study : Study
        The study, not dated, so that cards may date its rows.
    a, b : str
        ISO 3166-1 alpha-3 codes.
    data : TradeData, optional
        Trade of the world; the embedded data by default.
    base : callable, optional
        Gives the state before any change, where it is at hand already.
    workers : int, optional
        Processes that solve many sets at once; the cores by default.
    """

    def __init__(
        self,
        study: Study,
        a: str,
        b: str,
        *,
        data: TradeData | None = None,
        base: Callable[[], JointBase] | None = None,
        workers: int | None = None,
    ) -> None:
        self.study, self.pair, self._workers = study, (a, b), workers
        self.data = data or load_trade()
        self._make_base = base or (lambda: joint_base(study, data=self.data))
        self._inputs = [study.hash, repr(measure_cards(study)), self.data.digest, a, b]
        kept = recall(NAME, self._inputs)
        self.solved: dict[Measures, Hats] = {Measures(): UNCHANGED} | _read(kept)
        self._numbers = dict(kept.numbers) if kept else {}

    def __call__(self, measures: Measures) -> Hats:
        """Return trade under measures over trade without; solved once, then remembered.

        Raises `NotConverged` where the joint fixed point is not found.
        """
        self.prepare([measures])
        if measures not in self.solved:
            Solver(self.study, self.pair, self.base)(measures)
        return self.solved[measures]

    def prepare(self, sets: Iterable[Measures], tell: Tell | None = None) -> None:
        """Solve what is not known yet, in processes where that is quicker.

        What does not converge is left out; it is an error only where it is asked for.

        Parameters
        ----------
        sets : iterable of Measures
            What will be asked.
        tell : callable, optional
            Told how many of the sets are known, and how many there are.
        """
        wanted = list(dict.fromkeys(sets))
        missing = [measures for measures in wanted if measures not in self.solved]
        if not missing:
            return

        def take(number: int, hats: Hats | None) -> None:
            if hats is None:
                return
            self.solved[missing[number]] = hats
            self._keep()
            if tell is not None:
                tell(sum(one in self.solved for one in wanted), len(wanted))

        alone = len(missing) < FEW or self._workers == 1
        map_tasks(
            partial(_attempt, Solver(self.study, self.pair, self.base)), missing, on_result=take,
            executor="serial" if alone else "processes", workers=self._workers,
        )  # fmt: skip

    @cached_property
    def base(self) -> JointBase:
        """State before any change."""
        return self._make_base()

    @property
    def tariff(self) -> float:
        """Mean tariff between the two by value, a share; zero where the study states none."""
        dated = self.study if self.study.when else self.study.as_of(self.study.settings.base_year)
        return mean_tariff(dated, self.data, *self.pair)

    @property
    def transport(self) -> float:
        """Part of the delivered value that transport is at base."""
        if "transport" not in self._numbers:
            self._numbers["transport"] = transport_share(self.base, *self.pair)
            self._keep()
        return float(self._numbers["transport"])

    def _keep(self) -> None:
        rows = [
            (json.dumps([sorted(m.chosen), sorted(m.cuts)]), hats.all, hats.carriable)
            for m, hats in self.solved.items()
        ]
        table = pd.DataFrame(rows, columns=["measures", "all", "carriable"])
        remember(NAME, self._inputs, Bundle({HATS: table}, self._numbers))


def _attempt(solver: Solver, measures: Measures) -> Hats | None:
    try:
        return solver(measures)
    except NotConverged:
        return None


def _read(kept: Bundle | None) -> dict[Measures, Hats]:
    if kept is None:
        return {}
    found = {}
    for key, whole, carriable in kept.tables[HATS].itertuples(index=False):
        chosen, cuts = json.loads(key)
        cut = frozenset((str(lever), float(share)) for lever, share in cuts)
        found[Measures(frozenset(chosen), cut)] = Hats(float(whole), float(carriable))
    return found
