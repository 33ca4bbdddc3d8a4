"""What a caller can share between assignments: the network, and the prices to begin with.

Tolerance: prices are solved to 1e-8 of a capacity, so flows agree within 1e-6 of demand.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from toy_demand import with_demand

import kervan
from kervan import Study
from kervan.assign import assign_study
from kervan.assign.study.problem import study_problem
from kervan.assign.study.union import carry_prices, match_edges
from kervan.core.errors import InputError
from kervan.network import build_network
from kervan.routes import Ground
from kervan.scenarios import apply_cards

CLOSE = 1e-6
ROWS = [("alma", "deniz", "containers", 2e5), ("alma", "deniz", "grain", 1e5)]
NARROW = {("link", "ceren-deniz", "capacity_value"): 0.05}


def narrow(**more: object) -> Study:
    cells = {("link", "ceren-deniz", name): value for name, value in more.items()}
    return with_demand(ROWS, rule="scheduled", cells={**NARROW, **cells})


def test_a_network_that_is_built_already_gives_the_very_same() -> None:
    study = kervan.open("toy").as_of(2025)
    ground = Ground(build_network(study))
    ground.costs("containers")
    alone, shared = assign_study(study), assign_study(study, network=ground)
    pd.testing.assert_frame_equal(alone.link_flows, shared.link_flows, check_exact=True)
    pd.testing.assert_frame_equal(alone.equilibria, shared.equilibria, check_exact=True)
    assert shared.setting.problem.network is ground.network


def test_the_network_of_other_numbers_is_refused() -> None:
    study = kervan.open("toy")
    with pytest.raises(InputError, match="other numbers"):
        assign_study(study.as_of(2025), network=build_network(study.as_of(2024)))


def test_a_warm_start_gives_what_a_cold_one_gives() -> None:
    base = assign_study(narrow())
    changed = narrow(capacity_value=0.08, speed_kph=20.0)
    cold, warm = assign_study(changed), assign_study(changed, start=base)
    assert base.link_flows["shadow_usd_per_t"].max() > 1.0
    assert cold.link_flows["shadow_usd_per_t"].max() > 1.0
    for name in ("tonnes", "load", "shadow_usd_per_t"):
        for mine, theirs in zip(warm.link_flows[name], cold.link_flows[name], strict=True):
            assert mine == pytest.approx(theirs, rel=1e-6, abs=1e-3, nan_ok=True)


def test_a_warm_start_from_the_answer_takes_no_step() -> None:
    study = narrow()
    base = assign_study(study)
    again = assign_study(study, start=base)
    assert base.solution.chosen.steps > 0 or len(base.solution.cuts) > 0
    assert again.solution.chosen.price == pytest.approx(base.solution.chosen.price, rel=CLOSE)
    assert again.solution.chosen.steps == 0


def test_edges_are_found_by_what_they_are() -> None:
    study = kervan.open("toy")
    card = study.path / "scenarios"
    name = next(path.stem for path in sorted(card.glob("*.toml")))
    base, other = (build_network(s) for s in (study, apply_cards(study, [name])))
    found = match_edges(base, other)
    columns = ["kind", "ref_id", "mode", "from_node_id", "to_node_id"]
    there = found >= 0
    mine, theirs = base.edges.loc[there, columns], other.edges.loc[found[there], columns]
    assert mine.to_numpy().tolist() == theirs.to_numpy().tolist()
    assert len(np.unique(found[there])) == there.sum()
    assert np.array_equal(match_edges(base, base), np.arange(base.graph.n_edges))


def test_prices_of_a_row_that_lost_its_capacity_are_left_behind() -> None:
    base = assign_study(narrow())
    free = study_problem(build_network(narrow(capacity_value=np.nan)))
    kept = carry_prices(base.solution.prices, base.setting.problem, free)
    same = carry_prices(base.solution.prices, base.setting.problem, base.setting.problem)
    assert len(same.price) == len(base.solution.cuts) > len(kept.price)
    assert same.price == pytest.approx(base.solution.chosen.price)


def test_a_row_of_no_capacity_lets_nothing_pass() -> None:
    result = assign_study(narrow(capacity_value=0.0))
    assert "ceren-deniz" not in set(result.link_flows["ref_id"])
    assert result.served_t == pytest.approx(3e5)
