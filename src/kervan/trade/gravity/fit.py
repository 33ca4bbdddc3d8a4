"""A fitted gravity equation, as one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from kervan.core.results import Provenance
from kervan.trade.gravity.pairs import DomesticTrade
from kervan.trade.gravity.specification import Specification

__all__ = ["GravityFit"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class GravityFit:
    """Coefficients, their covariance and the fitted trade of a gravity equation.

    Attributes
    ----------
    specification : Specification
        What was estimated.
    names : tuple of str
        Names of the coefficients, ``(intercept)`` among them without fixed effects.
    coefficients : (k,)
        Estimates; per unit of each covariate, of the logarithm of trade.
    covariance : (k, k)
        Covariance of the estimates under the convention `errors`.
    rows : (n,) int
        Positions, in the table given, of the rows used.
    value, fitted : (n,) trade's unit
        Trade and fitted trade of the rows used (logarithms where those are explained).
    separated : (m,) int
        Positions of the rows that no estimate exists for (see `find_separated`).
    separated_by : (m,) str
        ``effect`` or ``combination``.
    collinear : tuple of str
        Covariates that the others and the fixed effects explain fully; they have no coefficient.
    zeros_left_out : int
        Rows without a logarithm that least squares could not use.
    effects : mapping of str to int
        Number of levels of each fixed effect.
    clusters : mapping of str to int
        Number of clusters by variable.
    errors : str
        Convention of the standard errors, in words.
    domestic : DomesticTrade or None
        What the sample holds of sales at home.
    pseudo_r2 : float
        Squared correlation of trade and fitted trade, in [0, 1].
    engine : str
        Engine and its version.
    engine_s : float
        Seconds the engine took.
    provenance : Provenance
        Hash of the inputs, options, claims.
    """

    specification: Specification
    names: tuple[str, ...]
    coefficients: Floats
    covariance: Floats
    rows: npt.NDArray[np.int64]
    value: Floats
    fitted: Floats
    separated: npt.NDArray[np.int64]
    separated_by: npt.NDArray[np.str_]
    collinear: tuple[str, ...]
    zeros_left_out: int
    effects: Mapping[str, int]
    clusters: Mapping[str, int]
    errors: str
    domestic: DomesticTrade | None
    pseudo_r2: float
    engine: str
    engine_s: float
    provenance: Provenance = field(repr=False)

    def __repr__(self) -> str:
        """Write the formula and the coefficients."""
        told = ", ".join(
            f"{name} {value:.4f} ({se:.4f})"
            for name, value, se in zip(
                self.names, self.coefficients, self.standard_errors, strict=True
            )
        )
        return f"GravityFit({self.specification}: {told}; {len(self.rows)} rows)"

    @property
    def standard_errors(self) -> Floats:
        """Return the (k,) standard errors."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    def coefficient(self, name: str) -> float:
        """Return one coefficient; a name that has none raises KeyError."""
        return float(self.coefficients[self._position(name)])

    def standard_error(self, name: str) -> float:
        """Return one standard error; a name that has none raises KeyError."""
        return float(self.standard_errors[self._position(name)])

    def _position(self, name: str) -> int:
        if name not in self.names:
            raise KeyError(f"no coefficient '{name}'; there are {', '.join(self.names)}")
        return self.names.index(name)

    def table(self, level: float = 0.95) -> pd.DataFrame:
        """Lay out the coefficients.

        Parameters
        ----------
        level : float
            Level of the confidence interval, in (0, 1).

        Returns
        -------
        pandas.DataFrame
            One row per coefficient: estimate, se, z, p, low, high; normal quantiles.
        """
        se = self.standard_errors
        z = np.divide(self.coefficients, se, out=np.full(len(se), np.nan), where=se > 0)
        half = special.ndtri(0.5 + level / 2) * se
        columns = {
            "estimate": self.coefficients,
            "se": se,
            "z": z,
            "p": 2 * special.ndtr(-np.abs(z)),
            "low": self.coefficients - half,
            "high": self.coefficients + half,
        }
        return pd.DataFrame(columns, index=pd.Index(self.names, name="term"))
