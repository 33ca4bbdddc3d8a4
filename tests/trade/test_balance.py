"""The steps from an incomplete table to a closed one, each on a small table."""

from __future__ import annotations

import numpy as np
import pytest

from kervan.core.errors import InputError
from kervan.trade.balance import (
    Economy,
    close_rest_of_world,
    rake_final_demand,
    rake_pair,
    restore_rest_of_world,
)

CLOSE = 1e-7
"""The steps stop at a relative gap of 1e-10 of the largest margin."""
OWN3 = np.eye(3, dtype=bool)[:, None, :]


def trade(values: np.ndarray, own: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    abroad = np.where(own, 0.0, values)
    return abroad.sum(axis=(1, 2)), abroad.sum(axis=(0, 1))


@pytest.fixture
def prior() -> np.ndarray:
    """Three countries, two sectors: sales spread in proportion to inputs, far from the balances."""
    return np.random.default_rng(20221231).uniform(1.0, 3.0, (3, 2, 3)) + 20.0 * OWN3


def test_final_demand_meets_sales_exports_and_balances(prior: np.ndarray) -> None:
    sales = prior.sum(axis=2)
    exports, balance = np.array([12.0, 9.0, np.nan]), np.array([-4.0, 3.0, np.nan])
    known = np.array([1.0, -2.0, 1.0])
    got = rake_final_demand(prior, sales, exports=exports, balance=balance, net_known=known)
    out, into = trade(got.values, OWN3)
    np.testing.assert_allclose(got.values.sum(axis=2), sales, rtol=CLOSE)
    np.testing.assert_allclose(out[:2], exports[:2], rtol=CLOSE)
    np.testing.assert_allclose((out - into + known)[:2], balance[:2], atol=1e-6)
    assert (got.values >= 0).all()
    assert got.residual <= 1e-10


def test_the_last_country_closes_the_world(prior: np.ndarray) -> None:
    known = np.array([1.0, -2.0, 1.0])
    got = rake_final_demand(
        prior, prior.sum(axis=2), exports=np.full(3, np.nan),
        balance=np.array([-4.0, 3.0, np.nan]), net_known=known,
    )  # fmt: skip
    out, into = trade(got.values, OWN3)
    assert (out - into + known)[2] == pytest.approx(1.0, abs=1e-6)


def test_plain_proportionality_has_the_wrong_sign_and_raking_the_right_one() -> None:
    # country 0 sells inputs and buys final goods; spreading final sales like inputs hides its
    # deficit
    inputs = np.array([[[50.0, 30.0]], [[5.0, 60.0]]])
    final = np.array([[40.0], [55.0]])
    naive = inputs / inputs.sum(axis=2, keepdims=True) * final[:, :, None]
    own = np.eye(2, dtype=bool)[:, None, :]
    known = np.subtract(*trade(inputs, own))
    out, into = trade(naive, own)
    assert (out - into + known)[0] > 0
    got = rake_final_demand(
        naive, final, exports=np.full(2, np.nan), balance=np.array([-10.0, 10.0]), net_known=known
    )
    out, into = trade(got.values, own)
    np.testing.assert_allclose(out - into + known, [-10.0, 10.0], atol=1e-6)


def test_prior_that_meets_the_margins_is_left_alone(prior: np.ndarray) -> None:
    out, into = trade(prior, OWN3)
    got = rake_final_demand(
        prior, prior.sum(axis=2), exports=out, balance=out - into, net_known=np.zeros(3)
    )
    np.testing.assert_allclose(got.values, prior, rtol=1e-9)
    assert got.iterations == 1


def test_rest_of_world_is_added_last(prior: np.ndarray) -> None:
    sells = np.array([6.0, 3.0])
    got = restore_rest_of_world(prior, sells, share_of_imports=0.1)
    assert got.shape == (4, 2, 4)
    np.testing.assert_array_equal(got[:3, :, :3], prior)
    np.testing.assert_allclose(got[3].sum(axis=1), sells)
    abroad = np.where(OWN3, 0.0, prior).sum(axis=2)
    np.testing.assert_allclose(got[:3, :, 3], 0.1 * abroad)
    assert (got[3, :, 3] == 0).all()


@pytest.fixture
def like() -> Economy:
    return Economy(
        output=np.array([100.0, 200.0]),
        use=np.array([[10.0, 30.0], [20.0, 60.0]]),
        final=np.array([60.0, 120.0]),
    )


def test_rest_of_world_is_closed(like: Economy) -> None:
    exports, imports = np.array([15.0, 5.0]), np.array([2.0, 30.0])
    got = close_rest_of_world(exports, imports, like, value_added=90.0)
    used = got.use.sum(axis=1) + got.final + exports
    np.testing.assert_allclose(got.output + imports, used, rtol=CLOSE)
    assert (got.output - got.use.sum(axis=0)).sum() == pytest.approx(90.0, rel=CLOSE)
    assert min(got.use.min(), got.final.min(), (got.output - exports).min()) >= 0
    # income less the balance is what is spent
    assert got.final.sum() == pytest.approx(90.0 - (20.0 - 32.0), rel=CLOSE)


def test_closed_economy_without_trade_keeps_its_proportions(like: Economy) -> None:
    nothing = np.zeros(2)
    got = close_rest_of_world(nothing, nothing, like, value_added=1800.0)
    np.testing.assert_allclose(got.output, 10.0 * like.output, rtol=CLOSE)
    np.testing.assert_allclose(got.use, 10.0 * like.use, rtol=CLOSE)


@pytest.fixture
def flows() -> np.ndarray:
    """Five countries, so that the others can make room."""
    abroad = np.random.default_rng(20221231).uniform(1.0, 3.0, (5, 5, 2))
    return abroad + 20.0 * np.eye(5)[:, :, None]


def test_pair_is_set_and_margins_stay(flows: np.ndarray) -> None:
    wanted = np.full_like(flows, np.nan)
    wanted[0, 1, 0], wanted[1, 0, 0] = 3.5, 0.5
    got = rake_pair(flows, wanted).values
    assert (got[0, 1, 0], got[1, 0, 0]) == (3.5, 0.5)
    np.testing.assert_allclose(got.sum(axis=1), flows.sum(axis=1), rtol=CLOSE)
    np.testing.assert_allclose(got.sum(axis=0), flows.sum(axis=0), rtol=CLOSE)
    np.testing.assert_array_equal(np.einsum("iis->is", got), np.einsum("iis->is", flows))
    np.testing.assert_array_equal(got[:, :, 1], flows[:, :, 1])


def test_pair_may_not_exceed_what_is_sold(flows: np.ndarray) -> None:
    wanted = np.full_like(flows, np.nan)
    wanted[0, 1, 0] = 100.0
    with pytest.raises(InputError, match="held cells exceed"):
        rake_pair(flows, wanted)
