"""What calibration sets, and the interface of anything that predicts counted volumes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kervan.assign.calibration.counts import TONNES, Count
from kervan.network import Network
from kervan.routes.corridors import edges_matching
from kervan.study import Study

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

BOX = "box"
LORRY_MODES = ("road", "ferry")
"""Modes on which a lorry runs or sails; wagons and boxes sail on others."""

NOTHING: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True)
class Parameters:
    """What calibration sets.

    Attributes
    ----------
    theta_scale : float
        Factor on every commodity's `theta` that has none of its own.
    constants : mapping of str to float
        USD/t added to the generalised cost of a corridor's routes.
    own_scales : mapping of str to float
        Factor on the `theta` of the commodities of an equipment, in place of `theta_scale`.
    """

    theta_scale: float = 1.0
    constants: Mapping[str, float] = field(default_factory=lambda: NOTHING)
    own_scales: Mapping[str, float] = field(default_factory=lambda: NOTHING)

    def scale_of(self, equipment: str) -> float:
        """Give the factor on the `theta` of commodities that ride in an equipment."""
        return self.own_scales.get(equipment, self.theta_scale)

    def applied(self, study: Study) -> Study:
        """Give a study whose routes are chosen by these parameters.

        Every `theta` is scaled, and the constants stand beside those that the study has.
        """
        goods = study.table("commodity")
        scale = [self.scale_of(str(equipment)) for equipment in goods["equipment"]]
        known = dict(study.constants)
        for name, value in self.constants.items():
            known[name] = known.get(name, 0.0) + float(value)
        scaled = goods.assign(theta=goods["theta"] * scale)
        return study.replace({"commodity": scaled}, constants=tuple(sorted(known.items())))


class Predictor(Protocol):
    """Anything that turns a year's demand into the volumes that would be counted."""

    def __call__(
        self,
        study: Study,
        demand: pd.DataFrame,
        counts: Sequence[Count],
        parameters: Parameters,
    ) -> FloatArray:
        """Predict the counts of a year.

        Parameters
        ----------
        study : Study
            The study on a day of the year.
        demand : DataFrame
            Rows of `demand.csv` of one year, or a forecast of it.
        counts : sequence of Count
            What to predict.
        parameters : Parameters
            Scales of `theta` and corridor constants.

        Returns
        -------
        (n_counts,)
            In each count's own unit.
        """
        ...


def edges_counted(network: Network, place: str, *, by_lorry: bool) -> BoolArray:
    """Tell on which edges a count at a place sees cargo, (n_edges,)."""
    mask = edges_matching(network, [place])
    if by_lorry:
        mask = mask & np.isin(network.passed["mode"], LORRY_MODES)
    return np.asarray(mask)


def group_of(count: Count, goods: Mapping[str, Mapping[str, Any]]) -> str:
    """Name the one equipment whose cargo a count counts; empty where it counts several."""
    if count.commodity:
        return str(goods[count.commodity]["equipment"]) if count.commodity in goods else ""
    return BOX if count.unit == "teu" else ""


def carries(count: Count, good: Mapping[str, Any]) -> bool:
    """Tell whether a count counts a commodity at all."""
    if count.commodity:
        return bool(count.commodity == good["commodity"])
    return count.unit != "teu" or bool(good["equipment"] == BOX)


def tonnes_in(unit: str, good: Mapping[str, Any]) -> float:
    """Give the tonnes of a commodity in a unit of a count."""
    return TONNES[unit] if unit in TONNES else float(good[f"t_per_{unit}"])


def goods_of(study: Study) -> dict[str, dict[str, Any]]:
    """Give the rows of the commodity table by key."""
    rows = study.table("commodity").to_dict("records")
    return {str(row["commodity"]): {str(k): v for k, v in row.items()} for row in rows}
