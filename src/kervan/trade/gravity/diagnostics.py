"""Questions to a fitted gravity equation: its form, and what the pair effects leave to estimate."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import special

from kervan.core.errors import Fault, InputError
from kervan.trade.gravity.estimate import estimate_sample
from kervan.trade.gravity.fit import GravityFit
from kervan.trade.gravity.pairs import symmetric_pairs
from kervan.trade.gravity.sample import draw_sample
from kervan.trade.gravity.specification import Specification, Term

__all__ = ["ResetTest", "pair_variation", "reset_test"]

SQUARE = "squared index"


@dataclass(frozen=True)
class ResetTest:
    """Outcome of the RESET test.

    Attributes
    ----------
    z : float
        Coefficient of the squared index over its standard error; standard normal where the form is
        right.
    p : float
        Probability of so large a value, in [0, 1]; small values speak against the form.
    """

    z: float
    p: float


def reset_test(fit: GravityFit, data: pd.DataFrame) -> ResetTest:
    """Test the form of a gravity equation by adding the square of its index.

    Parameters
    ----------
    fit : GravityFit
        Fitted equation.
    data : pandas.DataFrame
        The table it was estimated on.

    Returns
    -------
    ResetTest
        Test of a zero coefficient of the square, with the errors of the fit's convention.

    Notes
    -----
    Eq. (G9), as in [1]_: the index is z'b with the fixed effects, so the logarithm of fitted
    trade. Departure: it is centred and scaled before it is squared, which leaves the test as it is
    where there is an intercept or effect, and keeps large trade from overflowing.

    References
    ----------
    .. [1] Santos Silva and Tenreyro (2006), The Log of Gravity, Review of Economics and
       Statistics 88(4).
    """
    spec = fit.specification
    sample = draw_sample(data, spec)
    position = np.searchsorted(sample.rows, fit.rows)
    used = sample.keep(np.isin(np.arange(len(sample.rows)), position))
    index = fit.fitted if spec.value.logged else np.log(fit.fitted)
    square = ((index - index.mean()) / index.std()) ** 2
    kept = [i for i, term in enumerate(spec.covariates) if str(term) in fit.names]
    covariates = np.column_stack([used.covariates[:, kept], square])
    terms = (*(spec.covariates[i] for i in kept), Term(SQUARE))
    wider = replace(spec, covariates=terms)
    engine = fit.engine.split()[0]
    again = estimate_sample(replace(used, covariates=covariates), wider, engine=engine)
    if SQUARE not in again.names:
        remedy = "the covariates take too few values for this test"
        raise InputError([Fault("reset", "", str(spec), "the square is collinear", remedy)])
    z = again.coefficient(SQUARE) / again.standard_error(SQUARE)
    return ResetTest(z, float(2 * special.ndtr(-abs(z))))


def pair_variation(data: pd.DataFrame, specification: Specification) -> pd.DataFrame:
    """Say what pair effects leave of each covariate.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per flow.
    specification : Specification
        Covariates, exporter and importer.

    Returns
    -------
    pandas.DataFrame
        One row per covariate: pairs, pairs_changing (pairs in which it takes more than one value:
        with pair effects only these identify it), pairs_nonzero, and remark: ``absorbed`` where no
        pair changes, ``one pair`` where a single pair carries it (its effect is then that pair's
        own), else empty.
    """
    sample = draw_sample(data, replace(specification, cluster=()))
    rows = data.iloc[sample.rows]
    pairs = symmetric_pairs(rows[specification.exporter], rows[specification.importer])
    groups = pd.DataFrame(sample.covariates).groupby(pairs.to_numpy())
    changing = (groups.max() - groups.min()) > 0
    nonzero = groups.max().ne(0) | groups.min().ne(0)
    table = pd.DataFrame(
        {
            "covariate": [str(term) for term in specification.covariates],
            "pairs": len(changing),
            "pairs_changing": changing.sum().to_numpy(),
            "pairs_nonzero": nonzero.sum().to_numpy(),
        }
    )
    table["remark"] = ""
    table.loc[table["pairs_changing"] == 0, "remark"] = "absorbed"
    table.loc[table["pairs_nonzero"] == 1, "remark"] = "one pair"
    return table
