"""The engines that estimate: pyfixest, and fereg where it is installed.

An engine gets plain columns under neutral names and gives back arrays. Neither is imported before
the first estimation.
"""

from __future__ import annotations

import importlib
import importlib.util
import time
import warnings
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from kervan.core.errors import Fault, InputError, MissingExtra, NotConverged
from kervan.trade.gravity.sample import Sample

__all__ = ["ENGINES", "EngineFit", "choose_engine", "run_engine"]

Floats = npt.NDArray[np.float64]

ENGINES = ("fereg", "pyfixest")
"""Engines by speed; the first that is installed is taken."""

DEVIANCE = 1e-12
"""Relative change of the deviance at which iterations stop; estimates are right to its root."""

TOLERANCE = 1e-9
"""To which fixed effects are swept out. A looser one (pyfixest's own is 1e-6) lets the order in
which they are swept show in the seventh digit; pyfixest 0.60 takes it from the hash seed."""

MAX_ITERATIONS = 200


@dataclass(frozen=True)
class EngineFit:
    """What an engine gives back.

    Attributes
    ----------
    kept : tuple of int
        Positions of the covariates that are not collinear; -1 is the intercept.
    coefficients : (k,)
        Estimates.
    covariance : (k, k)
        Sandwich without any small-sample factor where there is at most one cluster variable; with
        G/(G-1), G the smallest number of clusters, where there are several.
    fitted : (n,)
        Fitted values in the unit of the engine's explained variable.
    engine : str
        Name and version.
    seconds : float
        Time the engine took.
    """

    kept: tuple[int, ...]
    coefficients: Floats
    covariance: Floats
    fitted: Floats
    engine: str
    seconds: float


def choose_engine(name: str = "auto") -> str:
    """Choose an engine.

    Parameters
    ----------
    name : {"auto", "pyfixest", "fereg"}
        What is wished; ``auto`` takes the fastest that is installed.

    Returns
    -------
    str
        Name of the engine.

    Raises
    ------
    InputError
        If there is no engine of that name.
    MissingExtra
        If it is not installed.
    """
    if name != "auto" and name not in ENGINES:
        remedy = f"use auto, {' or '.join(ENGINES)}"
        raise InputError([Fault("estimation", "", "engine", f"no engine '{name}'", remedy)])
    for engine in ENGINES if name == "auto" else (name,):
        if importlib.util.find_spec(engine) is not None:
            return engine
    raise MissingExtra("Estimation", "gravity")


def run_engine(
    sample: Sample, *, method: Literal["ppml", "ols"], clustered: bool, engine: str
) -> EngineFit:
    """Estimate a sample.

    Parameters
    ----------
    sample : Sample
        Numbers and codes, free of separated observations.
    method : {"ppml", "ols"}
        Estimator.
    clustered : bool
        Whether the sample's clusters count, or errors are only robust.
    engine : str
        Name of an installed engine.

    Returns
    -------
    EngineFit
        Estimates.

    Raises
    ------
    NotConverged
        If the engine reports that it stopped early.
    """
    module = importlib.import_module(engine)
    frame = _frame(sample)
    formula = _formula(sample)
    vcov: Any = "hetero"
    if clustered and sample.clusters:
        vcov = {"CRV1": "+".join(f"c{i}" for i in range(len(sample.clusters)))}
    several = clustered and len(sample.clusters) > 1
    ssc = module.ssc(k_adj=False, k_fixef="none", G_adj=several, G_df="min")
    options: dict[str, Any] = {"vcov": vcov, "ssc": ssc, "fixef_rm": "none", "copy_data": False}
    if method == "ppml":
        options |= {"iwls_tol": DEVIANCE, "iwls_maxiter": MAX_ITERATIONS, "separation_check": []}
    if engine == "pyfixest":
        options["demeaner"] = module.MapDemeaner(fixef_tol=TOLERANCE)
    else:
        options["fixef_tol"] = TOLERANCE
    began = time.perf_counter()
    fit = _call(module, "fepois" if method == "ppml" else "feols", formula, frame, options)
    seconds = time.perf_counter() - began
    return _result(fit, sample, module, seconds)


def _frame(sample: Sample) -> pd.DataFrame:
    columns: dict[str, npt.NDArray[Any]] = {"y": sample.value}
    columns |= {f"x{i}": column for i, column in enumerate(sample.covariates.T)}
    columns |= {f"f{i}": codes for i, codes in enumerate(sample.effects)}
    columns |= {f"c{i}": codes for i, codes in enumerate(sample.clusters)}
    return pd.DataFrame(columns)


def _formula(sample: Sample) -> str:
    right = " + ".join(f"x{i}" for i in range(sample.covariates.shape[1])) or "1"
    effects = " + ".join(f"f{i}" for i in range(len(sample.effects)))
    return f"y ~ {right}" + (f" | {effects}" if effects else "")


def _call(
    module: ModuleType, verb: str, formula: str, frame: pd.DataFrame, options: dict[str, Any]
) -> Any:
    with warnings.catch_warnings():
        # collinear covariates are reported from the names that come back; what the engines' own
        # code calls that pandas deprecates is no matter of the user's
        for category in (UserWarning, DeprecationWarning, FutureWarning):
            warnings.simplefilter("ignore", category)
        try:
            return getattr(module, verb)(formula, data=frame, **options)
        except _stopped(module) as error:
            raise NotConverged(f"{module.__name__} stopped early: {error}") from error
        except (ValueError, np.linalg.LinAlgError) as error:
            remedy = "see which covariates vary within the fixed effects"
            fault = Fault("estimation", "", formula, f"{module.__name__} says: {error}", remedy)
            raise InputError([fault]) from error


def _stopped(module: ModuleType) -> tuple[type[Exception], ...]:
    """Give the errors by which an engine says that it stopped early."""
    if module.__name__ == "pyfixest":
        return (RuntimeError, importlib.import_module("pyfixest.errors").NonConvergenceError)
    return (RuntimeError,)


def _result(fit: Any, sample: Sample, module: ModuleType, seconds: float) -> EngineFit:
    names = [str(name) for name in fit.coef().index]
    kept = tuple(int(name[1:]) if name.startswith("x") else -1 for name in names)
    fitted = np.asarray(fit.predict(type="response"), dtype=np.float64).ravel()
    if len(fitted) != len(sample.value):
        lost = len(sample.value) - len(fitted)
        raise NotConverged(f"{module.__name__} left {lost} rows out that it was to use", fit)
    return EngineFit(
        kept=kept,
        coefficients=fit.coef().to_numpy(dtype=np.float64),
        covariance=np.asarray(fit._vcov, dtype=np.float64),
        fitted=fitted,
        engine=f"{module.__name__} {module.__version__}",
        seconds=seconds,
    )
