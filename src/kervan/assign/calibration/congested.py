"""Volumes past the counted places where places fill up: demand on routes under hard capacity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kervan.assign.calibration.counts import Count
from kervan.assign.calibration.prediction import (
    FloatArray,
    Parameters,
    carries,
    edges_counted,
    goods_of,
    tonnes_in,
)
from kervan.assign.study.assignment import UNSERVED_USD_PER_T, solve_problem
from kervan.assign.study.problem import study_problem
from kervan.assign.study.solve import (
    Setting,
    Solution,
    free_limit,
    route_corridors,
    settle_again,
)
from kervan.core.errors import NotConverged
from kervan.core.results import digest
from kervan.network import Network, build_network
from kervan.study import Study

BoolArray = NDArray[np.bool_]
MORE_ROUNDS = 4
DEMAND = ["origin", "destination", "commodity", "tonnes"]


@dataclass(frozen=True, eq=False)
class Anchor:
    """A year's equilibrium with every parameter at its prior, from which others are found.

    Attributes
    ----------
    setting : Setting
        What was solved.
    solution : Solution
        Its equilibrium; its routes are those of every other one.
    """

    setting: Setting
    solution: Solution
    _counted: dict[tuple[object, ...], BoolArray] = field(default_factory=dict)
    _flows: dict[tuple[object, ...], FloatArray] = field(default_factory=dict)

    @property
    def network(self) -> Network:
        """The service graph."""
        return self.setting.problem.network

    @cached_property
    def goods(self) -> Mapping[str, Mapping[str, Any]]:
        """Rows of the commodity table by key."""
        return goods_of(self.network.study)

    @cached_property
    def commodity(self) -> NDArray[np.str_]:
        """Commodity of each route, (n_paths,)."""
        of_pair = self.setting.problem.pairs["commodity"].to_numpy(dtype=str)[self.setting.routed]
        return np.asarray(of_pair[self.solution.table.pair])

    @cached_property
    def corridor(self) -> NDArray[np.int64]:
        """Number of each route's corridor, (n_paths,); -1 for none."""
        return route_corridors(self.setting.problem.corridors, self.solution.table)

    def flow(self, parameters: Parameters) -> FloatArray:
        """Give the tonnes a year on each route at other parameters, (n_paths,).

        Notes
        -----
        Where the waits for vessels creep, as they do near a point at which a service empties, the
        search goes on from where it stopped, `MORE_ROUNDS` times.
        """
        key = _key(parameters)
        if key not in self._flows:
            self._flows[key] = self._settle(self._at(parameters)).chosen.flow
        return self._flows[key]

    def _settle(self, setting: Setting) -> Solution:
        before = self.solution
        for _ in range(MORE_ROUNDS):
            try:
                return settle_again(setting, before)
            except NotConverged as error:
                if not isinstance(error.last, Solution):
                    raise
                before = error.last
        return settle_again(setting, before)

    def _at(self, parameters: Parameters) -> Setting:
        """Give the same question at other parameters."""
        problem = self.setting.problem
        study = parameters.applied(self.network.study)
        theta = study.table("commodity")["theta"].loc[problem.classes["commodity"]]
        moved = replace(
            problem,
            network=replace(self.network, study=study),
            classes=problem.classes.assign(theta=theta.to_numpy(dtype=float)),
        )
        setting = replace(self.setting, problem=moved)
        limit = free_limit(setting, self.solution.table, UNSERVED_USD_PER_T)
        return replace(setting, limit=limit)

    def counted(self, count: Count) -> BoolArray:
        """Tell which routes a count counts, (n_paths,)."""
        by_lorry = count.unit == "truck"
        key = (count.corridors, count.places, by_lorry)
        if key not in self._counted:
            found = np.ones(len(self.solution.table), dtype=bool)
            if count.corridors:
                ids = self.setting.problem.corridors.ids
                numbers = [ids.index(name) for name in count.corridors if name in ids]
                found &= np.isin(self.corridor, numbers)
            for place in count.places:
                seen = edges_counted(self.network, place, by_lorry=by_lorry)
                found &= self.solution.table.uses(np.flatnonzero(seen))
            self._counted[key] = found
        return self._counted[key]


@dataclass(frozen=True, eq=False)
class Congested:
    """The predictor that knows capacity: the equilibrium of `assign_study`.

    The first question about a year's demand generates its routes, with those that full rows make
    the cheapest, at the parameters' priors. Later ones keep them and settle flows, prices of
    capacity and waits for full vessels anew, from that first equilibrium; so an answer does not
    depend on what was asked before.
    """

    _anchors: dict[str, Anchor] = field(default_factory=dict)

    def __call__(
        self,
        study: Study,
        demand: pd.DataFrame,
        counts: Sequence[Count],
        parameters: Parameters,
    ) -> FloatArray:
        """Predict the counts of a year: see `predict_capped`."""
        return predict_capped(self.anchor(study, demand), counts, parameters)

    def anchor(self, study: Study, demand: pd.DataFrame) -> Anchor:
        """Give the equilibrium of a year's demand at the parameters' priors."""
        key = digest([study.hash, demand[DEMAND]])
        if key not in self._anchors:
            asked = study.replace({"demand": demand})
            problem = study_problem(build_network(asked), year=int(demand["year"].iloc[0]))
            self._anchors[key] = Anchor(*solve_problem(problem, UNSERVED_USD_PER_T))
        return self._anchors[key]


def predict_capped(anchor: Anchor, counts: Sequence[Count], parameters: Parameters) -> FloatArray:
    """Predict counts under capacity.

    Parameters
    ----------
    anchor : Anchor
        The year's equilibrium at the parameters' priors.
    counts : sequence of Count
        What to predict.
    parameters : Parameters
        Scales of `theta` and corridor constants.

    Returns
    -------
    (n_counts,)
        In each count's own unit; zero where no demand goes that way.

    Raises
    ------
    NotConverged
        If waits for vessels do not settle.

    Notes
    -----
    Eq. (C7): V_o = Σ_k Σ_{r in o} f_kr / u_ok with the flows f of Eqs. (S1) to (S5) at θ_k s and
    costs c_r + a_m(r). What stays behind is not counted.
    """
    flow = anchor.flow(parameters)
    volumes = np.zeros(len(counts))
    for name, good in anchor.goods.items():
        own = flow * (anchor.commodity == name)
        for n, count in enumerate(counts):
            if carries(count, good):
                volumes[n] += own[anchor.counted(count)].sum() / tonnes_in(count.unit, good)
    return volumes


def _key(parameters: Parameters) -> tuple[object, ...]:
    """Name parameters so that those which mean the same have one name."""
    constants = sorted((k, v) for k, v in parameters.constants.items() if v)
    return parameters.theta_scale, tuple(constants), tuple(sorted(parameters.own_scales.items()))
