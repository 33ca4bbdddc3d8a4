"""Time/cost-distance profile of a route."""

from __future__ import annotations

import pandas as pd

from kervan.routes.model import Leg, Route

COLUMNS = ("step", "place", "node_id", "kind", "mode", "km", "hours", "usd_per_t", "what")


def profile(route: Route, *, lang: str = "en") -> pd.DataFrame:
    """Trace cumulative time and money over distance.

    Parameters
    ----------
    route : Route
        The route.
    lang : {"en", "tr"}, optional
        Language of the places.

    Returns
    -------
    DataFrame
        step, place, node_id, kind, mode, km, hours, usd_per_t (cumulative, after the step), what
        (name of the stop, line or vessel). The first row is the start with zeros. A stop is a
        step in which km stays: kind ``border``, ``transfer``, ``access`` or ``wait`` (for a
        vessel, before its ``service`` step). Ready to be drawn as a line through the rows.

    Notes
    -----
    The method is UNESCAP's time/cost-distance [1]_: moving legs slope, stops stand upright.
    Departure: the price of a service is put on the sailing, its wait costs no money.

    References
    ----------
    .. [1] UNESCAP, Time/Cost-Distance Methodology.
    """
    return pd.DataFrame(profile_rows(route, lang=lang), columns=list(COLUMNS))


def profile_rows(route: Route, *, lang: str = "en") -> list[tuple[object, ...]]:
    """Trace the rows of `profile` as plain tuples, in the order of `COLUMNS`."""
    start = route.legs[0]
    rows: list[tuple[object, ...]] = [
        (0, start.place("from", lang), start.from_node, "start", start.mode, 0.0, 0.0, 0.0, "")
    ]
    km = hours = usd = 0.0
    for leg in route.legs:
        for kind, part_km, part_h, part_usd in _steps(leg):
            km, hours, usd = km + part_km, hours + part_h, usd + part_usd
            moved = kind in {"link", "service"}
            place = leg.place("to" if moved else "from", lang)
            node = leg.to_node if moved else leg.from_node
            rows.append((len(rows), place, node, kind, leg.mode, km, hours, usd, leg.label(lang)))
    return rows


def _steps(leg: Leg) -> list[tuple[str, float, float, float]]:
    if leg.kind != "service" or leg.wait_h <= 0:
        return [(leg.kind, leg.km, leg.hours, leg.usd_per_t)]
    return [
        ("wait", 0.0, leg.wait_h, 0.0),
        ("service", leg.km, leg.hours - leg.wait_h, leg.usd_per_t),
    ]
