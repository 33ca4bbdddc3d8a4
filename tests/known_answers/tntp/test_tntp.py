"""Best-known equilibria of the TNTP benchmark instances."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from kervan.assign import Assignment, assign_demand
from kervan.assign.readers import Instance, read_tntp

ROOT = Path(__file__).resolve().parents[3]
FIXTURES = Path(os.environ.get("KERVAN_FIXTURES", ROOT.parent / "shared" / "fixtures")) / "tntp"

GAP = 1e-12
DIGITS = 1e-9
"""The objective is known to 15 digits; at a gap of 1e-12 it agrees to more than 9."""
FLOW = 1e-4
"""Share of the largest flow by which a link whose time rises with flow may differ (stated aim)."""
TOTAL = 1e-9
BALANCE = 1e-13

BEST = {
    "SiouxFalls": 4231335.28710744,
    "Anaheim": 1286032.17109602,
    "Barcelona": 1265654.92203177,
    "Winnipeg": 827911.494629964,
}

pytestmark = pytest.mark.skipif(
    not FIXTURES.is_dir(), reason=f"the TNTP instances are not at {FIXTURES}"
)


@pytest.fixture(scope="module", params=BEST)
def solved(request: pytest.FixtureRequest) -> tuple[str, Instance, Assignment, np.ndarray]:
    name = request.param
    folder = FIXTURES / name
    instance = read_tntp(folder / f"{name}_net.tntp", folder / f"{name}_trips.tntp")
    result = assign_demand(instance.network, instance.commodities, gap=GAP)
    return name, instance, result, best_flows(folder / f"{name}_flow.tntp", instance)


def best_flows(path: Path, instance: Instance) -> np.ndarray:
    rows = [line.split() for line in path.read_text().splitlines()[1:] if line.strip()]
    flows = {(int(row[0]), int(row[1])): float(row[2]) for row in rows}
    return np.array([flows[ends] for ends in instance.links.itertuples(index=False, name=None)])


def test_gap_and_objective(solved: tuple[str, Instance, Assignment, np.ndarray]) -> None:
    name, _, result, _ = solved
    assert result.relative_gap <= GAP
    assert result.objective == pytest.approx(BEST[name], rel=DIGITS)


def test_flows_where_time_rises(solved: tuple[str, Instance, Assignment, np.ndarray]) -> None:
    _, instance, result, best = solved
    rising = ~instance.network.delays.is_constant
    worst = np.abs(result.link_flow - best)[rising].max()
    assert worst <= FLOW * best.max()


def test_total_cost_and_balance(solved: tuple[str, Instance, Assignment, np.ndarray]) -> None:
    _, instance, result, best = solved
    delay = instance.network.delays
    assert result.total_cost == pytest.approx(float(best @ delay.value(best)), rel=TOTAL)
    level = delay.is_constant
    ours = float(result.link_flow[level] @ result.link_delay[level])
    theirs = float(best[level] @ result.link_delay[level])
    assert ours == pytest.approx(theirs, rel=1e-7, abs=1e-9)
    assert result.node_balance <= BALANCE


@pytest.mark.parametrize("theta", [10.0, 1000.0])
def test_weak_variety_converges_and_nears_the_deterministic_equilibrium(theta: float) -> None:
    """Balancing two paths at a time stalls here; Beckmann's part ends a little above its least."""
    folder = FIXTURES / "SiouxFalls"
    files = folder / "SiouxFalls_net.tntp", folder / "SiouxFalls_trips.tntp"
    instance = read_tntp(*files, theta=theta)
    result = assign_demand(instance.network, instance.commodities, gap=1e-10, max_iterations=200)
    assert result.relative_gap <= 1e-10
    assert result.objective > BEST["SiouxFalls"]
    trips = float(instance.commodities[0].amount.sum())
    assert result.objective < BEST["SiouxFalls"] + 10.0 * trips / theta


def test_braess() -> None:
    folder = FIXTURES / "Braess-Example"
    instance = read_tntp(folder / "Braess_net.tntp", folder / "Braess_trips.tntp")
    result = assign_demand(instance.network, instance.commodities, gap=GAP)
    # links 1-3, 1-4, 3-2, 3-4, 4-2
    np.testing.assert_allclose(result.link_flow, [4, 2, 2, 2, 4], atol=1e-6)
    assert result.pair_cost[0].max() == pytest.approx(92.0)
    assert result.objective == pytest.approx(386.0)
