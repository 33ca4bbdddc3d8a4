"""kervan: from a freight corridor's links to its trade, every number with its source.

Examples
--------
>>> import kervan
>>> study = kervan.open("toy")
>>> routes = kervan.find_routes(study, "Alma", "Deniz", commodity="containers")
>>> routes[0].corridor, round(routes[0].hours)
('lake', 168)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kervan.study import Study, new_study
from kervan.study import open_study as open  # noqa: A004 - kervan.open("east-west-line") reads well

if TYPE_CHECKING:
    from kervan.appraisal.breakeven import break_even
    from kervan.network import Network, build_network
    from kervan.pipeline import run
    from kervan.report import write_report
    from kervan.routes import Leg, Route, Routes, compute_skims, find_routes, trace_profile
    from kervan.routes.validate import compare_journeys
    from kervan.scenarios import apply_cards, list_cards

__version__ = "0.1.0"

_HOMES = {
    "break_even": "kervan.appraisal.breakeven",
    "Network": "kervan.network",
    "build_network": "kervan.network",
    "run": "kervan.pipeline",
    "write_report": "kervan.report",
    "Leg": "kervan.routes",
    "Route": "kervan.routes",
    "Routes": "kervan.routes",
    "compute_skims": "kervan.routes",
    "find_routes": "kervan.routes",
    "trace_profile": "kervan.routes",
    "compare_journeys": "kervan.routes.validate",
    "apply_cards": "kervan.scenarios",
    "list_cards": "kervan.scenarios",
}
"""Where each public name lives; it is imported when first asked for."""

__all__ = [
    "Leg",
    "Network",
    "Route",
    "Routes",
    "Study",
    "__version__",
    "apply_cards",
    "break_even",
    "build_network",
    "compare_journeys",
    "compute_skims",
    "find_routes",
    "list_cards",
    "new_study",
    "open",
    "run",
    "trace_profile",
    "write_report",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its home."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'kervan' has no attribute '{name}'")


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
