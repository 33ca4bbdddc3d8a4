"""A made-up study whose volumes come from known parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tiny_study import BOXES, corridor, link, make_study, node, table, zone

from kervan import Study
from kervan.assign.calibration.counts import read_counts
from kervan.assign.calibration.estimates import parameters_of
from kervan.assign.calibration.free_flow import FreeFlow

GRAIN = {
    **BOXES, "commodity": "grain", "name_en": "Grain", "name_tr": "Tahıl", "value_usd_per_t": 200,
    "value_loss_pct_per_day": 0.1, "equipment": "wagon", "theta": 0.06,
}  # fmt: skip
YEARS = tuple(range(2015, 2021))
TRUE = {"theta_scale": 1.4, "constant:upper": 15.0}


def observed(year: int, series: str, unit: str, **more: Any) -> dict[str, Any]:
    return {
        "observation_id": f"{series}_{year}", "kind": "volume", "via": "corridor:upper",
        "basis": "reported", "date": str(year), "value": 1, "unit": unit, "use": "fit", **more,
    }  # fmt: skip


def counted_study(
    *,
    years: Sequence[int] = YEARS,
    more: Sequence[Mapping[str, Any]] = (),
    truth: Mapping[str, float] | None = None,
    noise: Sequence[float] = (),
) -> Study:
    """Two corridors between two places, demand that grows, and counts on the upper corridor."""
    rows = [
        row
        for year in years
        for row in (
            observed(year, "boxes", "teu", commodity="boxes"),
            observed(year, "grain", "Mt", commodity="grain"),
        )
    ]
    demand = [
        {"demand_id": f"{good}{year}", "origin": "za", "destination": "zb", "commodity": good,
         "year": year, "tonnes": start * 1.1 ** (year - years[0])}
        for year in years
        for good, start in (("boxes", 1e6), ("grain", 3e6))
    ]  # fmt: skip
    study = make_study(
        node=[node(name) for name in ("a", "b", "m", "n")],
        zone=[zone("a"), zone("b")],
        link=[link("a", "m", 600), link("m", "b", 600), link("a", "n", 900), link("n", "b", 700)],
        commodity=(BOXES, GRAIN),
        corridor=[*corridor("upper", ["m"]), *corridor("lower", ["n"], priority=2)],
        demand=demand,
        observation=rows,
    )
    return with_values(study, [*rows, *more], truth or TRUE, noise)


def with_values(
    study: Study,
    rows: Sequence[Mapping[str, Any]],
    truth: Mapping[str, float],
    noise: Sequence[float] = (),
) -> Study:
    """Give the observations that carry the value 1 what the parameters predict."""
    predict, filled, dated = FreeFlow(), [], study.as_of(2018)
    for n, row in enumerate(rows):
        year = int(row["date"])
        counts = [c for c in read_counts(study) if c.observation_id == row["observation_id"]]
        if row["value"] != 1 or not counts:
            filled.append(dict(row))
            continue
        demand = study.table("demand")
        volume = predict(dated, demand[demand["year"] == year], counts, parameters_of(truth))[0]
        filled.append({**row, "value": volume * (noise[n] if n < len(noise) else 1.0)})
    return study.replace({"observation": table("observation", filled)})
