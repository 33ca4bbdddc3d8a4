"""Which claims of the record stand behind the numbers of a leg."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kervan.study import Study

FIELDS: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "link": ("link", ("length_km", "speed_kph", "cost_value")),
        "border": ("border", ("wait_h", "wait_sd_h", "cost_value")),
        "transfer": ("transfer", ("dwell_h", "dwell_sd_h", "cost_value", "kgco2e_per_t")),
        "service": (
            "service",
            (
                "length_km", "sailing_h", "sailing_sd_h", "departures_per_week", "capacity_value",
                "arrivals_t_per_week", "closure_days_per_year", "closure_spell_h",
                "draught_loss_pct", "cost_value", "gco2e_per_tkm",
            ),
        ),
        "access": ("mode", ("load_h", "load_sd_h", "load_cost_value")),
    }
)  # fmt: skip
"""Table and fields that the numbers of each kind of leg are made of."""

FROM_MODE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "link": ("speed_kph", "cost_value", "stop_h_per_1000km", "time_cv", "gco2e_per_tkm"),
        "service": ("gco2e_per_tkm",),
    }
)
"""Fields of the mode that a leg uses unless its own row gives them."""


def leg_claims(study: Study, kind: str, ref_id: str, mode: str) -> tuple[str, ...]:
    """Give the claims behind a leg, in order of first use.

    Parameters
    ----------
    study : Study
        The study on a day.
    kind, ref_id, mode : str
        Kind of leg, row of its table, mode.

    Returns
    -------
    tuple of str
        Claim ids; empty where the numbers are derived or assumed.
    """
    table, fields = FIELDS[kind]
    found: dict[str, None] = {}
    given = set()
    for field in fields:
        claims = study.claims_for(table, ref_id, field)
        if claims is not None:
            given.add(field)
            found |= dict.fromkeys(claims)
    for field in FROM_MODE.get(kind, ()):
        if field not in given:
            found |= dict.fromkeys(study.claims_for("mode", mode, field) or ())
    return tuple(found)
