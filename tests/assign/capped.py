"""The toy study with demand that outgrows its ferry, and counts made from known parameters."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from counted import observed
from tiny_study import table

import kervan
from kervan import Study
from kervan.assign.calibration.congested import Congested
from kervan.assign.calibration.counts import read_counts
from kervan.assign.calibration.estimates import parameters_of

YEARS = tuple(range(2020, 2026))
GROWTH = (0.8, 1.2, 1.6, 2.2, 2.8, 3.4)
BASE = {"containers": 200e3, "grain": 500e3}
TRUE = {"theta_scale": 1.0, "theta_scale:box": 1.3, "theta_scale:wagon": 0.8, "constant:lake": 12.0}


def capped_study(truth: Mapping[str, float] = TRUE) -> Study:
    """Six years of demand from Alma to Deniz, with boxes and grain counted on the lake."""
    rows = [
        observed(year, series, unit, via="corridor:lake", commodity=commodity)
        for year in YEARS
        for series, unit, commodity in (("boxes", "teu", "containers"), ("grain", "t", "grain"))
    ]
    demand = pd.DataFrame(
        [
            {"demand_id": f"{good}{year}", "origin": "alma", "destination": "deniz",
             "commodity": good, "year": year, "tonnes": growth * tonnes}
            for year, growth in zip(YEARS, GROWTH, strict=True)
            for good, tonnes in BASE.items()
        ]
    )  # fmt: skip
    demand.index = pd.Index(demand["demand_id"], name=None)
    tables = {"demand": demand, "observation": table("observation", rows)}
    study = kervan.open("toy").replace(tables)
    predict, values = Congested(), []
    for year in YEARS:
        counts = [c for c in read_counts(study) if c.year == year]
        own = demand[demand["year"] == year]
        values += list(predict(study.as_of(year), own, counts, parameters_of(truth)))
    counted = study.table("observation").assign(value=np.array(values))
    return study.replace({"observation": counted})
