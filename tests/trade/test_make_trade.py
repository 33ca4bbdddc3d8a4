"""The steps of the tool that makes the embedded trade data, on a table of three countries."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from kervan.trade.raking import Raked

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_trade", ROOT / "tools" / "make_trade.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def table(tool: ModuleType):
    """Sectors A01 and B06 are goods, G is trade: (sector, exporter, user, importer)."""
    rng = np.random.default_rng(7)
    inter = rng.uniform(1.0, 2.0, (3, 3, 3, 3)) + 10.0 * np.eye(3)[None, :, None, :]
    final = rng.uniform(20.0, 40.0, (3, 3))
    output = inter.sum(axis=(2, 3)) + final
    return tool.Table(("AAA", "BBB", "CCC"), ("A01", "B06", "G"), inter, output, final, output)


GROUPS = {"goods": ("A01", "B06"), "services": ("G",)}
SERVICES = np.array([False, True])


def test_the_pinned_wheel_only(tool: ModuleType, tmp_path: Path) -> None:
    other = tmp_path / "other.whl"
    other.write_bytes(b"not it")
    with pytest.raises(SystemExit, match="sha256"):
        tool.read_wheel(other)


def test_grouping_keeps_every_sum(tool: ModuleType, table) -> None:
    got = tool.group(table, GROUPS, np.array([3.0, 2.0, 1.0]))
    assert got.inter.shape == (3, 2, 3, 2)
    assert got.inter.sum() == pytest.approx(table.inter.sum())
    np.testing.assert_allclose(got.sales, got.output - got.inter.sum(axis=(2, 3)))
    np.testing.assert_allclose(got.prior.sum(axis=2), got.sales)


def test_first_guess_follows_spending_and_sourcing(tool: ModuleType, table) -> None:
    prior = tool.final_prior(table, np.array([3.0, 2.0, 1.0]))
    np.testing.assert_allclose(prior.sum(axis=2), table.final)
    bought = table.inter.sum(axis=2)
    shares = bought / bought.sum(axis=1, keepdims=True)
    # of one seller and sector, buyers stand to each other as spending times the seller's share
    wanted = shares[0, 0, 0] * 3.0 / (shares[0, 0, 1] * 2.0)
    assert prior[0, 0, 0] / prior[0, 0, 1] == pytest.approx(wanted)


def test_export_figures_of_re_exporters_are_dropped(tool: ModuleType) -> None:
    exports, known = np.array([30.0, 90.0, np.nan]), np.array([10.0, 10.0, 10.0])
    got, dropped = tool.usable_exports(exports, known, np.full((3, 1), 100.0))
    np.testing.assert_array_equal(got, [20.0, np.nan, np.nan])
    assert dropped.tolist() == [False, True, False]


def test_margins_are_trade_over_goods_among_inputs(tool: ModuleType, table) -> None:
    sold = table.inter.sum(axis=2)
    abroad = sold.sum(axis=(1, 2)) - np.einsum("sii->s", sold)
    got = tool.trade_margins(table, GROUPS, SERVICES)
    assert got == pytest.approx(abroad[2] / (abroad[0] + abroad[1]))


def test_services_are_met_by_one_factor(tool: ModuleType) -> None:
    prior, known = np.full((3, 2, 3), 2.0), np.ones((3, 2, 3))

    def nothing_more(seed: np.ndarray) -> Raked:
        return Raked(seed, 1, 0.0)

    # goods abroad: 6 x (2 + 1) = 18; services wanted: 9 + 0.1 x 18 = 10.8 = 6 + 12 f, so f = 0.4
    raked, factor = tool.meet_services(prior, known, SERVICES, (9.0, 0.1), nothing_more)
    assert factor == pytest.approx(0.4, rel=1e-3)
    assert raked.values[0, 1, 1] == pytest.approx(0.8, rel=1e-3)
    assert raked.values[0, 1, 0] == 2.0  # at home nothing changes
    assert raked.values[0, 0, 1] == 2.0


def test_folding_adds_a_country_to_the_rest(tool: ModuleType) -> None:
    flows = np.random.default_rng(3).uniform(1.0, 2.0, (4, 4, 2))
    use = np.random.default_rng(4).uniform(1.0, 2.0, (4, 2, 2))
    got = tool.fold(tool.World(flows, use), ("AAA", "BBB", "CCC"), ["AAA", "CCC"])
    assert got.flows.shape == (3, 3, 2)
    np.testing.assert_allclose(got.flows[0, 2], flows[0, 1] + flows[0, 3])
    np.testing.assert_allclose(got.flows[2, 2], flows[[1, 1, 3, 3], [1, 3, 1, 3]].sum(axis=0))
    np.testing.assert_allclose(got.use[2], use[1] + use[3])


def test_inputs_from_the_rest_leave_value_added(tool: ModuleType, table) -> None:
    grouped = tool.group(table, GROUPS, np.array([3.0, 2.0, 1.0]))
    bought = np.full((2, 3), 1e4)
    got = tool.rest_inputs(bought, grouped, grouped.prior)
    left = grouped.output - grouped.inter.sum(axis=(0, 1))
    assert (got.sum(axis=1) <= (1.0 - tool.LEAST_VALUE_ADDED) * left + 1e-6).all()
    small = tool.rest_inputs(np.full((2, 3), 1e-3), grouped, grouped.prior)
    assert (small.sum(axis=2) < 1e-3).all()
    assert (small.sum(axis=2) > 0).all()


def test_crude_is_valued_at_two_quarters(tool: ModuleType) -> None:
    said = {r["quantity"]: r["value"] for r in tool.read_rows(tool.INPUTS / "pair.csv")}
    assert float(said["crude_first_quarter_2023"]) == 977.5
    assert float(said["crude_change_on_year"]) == -32
