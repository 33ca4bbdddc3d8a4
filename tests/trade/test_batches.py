"""Batches: the same answers as one by one, in any array library, and refused with a reason."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from kervan.core.errors import InputError, NotConverged
from kervan.trade import (
    CLOSURES,
    MODELS,
    Draws,
    TradeBase,
    TradeModel,
    counterfactual,
    counterfactuals,
    trade_base,
    universal_gravity,
)

N, B = 6, 40
SAME = 1e-9
ONE_SECTOR = [universal_gravity(0.5) if name == "universal_gravity" else model
              for name, model in MODELS.items() if not model.many]  # fmt: skip
STANDARD = (
    "abs", "all", "any", "asarray", "astype", "concat", "exp", "eye", "full_like", "isfinite",
    "linalg", "log", "matmul", "matrix_transpose", "max", "mean", "ones", "ones_like", "reshape",
    "sum", "where", "zeros", "zeros_like",
)  # fmt: skip
"""Functions of the array API standard that the kernels use."""


@pytest.fixture(scope="module")
def base() -> TradeBase:
    rng = np.random.default_rng(0)
    return trade_base(rng.lognormal(size=(N, N)) + 8 * np.eye(N), epsilon=4.0)


@pytest.fixture(scope="module")
def d_hat() -> np.ndarray:
    size = np.repeat([0.02, 0.4], B // 2)[:, None, None]
    return np.exp(size * np.random.default_rng(1).normal(size=(B, N, N)))


@pytest.mark.parametrize("closure", CLOSURES)
@pytest.mark.parametrize("model", ONE_SECTOR, ids=lambda model: model.name)
def test_a_batch_is_its_scenarios(
    base: TradeBase, d_hat: np.ndarray, model: TradeModel, closure: str
) -> None:
    many = counterfactuals(base, Draws(d_hat=d_hat), model=model, closure=closure, with_trade=True)
    for k in (0, B // 2 - 1, B // 2, B - 1):
        one = counterfactual(base, d_hat=d_hat[k], model=model, closure=closure)
        for name in ("wage_hat", "price_index_hat", "expenditure_hat", "welfare_hat"):
            np.testing.assert_allclose(getattr(many, name)[k], getattr(one, name), rtol=SAME)
        np.testing.assert_allclose(many.trade_cf[k], one.trade_cf[:, :, 0], rtol=SAME)
    assert many.residual.max() <= many.tolerance


def test_draws_of_elasticity_and_productivity(base: TradeBase, d_hat: np.ndarray) -> None:
    rng = np.random.default_rng(2)
    eps, made = rng.uniform(2, 8, B), rng.uniform(0.8, 1.3, (B, N))
    many = counterfactuals(base, Draws(d_hat=d_hat, epsilon=eps, productivity_hat=made))
    for k in (3, B - 3):
        other = trade_base(base.flows, epsilon=eps[k])
        one = counterfactual(other, d_hat=d_hat[k], productivity_hat=made[k])
        np.testing.assert_allclose(many.welfare_hat[k], one.welfare_hat, rtol=SAME)


def test_splitting_or_turning_a_batch_changes_no_answer(base: TradeBase, d_hat: np.ndarray) -> None:
    whole = counterfactuals(base, Draws(d_hat=d_hat))
    turned = counterfactuals(base, Draws(d_hat=d_hat[::-1]))
    part = counterfactuals(base, Draws(d_hat=d_hat[5:9]))
    np.testing.assert_allclose(turned.welfare_hat[::-1], whole.welfare_hat, rtol=SAME)
    np.testing.assert_allclose(part.welfare_hat, whole.welfare_hat[5:9], rtol=SAME)


def test_many_sectors_in_a_batch(base: TradeBase, d_hat: np.ndarray) -> None:
    eps = np.array([3.0, 5.0])
    draws = Draws(d_hat=d_hat[:2], epsilon=eps)
    for closure in CLOSURES:
        many = counterfactuals(base, draws, model="caliendo_parro", closure=closure)
        for k in range(2):
            other = trade_base(base.flows, epsilon=eps[k])
            one = counterfactual(other, d_hat=d_hat[k], closure=closure)
            np.testing.assert_allclose(many.welfare_hat[k], one.welfare_hat, rtol=1e-8)


class Guarded(np.ndarray):
    """An array of a library that has the functions of the standard and no other."""

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        del api_version
        return namespace()


def namespace() -> SimpleNamespace:
    found = {name: wrapped(getattr(np, name)) for name in STANDARD if name != "linalg"}
    solvers = {name: wrapped(getattr(np.linalg, name)) for name in ("solve", "inv")}
    return SimpleNamespace(**found, linalg=SimpleNamespace(**solvers))


def wrapped(function: Any) -> Any:
    def call(*args: Any, **options: Any) -> Any:
        done = function(*args, **options)
        return np.asarray(done).view(Guarded)

    return call


@pytest.mark.parametrize("model", ONE_SECTOR, ids=lambda model: model.name)
def test_kernels_ask_the_arrays_own_library(
    base: TradeBase, d_hat: np.ndarray, model: TradeModel
) -> None:
    there = counterfactuals(
        base, Draws(d_hat=d_hat.view(Guarded)), model=model, closure="multiplicative"
    )
    here = counterfactuals(base, Draws(d_hat=d_hat), model=model, closure="multiplicative")
    assert type(there.welfare_hat) is Guarded
    np.testing.assert_allclose(np.asarray(there.welfare_hat), here.welfare_hat, rtol=SAME)


def test_strict_array_library(base: TradeBase, d_hat: np.ndarray) -> None:
    strict = pytest.importorskip("array_api_strict", reason="array-api-strict is not installed")
    there = counterfactuals(base, Draws(d_hat=strict.asarray(d_hat)), closure="multiplicative")
    here = counterfactuals(base, Draws(d_hat=d_hat), closure="multiplicative")
    np.testing.assert_allclose(np.asarray(there.welfare_hat), here.welfare_hat, rtol=SAME)


BAD = [
    (Draws(), "none given"),
    (Draws(d_hat=np.ones((3, N, N)), epsilon=np.ones(2)), "numbers of scenarios"),
    (Draws(d_hat=np.ones((3, N, N + 1))), "has the shape"),
    (Draws(d_hat=np.zeros((3, N, N))), "not all are above zero"),
    (Draws(epsilon=np.array([4.0, -1.0])), "row 1, field epsilon"),
]


@pytest.mark.parametrize(("draws", "said"), BAD, ids=[said for _, said in BAD])
def test_wrong_draws_are_named(base: TradeBase, draws: Draws, said: str) -> None:
    with pytest.raises(InputError) as caught:
        counterfactuals(base, draws)
    assert said in str(caught.value)


def test_a_base_without_deficits_is_another_one_for_each_elasticity(base: TradeBase) -> None:
    with pytest.raises(InputError, match="another one for each elasticity"):
        counterfactuals(base, Draws(epsilon=np.array([3.0, 4.0])), closure="zero")


def test_a_scenario_that_is_not_solved_raises(base: TradeBase, d_hat: np.ndarray) -> None:
    with pytest.raises(NotConverged):
        counterfactuals(base, Draws(d_hat=d_hat), max_iterations=1)
