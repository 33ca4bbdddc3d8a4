"""Identities that any counterfactual must meet."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from kervan.core.errors import NameNotFound, NotConverged
from kervan.trade import (
    CLOSURES,
    MODELS,
    Equilibrium,
    TradeBase,
    TradeModel,
    counterfactual,
    in_prices_of,
    trade_base,
    universal_gravity,
)

PSI = 0.6
ALL_MODELS = [universal_gravity(PSI) if name == "universal_gravity" else model
              for name, model in MODELS.items()]  # fmt: skip
CLEARING = [model for model in ALL_MODELS if model.response == "supply"]
FINE = 1e-12
"""Tolerance asked of the solver; hats agree to about ten times that."""
NEAR = 2e-10

few = settings(max_examples=25, deadline=None)
seeds = st.integers(0, 10_000)


def by_name(model: TradeModel) -> str:
    return model.name


def world(seed: int, n: int = 5, *, balanced: bool = False) -> TradeBase:
    """Make a world of one sector with large home markets."""
    rng = np.random.default_rng(seed)
    flows = rng.lognormal(sigma=0.7, size=(n, n)) + np.diag(rng.uniform(3, 12, n))
    if balanced:
        flows = (flows + flows.T) / 2
    return trade_base(flows, epsilon=float(rng.uniform(2, 7)))


def industrial_world(seed: int, n: int = 4, s: int = 3) -> TradeBase:
    """Make a world of sectors, inputs and tariffs that is an equilibrium by its final shares."""
    rng = np.random.default_rng(seed)
    flows = rng.lognormal(sigma=0.5, size=(n, n, s))
    flows += np.eye(n)[:, :, None] * rng.uniform(6, 12, size=(n, 1, s))
    tariff = rng.uniform(0, 0.3, size=(n, n, s)) * (1 - np.eye(n))[:, :, None]
    io = rng.uniform(0, 0.25, size=(n, s, s))
    return trade_base(flows, epsilon=rng.uniform(2, 7, s), tariff=tariff, io_shares=io)


def costs(seed: int, n: int = 5, *, size: float = 0.15) -> np.ndarray:
    return np.exp(size * np.random.default_rng(seed + 1).normal(size=(n, n)))


def hats(found: Equilibrium) -> list[xr.DataArray]:
    return [found.wage_hat, found.price_hat, found.price_index_hat, found.income_hat,
            found.expenditure_hat, found.welfare_hat, found.trade_hat]  # fmt: skip


@pytest.mark.parametrize("closure", CLOSURES)
@pytest.mark.parametrize("model", ALL_MODELS, ids=by_name)
def test_no_shock_no_change(model: TradeModel, closure: str) -> None:
    found = counterfactual(world(3), model=model, closure=closure, tolerance=1e-13)
    for hat in hats(found):
        np.testing.assert_allclose(hat, 1.0, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.decomposition["total"], 0.0, atol=1e-12)


@pytest.mark.parametrize("closure", ["additive", "multiplicative"])
def test_no_shock_no_change_with_inputs_and_tariffs(closure: str) -> None:
    found = counterfactual(industrial_world(1), model="caliendo_parro", closure=closure)
    for hat in hats(found):
        np.testing.assert_allclose(hat, 1.0, rtol=0, atol=1e-12)


@few
@given(seed=seeds, closure=st.sampled_from(list(CLOSURES)))
def test_many_sectors_with_one_equal_one_sector(seed: int, closure: str) -> None:
    base, shock = world(seed), costs(seed)
    made = np.random.default_rng(seed + 2).uniform(0.9, 1.2, 5)
    both = [
        counterfactual(base, d_hat=shock, productivity_hat=made, closure=closure, model=model,
                       tolerance=FINE)
        for model in ("armington", "caliendo_parro")
    ]  # fmt: skip
    for one, many in zip(hats(both[0]), hats(both[1]), strict=True):
        np.testing.assert_allclose(one, many, rtol=NEAR)
    xr.testing.assert_allclose(both[0].decomposition, both[1].decomposition, rtol=0, atol=NEAR)


@few
@given(seed=seeds)
def test_welfare_is_the_home_share_where_trade_balances(seed: int) -> None:
    """Arkolakis, Costinot and Rodríguez-Clare (2012): W_hat = (home share hat)^(-1/ε)."""
    base, shock = world(seed, balanced=True), costs(seed)
    np.fill_diagonal(shock, 1.0)
    found = counterfactual(base, d_hat=shock, closure="zero", tolerance=FINE)
    share = [
        np.diagonal(flows.to_numpy()[:, :, 0]) / flows.to_numpy()[:, :, 0].sum(axis=0)
        for flows in (found.base.flows, found.trade_cf)
    ]
    expected = (share[1] / share[0]) ** (-1 / float(base.epsilon[0]))
    np.testing.assert_allclose(found.welfare_hat, expected, rtol=NEAR)


@few
@given(seed=seeds, closure=st.sampled_from(["additive", "multiplicative"]))
def test_units_and_numeraire_do_not_matter(seed: int, closure: str) -> None:
    base, shock = world(seed), costs(seed)
    other = trade_base(base.flows * 1e6, epsilon=base.epsilon.to_numpy())
    found = counterfactual(base, d_hat=shock, closure=closure, tolerance=FINE)
    scaled = counterfactual(other, d_hat=shock, closure=closure, tolerance=FINE)
    for one, two in zip(hats(found), hats(scaled), strict=True):
        np.testing.assert_allclose(one, two, rtol=NEAR)
    money = in_prices_of(found, "c2")
    assert float(money.price_index_hat.sel(country="c2")) == pytest.approx(1.0)
    xr.testing.assert_identical(money.welfare_hat, found.welfare_hat)
    np.testing.assert_allclose(money.real_wage_hat, found.real_wage_hat, rtol=1e-14)


@few
@given(seed=seeds, model=st.sampled_from(CLEARING), closure=st.sampled_from(list(CLOSURES)))
def test_world_income_is_conserved_and_markets_clear(
    seed: int, model: TradeModel, closure: str
) -> None:
    found = counterfactual(world(seed), d_hat=costs(seed), model=model, closure=closure)
    base = found.base
    income = base.value_added * found.income_hat.to_numpy()
    assert income.sum() == pytest.approx(base.value_added.sum(), rel=1e-9)
    flows = found.trade_cf.to_numpy()[:, :, 0]
    np.testing.assert_allclose(flows.sum(axis=1), income, rtol=1e-9)
    spent = base.income * found.expenditure_hat.to_numpy()
    np.testing.assert_allclose(flows.sum(axis=0), spent, rtol=1e-9)


@few
@given(seed=seeds)
def test_conditional_equilibrium_keeps_output_and_spending(seed: int) -> None:
    base = world(seed)
    found = counterfactual(base, d_hat=costs(seed), model="conditional")
    flows = found.trade_cf.to_numpy()[:, :, 0]
    np.testing.assert_allclose(flows.sum(axis=1), base.output[:, 0], rtol=1e-9)
    np.testing.assert_allclose(flows.sum(axis=0), base.imports[:, 0], rtol=1e-9)


@few
@given(seed=seeds, closure=st.sampled_from(["additive", "multiplicative"]))
def test_many_sectors_clear_every_market(seed: int, closure: str) -> None:
    base = industrial_world(seed)
    tariff = base.tariff.to_numpy() * 0.4
    found = counterfactual(
        base, tariff_cf=tariff, d_hat=costs(seed, 4), model="caliendo_parro", closure=closure
    )
    net = found.trade_cf.to_numpy()
    made, paid = net.sum(axis=1), net.sum(axis=0)
    factors = (base.value_added_shares.to_numpy() * made).sum(axis=1)
    np.testing.assert_allclose(factors, base.value_added * found.wage_hat, rtol=1e-8)
    used = np.einsum("nks,ns->nk", base.io_shares.to_numpy(), made)
    final = base.final_shares.to_numpy() * (base.income * found.expenditure_hat.to_numpy())[:, None]
    np.testing.assert_allclose(paid + (tariff * net).sum(axis=0), used + final, rtol=1e-8)
    assert factors.sum() == pytest.approx(base.value_added.sum(), rel=1e-9)
    deficit = (paid - made).sum(axis=1)
    if closure == "additive":
        np.testing.assert_allclose(deficit, base.deficit, atol=1e-8 * factors.sum())


@pytest.mark.parametrize("closure", CLOSURES)
@pytest.mark.parametrize("model", ALL_MODELS, ids=by_name)
def test_symmetric_world_symmetric_answers(model: TradeModel, closure: str) -> None:
    n = 4
    base = trade_base(np.full((n, n), 5.0) + 60 * np.eye(n), epsilon=4.0)
    cheaper = np.where(np.eye(n) == 1, 1.0, 0.8)
    found = counterfactual(base, d_hat=cheaper, model=model, closure=closure, tolerance=FINE)
    welfare = found.welfare_hat.to_numpy()
    np.testing.assert_allclose(welfare, welfare[0], rtol=NEAR)
    phi = 65 / 80 + 15 / 80 * 0.8**-4
    power = 1 + model.psi
    np.testing.assert_allclose(welfare, phi ** (power / 4), rtol=NEAR)


@pytest.mark.parametrize("model", ALL_MODELS, ids=by_name)
def test_all_costs_up_leave_shares_and_lower_real_income_by_as_much(model: TradeModel) -> None:
    base = world(8)
    found = counterfactual(base, d_hat=1.25, model=model, closure="multiplicative")
    np.testing.assert_allclose(found.welfare_hat, 1.25 ** -(1 + model.psi), rtol=1e-9)
    np.testing.assert_allclose(found.trade_hat, 1.0, rtol=1e-9)


@few
@given(seed=seeds, order=st.permutations(range(5)))
def test_relabelling_changes_nothing(seed: int, order: list[int]) -> None:
    base, shock = world(seed), costs(seed)
    place = np.ix_(order, order)
    other = trade_base(base.flows.to_numpy()[place], epsilon=base.epsilon.to_numpy())
    found = counterfactual(base, d_hat=shock, tolerance=FINE)
    moved = counterfactual(other, d_hat=shock[place], tolerance=FINE)
    np.testing.assert_allclose(moved.welfare_hat, found.welfare_hat.to_numpy()[order], rtol=NEAR)


@pytest.mark.parametrize("closure", CLOSURES)
@pytest.mark.parametrize("model", ALL_MODELS, ids=by_name)
def test_first_order_parts_are_exact_for_a_small_shock(model: TradeModel, closure: str) -> None:
    step = 1e-5
    rng = np.random.default_rng(4)
    base = industrial_world(4, n=5) if model.many else world(4)
    made = np.exp(step * rng.normal(size=5))
    tariff = base.tariff.to_numpy() * (1 + step) if model.many else None
    found = counterfactual(
        base, d_hat=costs(4, size=step), productivity_hat=made, tariff_cf=tariff, model=model,
        closure=closure, tolerance=FINE,
    )  # fmt: skip
    exact = found.welfare_hat - 1
    assert float(np.abs(exact).max()) > step / 10
    np.testing.assert_allclose(found.decomposition["total"], exact, rtol=0, atol=30 * step**2)


def test_autarky_by_hand() -> None:
    """A closed pair trades nothing; the rest of the world stays joined through the third."""
    base = world(5, n=3, balanced=True)
    closed = np.ones((3, 3))
    closed[0, 1] = closed[1, 0] = np.inf
    found = counterfactual(base, d_hat=closed)
    assert found.trade_cf.to_numpy()[0, 1, 0] == 0.0
    assert found.trade_hat.to_numpy()[1, 0, 0] == 0.0
    assert (found.welfare_hat.to_numpy()[:2] < 1).all()


@pytest.mark.parametrize("model", ["armington", "caliendo_parro"])
def test_stopping_early_raises_with_the_last_iterate(model: str) -> None:
    with pytest.raises(NotConverged, match=r"residual .* asked for") as caught:
        counterfactual(world(6), d_hat=costs(6, size=0.5), model=model, max_iterations=1)
    assert np.isfinite(caught.value.last).all()


def test_a_world_where_newtons_steps_gain_nothing_is_solved_too() -> None:
    """Five countries, flows of very different size, an elasticity of 15 and costs that jump."""
    rng = np.random.default_rng(14)
    rng.integers(2, 25)
    rng.choice(5)
    flows = rng.lognormal(sigma=2, size=(5, 5)) + np.diag(rng.uniform(0.01, 30, 5))
    flows[rng.random((5, 5)) < 0.3 * (1 - np.eye(5))] = 0
    shock = np.exp(rng.choice([0.1, 0.5, 1.5]) * rng.normal(size=(5, 5)))
    np.fill_diagonal(shock, 1)
    base = trade_base(flows, epsilon=15.0)
    found = counterfactual(base, d_hat=shock, model="conditional")
    net = found.trade_cf.to_numpy()[:, :, 0]
    np.testing.assert_allclose(net.sum(axis=1), base.output[:, 0], rtol=1e-8)


def test_money_of_an_unknown_country_is_refused() -> None:
    found = counterfactual(world(1))
    with pytest.raises(NameNotFound, match="is not in the base"):
        in_prices_of(found, "XXX")


@pytest.mark.parametrize("what", ["d_hat", "productivity_hat"])
def test_the_hash_tells_shocks_apart(what: str) -> None:
    base = world(2)
    plain, other = counterfactual(base), counterfactual(base, **{what: 1.1})
    assert plain.provenance.inputs != other.provenance.inputs
    assert plain.provenance.options["closure"] == "additive"


def solved(psi: float, shock: np.ndarray) -> Callable[[], Equilibrium]:
    return lambda: counterfactual(world(7), d_hat=shock, model=universal_gravity(psi))


def test_universal_gravity_without_supply_response_is_armington() -> None:
    shock = costs(7)
    np.testing.assert_allclose(
        solved(0.0, shock)().welfare_hat,
        counterfactual(world(7), d_hat=shock).welfare_hat,
        rtol=1e-12,
    )


def test_universal_gravity_meets_its_own_equation() -> None:
    """The fixed point of Allen, Arkolakis and Takahashi (2020), as ge_gravity2 iterates it."""
    base, shock = world(7), costs(7)
    eps = float(base.epsilon[0])
    model = universal_gravity(PSI)
    found = counterfactual(base, d_hat=shock, model=model, closure="multiplicative", tolerance=FINE)
    flows = base.flows.to_numpy()[:, :, 0]
    price, index = found.wage_hat.to_numpy(), found.price_index_hat.to_numpy()
    made, spent = flows.sum(axis=1), flows.sum(axis=0)
    earned = price * (price / index) ** PSI
    xi = made.sum() / (earned * spent).sum()
    pull = flows / made[:, None] * shock**-eps
    right = xi * index**PSI * (pull @ (index ** (eps - PSI) * price ** (1 + PSI)))
    np.testing.assert_allclose(price ** (1 + eps + PSI), right, rtol=NEAR)
