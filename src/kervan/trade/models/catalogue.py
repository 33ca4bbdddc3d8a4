"""What a model is: a frozen value; the closures of deficits are another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeVar

from kervan.core.errors import Fault, InputError, NameNotFound

Response = Literal["fixed", "shares", "supply"]
Kind = TypeVar("Kind")


@dataclass(frozen=True)
class TradeModel:
    """One way in which incomes answer to prices.

    Attributes
    ----------
    name : str
        Key in the registry.
    response : str
        ``fixed``: output and spending stay at base, only prices and flows answer. ``shares``: the
        same prices, and incomes read off them afterwards. ``supply``: output answers to prices and
        every market clears.
    psi : float, unitless
        Supply elasticity: output is in proportion to (price / consumer price) to the power psi;
        zero for a fixed endowment. NaN where it must be given.
    many : bool
        Whether it has sectors, inputs and tariffs.
    title : str
        In words.
    source : str
        The work it comes from.
    """

    name: str
    response: Response
    psi: float
    many: bool
    title: str
    source: str


@dataclass(frozen=True)
class Closure:
    """What becomes of a country's deficit.

    Attributes
    ----------
    name : str
        Key in the registry.
    additive : bool
        Deficits are amounts (else ratios of spending to income).
    rebase : bool
        Deficits are first taken to zero, and the shock starts from that base.
    title : str
        In words.
    """

    name: str
    additive: bool
    rebase: bool
    title: str


MODELS: Mapping[str, TradeModel] = MappingProxyType(
    {
        model.name: model
        for model in (
            TradeModel("conditional", "fixed", 0.0, False,
                       "conditional equilibrium: output and spending of every country stay",
                       "Anderson and van Wincoop (2003)"),
            TradeModel("fixed_expenditure_share", "shares", 0.0, False,
                       "world shares of output and spending stay while prices are found, incomes"
                       " follow from the prices: markets do not clear (gegravity's 'full' GE)",
                       "Herman (2021), gegravity"),
            TradeModel("armington", "supply", 0.0, False,
                       "full endowment equilibrium: quantities stay, prices clear every market",
                       "Anderson and van Wincoop (2003); Yotov et al. (2016)"),
            TradeModel("eaton_kortum", "supply", 0.0, False,
                       "Ricardian trade, one sector: the same equations as armington, wages for"
                       " prices", "Eaton and Kortum (2002)"),
            TradeModel("universal_gravity", "supply", float("nan"), False,
                       "output answers to prices with the elasticity psi",
                       "Allen, Arkolakis and Takahashi (2020)"),
            TradeModel("caliendo_parro", "supply", 0.0, True,
                       "many sectors with inputs, tariffs and their revenue",
                       "Caliendo and Parro (2015)"),
        )
    }
)  # fmt: skip
"""All models by name."""

CLOSURES: Mapping[str, Closure] = MappingProxyType(
    {
        closure.name: closure
        for closure in (
            Closure("additive", True, False,
                    "each deficit stays the same share of world factor income"),
            Closure("multiplicative", False, False,
                    "each ratio of spending to income stays, times one scalar of the world"),
            Closure("zero", True, True,
                    "deficits are taken to zero first; the shock starts from there"),
        )
    }
)  # fmt: skip
"""All closures of deficits by name."""


def universal_gravity(psi: float) -> TradeModel:
    """Give the universal gravity model its supply elasticity.

    Parameters
    ----------
    psi : unitless, >= 0
        Supply elasticity.

    Returns
    -------
    TradeModel
        The model.
    """
    plain = MODELS["universal_gravity"]
    return TradeModel(plain.name, plain.response, float(psi), plain.many, plain.title, plain.source)


def find_model(model: str | TradeModel) -> TradeModel:
    """Find a model by name; a model is given back.

    Parameters
    ----------
    model : str or TradeModel
        Name or value.

    Returns
    -------
    TradeModel
        The model.

    Raises
    ------
    NameNotFound
        If there is none of that name.
    InputError
        If its supply elasticity is missing or negative.
    """
    found = model if isinstance(model, TradeModel) else _find(MODELS, model, "model")
    if not (0.0 <= found.psi < float("inf")):
        remedy = "give universal_gravity(psi=…), zero or more"
        problem = f"supply elasticity is {found.psi:g}"
        raise InputError([Fault("counterfactual", found.name, "psi", problem, remedy)])
    return found


def find_closure(name: str) -> Closure:
    """Find a closure by name.

    Parameters
    ----------
    name : str
        Name of the closure.

    Returns
    -------
    Closure
        The closure.

    Raises
    ------
    NameNotFound
        If there is none of that name.
    """
    return _find(CLOSURES, name, "closure")


def _find(table: Mapping[str, Kind], name: str, what: str) -> Kind:
    if name in table:
        return table[name]
    fault = Fault("counterfactual", name, what, f"unknown {what}", f"one of {', '.join(table)}")
    raise NameNotFound([fault])
