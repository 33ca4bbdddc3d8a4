"""What is to be estimated: the explained variable, covariates, fixed effects and clusters."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

from kervan.core.errors import Fault, InputError

__all__ = ["PAIR", "Specification", "Term", "read_specification"]

PAIR = "pair"
"""Fixed effect or cluster that is made from exporter and importer where no column is so called."""

NAME = re.compile(r"\s*(?:log\(\s*([^\W\d][\w.]*)\s*\)|([^\W\d][\w.]*))\s*\Z")


@dataclass(frozen=True)
class Term:
    """A column of the data, as it is or as its natural logarithm."""

    column: str
    logged: bool = False

    def __str__(self) -> str:
        """Write the term as in a formula."""
        return f"log({self.column})" if self.logged else self.column


@dataclass(frozen=True)
class Specification:
    """One gravity regression, ready to be estimated.

    Attributes
    ----------
    value : Term
        Trade, in any unit; ``log(trade)`` only with ordinary least squares.
    covariates : tuple of Term
        Right-hand side beside the fixed effects.
    fixed_effects : tuple of tuple of str
        Each fixed effect is one column, or several that are crossed. ``pair`` is made by
        `symmetric_pairs` where the data have no such column.
    method : {"ppml", "ols"}
        Poisson pseudo-maximum likelihood, or ordinary least squares.
    cluster : tuple of str
        Columns standard errors are clustered by; empty for heteroskedasticity-robust ones.
    exporter, importer, time : str
        Names of the columns that identify a row; the last is used only where it is present.
    """

    value: Term
    covariates: tuple[Term, ...]
    fixed_effects: tuple[tuple[str, ...], ...] = ()
    method: Literal["ppml", "ols"] = "ppml"
    cluster: tuple[str, ...] = (PAIR,)
    exporter: str = "exporter"
    importer: str = "importer"
    time: str = "year"

    @classmethod
    def parse(cls, formula: str, **options: Any) -> Specification:
        """Read ``trade ~ covariate + log(covariate) | effect + effect^effect``.

        Parameters
        ----------
        formula : str
            Explained variable, covariates and, behind a bar, fixed effects; crossed ones are
            joined by ``^``.
        **options : object
            The other fields of the specification; `cluster` may be one name or several.

        Returns
        -------
        Specification
            The specification.

        Raises
        ------
        InputError
            If the formula or an option cannot be read; names every fault.

        Examples
        --------
        >>> spec = Specification.parse("trade ~ log(dist) + rta | exporter^year + importer^year")
        >>> [str(term) for term in spec.covariates], spec.fixed_effects
        (['log(dist)', 'rta'], (('exporter', 'year'), ('importer', 'year')))
        """
        faults: list[Fault] = []
        left, tilde, right = formula.partition("~")
        if not tilde or "|" in left or right.count("|") > 1:
            fault = _fault(formula, "", "is not of the form 'trade ~ x + z | effect + effect'")
            raise InputError([fault])
        regressors, _, effects = right.partition("|")
        value = _terms(left, formula, faults)
        covariates = _terms(regressors, formula, faults)
        crossed = tuple(
            tuple(str(term) for term in _terms(effect.replace("^", "+"), formula, faults))
            for effect in effects.split("+")
            if effects.strip()
        )
        if len(value) != 1:
            faults.append(_fault(formula, left.strip(), "is not one explained variable"))
        faults += _option_faults(options)
        if faults:
            raise InputError(faults)
        options["cluster"] = _names(options.get("cluster", (PAIR,)))
        spec = cls(value[0], covariates, crossed, **options)
        return spec._checked(formula)

    def _checked(self, where: str) -> Specification:
        faults = []
        if self.method not in {"ppml", "ols"}:
            faults.append(_fault(where, "method", f"'{self.method}' is neither ppml nor ols"))
        if self.method == "ppml" and self.value.logged:
            faults.append(_fault(where, str(self.value), "PPML explains trade, not its logarithm"))
        if len(set(self.covariates)) < len(self.covariates):
            faults.append(_fault(where, "", "a covariate stands twice"))
        if len(set(self.fixed_effects)) < len(self.fixed_effects):
            faults.append(_fault(where, "", "a fixed effect stands twice"))
        if faults:
            raise InputError(faults)
        return self

    def __str__(self) -> str:
        """Write the formula."""
        right = " + ".join(map(str, self.covariates)) or "1"
        effects = " + ".join("^".join(effect) for effect in self.fixed_effects)
        return f"{self.value} ~ {right}" + (f" | {effects}" if effects else "")

    def without(self, name: str) -> Specification:
        """Return the specification with one covariate fewer."""
        return replace(self, covariates=tuple(t for t in self.covariates if str(t) != name))


def read_specification(path: Path) -> Specification:
    """Read a specification from a TOML file.

    Parameters
    ----------
    path : Path
        File with ``formula`` and, where wanted, ``method``, ``cluster``, ``exporter``,
        ``importer`` and ``time``.

    Returns
    -------
    Specification
        The specification.

    Raises
    ------
    InputError
        If the file cannot be read or says something else.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        fault = Fault(str(path), "", "", f"cannot be read: {error}", "give a TOML file")
        raise InputError([fault]) from error
    formula = content.pop("formula", None)
    if not isinstance(formula, str):
        fault = Fault(str(path), "", "formula", "is missing", 'write formula = "trade ~ x | …"')
        raise InputError([fault])
    return Specification.parse(formula, **content)


def _terms(text: str, formula: str, faults: list[Fault]) -> tuple[Term, ...]:
    terms = []
    for part in text.split("+"):
        found = NAME.match(part)
        if found:
            terms.append(Term(found[1] or found[2], bool(found[1])))
        elif part.strip() != "1":
            faults.append(_fault(formula, part.strip(), "is neither a column nor log(column)"))
    return tuple(terms)


def _option_faults(options: Mapping[str, Any]) -> list[Fault]:
    known = {field.name for field in fields(Specification)}
    known -= {"value", "covariates", "fixed_effects"}
    return [
        Fault("specification", "", name, "is no option", f"use one of {', '.join(sorted(known))}")
        for name in options
        if name not in known
    ]


def _names(names: object) -> tuple[str, ...]:
    if isinstance(names, str):
        return (names,)
    if isinstance(names, list | tuple) and all(isinstance(name, str) for name in names):
        return tuple(names)
    fault = Fault("specification", "", "cluster", f"{names!r} is no name", "give column names")
    raise InputError([fault])


def _fault(formula: str, field: str, problem: str) -> Fault:
    return Fault("specification", formula, field, problem, "see docs/explanation/gravity.md")
