"""One call from a table to coefficients: against statsmodels, by hand, and what must not matter."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import linalg
from simulated import simulated

from kervan.core.errors import Infeasible, InputError, KervanError
from kervan.trade.gravity import (
    Specification,
    estimate_gravity,
    fit_table,
    pair_variation,
    read_specification,
    write_fits,
)

EQUAL = 1e-8
"""Asked for: the same coefficients as statsmodels' GLM."""
SAME = 1e-9
"""Units and names may move a result by rounding only."""
STEADY = 1e-8
"""Runs with other hash seeds; pyfixest's own errors with effects counted differ by percents."""
TWO_WAY = "trade ~ x + z | exporter + importer"


def full_rank(columns: np.ndarray, first: int) -> np.ndarray:
    """Keep the first columns and as many of the others as are independent of them."""
    _, triangle, order = linalg.qr(columns[:, first:], mode="economic", pivoting=True)
    size = np.abs(np.diag(triangle))
    kept = sorted(order[: int((size > 1e-9 * size[0]).sum())])
    return np.column_stack([columns[:, :first], columns[:, first:][:, kept]])


@pytest.mark.parametrize("engine", ["pyfixest", "fereg"])
@pytest.mark.parametrize("three_way", [False, True])
def test_coefficients_are_statsmodels(engine: str, three_way: bool) -> None:
    data = simulated(12, 3 if three_way else 1)
    keys = [data["exporter"], data["importer"]]
    formula = TWO_WAY
    if three_way:
        keys = [key + data["year"].astype(str) for key in keys] + [keys[0] + keys[1]]
        formula = "trade ~ x + z | exporter^year + importer^year + exporter^importer"
    fit = estimate_gravity(data, formula, engine=engine)
    used = data.iloc[fit.rows]
    dummies = [pd.get_dummies(key.iloc[fit.rows], dtype=float).to_numpy() for key in keys]
    design = full_rank(np.column_stack([used[["x", "z"]].to_numpy(), *dummies]), 2)
    model = sm.GLM(used["trade"] / used["trade"].mean(), design, family=sm.families.Poisson())
    expected = np.asarray(model.fit(tol=1e-14, maxiter=200).params)[:2]
    assert fit.coefficients == pytest.approx(expected, rel=EQUAL)


def test_robust_errors_are_statsmodels() -> None:
    data = simulated(12)
    fit = estimate_gravity(data, "trade ~ x + z", cluster=())
    design = sm.add_constant(data[["x", "z"]])
    model = sm.GLM(data["trade"], design, family=sm.families.Poisson())
    expected = model.fit(tol=1e-14, cov_type="HC0")
    n = len(data)
    wanted = expected.bse * np.sqrt(n / (n - 1))
    assert dict(zip(fit.names, fit.coefficients, strict=True)) == pytest.approx(
        {"x": expected.params["x"], "z": expected.params["z"],
         "(intercept)": expected.params["const"]}, rel=1e-7
    )  # fmt: skip
    assert fit.standard_error("x") == pytest.approx(wanted["x"], rel=1e-6)


def test_clustered_errors_by_hand() -> None:
    data = simulated(12, zeros=0.0)
    fit = estimate_gravity(data, TWO_WAY)
    used = data.iloc[fit.rows]
    keys = [pd.get_dummies(used[key], dtype=float).to_numpy() for key in ("exporter", "importer")]
    design = full_rank(np.column_stack([used[["x", "z"]].to_numpy(), *keys]), 2)
    bread = np.linalg.inv(design.T @ (fit.fitted[:, None] * design))
    score = design * (fit.value - fit.fitted)[:, None]
    pair = ["-".join(sorted(ends)) for ends in zip(used["exporter"], used["importer"], strict=True)]
    groups = pd.DataFrame(score).groupby(pair).sum().to_numpy()
    clusters = len(groups)
    covariance = bread @ groups.T @ groups @ bread * clusters / (clusters - 1)
    assert fit.covariance == pytest.approx(covariance[:2, :2], rel=1e-6)
    assert fit.clusters == {"pair": clusters} == {"pair": 66}


@pytest.mark.parametrize("method", ["ppml", "ols"])
@pytest.mark.parametrize("cluster", [(), ("pair",), ("exporter", "importer")])
def test_engines_agree(method: str, cluster: tuple[str, ...]) -> None:
    data = simulated(12, 2)
    left = "trade" if method == "ppml" else "log(trade)"
    formula = f"{left} ~ x + z | exporter^year + importer^year"
    one, two = (
        estimate_gravity(data, formula, method=method, cluster=cluster, engine=engine)
        for engine in ("pyfixest", "fereg")
    )
    assert one.coefficients == pytest.approx(two.coefficients, rel=EQUAL)
    limit = 1e-6 * float(one.covariance.max())
    assert one.covariance == pytest.approx(two.covariance, rel=1e-6, abs=limit)
    assert one.fitted == pytest.approx(two.fitted, rel=1e-6)
    assert one.engine.startswith("pyfixest")


SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
from simulated import simulated
from kervan.trade.gravity import estimate_gravity
data = simulated(12, 3)
formula = "trade ~ x + z | exporter^year + importer^year + pair"
fit = estimate_gravity(data, formula, engine="pyfixest")
print(*(float(se).hex() for se in fit.standard_errors))
"""


@pytest.mark.slow
def test_errors_do_not_depend_on_the_hash_seed() -> None:
    told = []
    for seed in ("0", "1", "2", "3"):
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(Path(__file__).parent)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=True, timeout=120,
        )  # fmt: skip
        told.append([float.fromhex(word) for word in done.stdout.split()])
    assert np.ptp(told, axis=0) / np.mean(told, axis=0) == pytest.approx(0.0, abs=STEADY)


def test_the_unit_of_trade_does_not_matter() -> None:
    data = simulated(12)
    one, two = (
        estimate_gravity(data.assign(trade=data["trade"] * unit), TWO_WAY) for unit in (1, 1e6)
    )
    assert two.coefficients == pytest.approx(one.coefficients, rel=SAME)
    assert two.standard_errors == pytest.approx(one.standard_errors, rel=SAME)
    assert two.fitted == pytest.approx(1e6 * one.fitted, rel=SAME)


def test_the_unit_moves_the_intercept_by_its_logarithm() -> None:
    data = simulated(12)
    one, two = (
        estimate_gravity(data.assign(trade=data["trade"] * unit), "trade ~ x + z")
        for unit in (1, 1e6)
    )
    moved = two.coefficient("(intercept)") - one.coefficient("(intercept)")
    assert moved == pytest.approx(np.log(1e6), rel=SAME)


def test_names_and_order_of_countries_do_not_matter() -> None:
    data = simulated(12)
    other = {name: f"X{99 - int(name[1:])}" for name in data["exporter"].unique()}
    renamed = data.assign(
        exporter=data["exporter"].map(other), importer=data["importer"].map(other)
    )
    shuffled = renamed.sample(frac=1.0, random_state=3)
    one, two = estimate_gravity(data, TWO_WAY), estimate_gravity(shuffled, TWO_WAY)
    assert two.coefficients == pytest.approx(one.coefficients, rel=SAME)
    assert two.standard_errors == pytest.approx(one.standard_errors, rel=SAME)


def test_two_way_effects_reproduce_totals() -> None:
    data = simulated(12, home=True)
    fit = estimate_gravity(data, TWO_WAY)
    made = data.iloc[fit.rows].assign(fitted=fit.fitted)
    for side in ("exporter", "importer"):
        sums = made.groupby(side)[["trade", "fitted"]].sum()
        assert sums["fitted"].to_numpy() == pytest.approx(sums["trade"].to_numpy(), rel=1e-6)


def test_a_country_without_trade_is_separated() -> None:
    data = simulated(12)
    idle = simulated(13).query("exporter == 'C12' or importer == 'C12'").assign(trade=0.0)
    wider = pd.concat([data, idle], ignore_index=True)
    one, two = estimate_gravity(data, TWO_WAY), estimate_gravity(wider, TWO_WAY)
    assert sorted(two.separated) == list(range(len(data), len(wider)))
    assert set(two.separated_by) == {"effect"}
    assert two.coefficients == pytest.approx(one.coefficients, rel=SAME)
    assert two.standard_errors == pytest.approx(one.standard_errors, rel=SAME)


def test_a_covariate_that_only_zeros_have_separates_them() -> None:
    data = simulated(12, zeros=0.0)
    data.loc[:4, "trade"] = 0.0
    data["war"] = (data.index <= 4).astype(float)
    fit = estimate_gravity(data, "trade ~ x + war | exporter + importer")
    assert fit.separated.tolist() == [0, 1, 2, 3, 4]
    assert set(fit.separated_by) == {"combination"}
    assert fit.collinear == ("war",)
    clean = estimate_gravity(data[5:], "trade ~ x | exporter + importer")
    assert fit.coefficient("x") == pytest.approx(clean.coefficient("x"), rel=SAME)


def test_every_fault_of_the_data_is_named_at_once() -> None:
    data = simulated(6)
    data.loc[3, "trade"] = -1.0
    data.loc[4, "x"] = np.nan
    data["word"] = "much"
    data = pd.concat([data, data.iloc[[0]]], ignore_index=True)
    with pytest.raises(InputError) as caught:
        estimate_gravity(data, "trade ~ x + word + log(z) | exporter + importer")
    told = {(fault.field, fault.row) for fault in caught.value.faults}
    assert ("trade", "3") in told
    assert ("x", "4") in told
    assert ("word", "") in told
    assert ("", "30") in told
    assert any(field == "log(z)" for field, _ in told)
    with pytest.raises(InputError, match="there is no such column"):
        estimate_gravity(data, "trade ~ distance | exporter + importer")


@pytest.mark.parametrize(
    ("formula", "options"),
    [
        ("trade x", {}),
        ("log(trade) ~ x", {}),
        ("trade ~ x + x", {}),
        ("trade ~ x * z", {}),
        ("trade ~ x | a | b", {}),
        ("trade ~ x", {"method": "tobit"}),
        ("trade ~ x", {"clusters": "pair"}),
        ("trade ~ x", {"cluster": 3}),
    ],
)
def test_a_formula_that_cannot_be_meant_is_refused(
    formula: str, options: dict[str, object]
) -> None:
    with pytest.raises(InputError):
        Specification.parse(formula, **options)


def test_nothing_to_estimate() -> None:
    data = simulated(6)
    with pytest.raises(Infeasible):
        estimate_gravity(data.assign(trade=0.0), TWO_WAY)
    with pytest.raises(InputError, match=r"collinear|explained fully"):
        size = data["exporter"].str[1:].astype(float)
        estimate_gravity(data.assign(size=size), "trade ~ size | exporter + importer")
    with pytest.raises(KervanError, match="no engine"):
        estimate_gravity(data, TWO_WAY, engine="abacus")


def test_a_specification_reads_from_toml(tmp_path: Path) -> None:
    file = tmp_path / "gravity.toml"
    file.write_text(f'formula = "{TWO_WAY}"\ncluster = ["exporter", "importer"]\n', "utf-8")
    spec = read_specification(file)
    assert spec == Specification.parse(TWO_WAY, cluster=("exporter", "importer"))
    assert str(spec) == TWO_WAY
    assert estimate_gravity(simulated(8), spec).clusters == {"exporter": 8, "importer": 8}
    file.write_text('formul = "x"', "utf-8")
    with pytest.raises(InputError, match="is missing"):
        read_specification(file)


def test_domestic_trade_and_pair_variation() -> None:
    data = simulated(8, 2, home=True)
    data = data[~((data["exporter"] == "C03") & (data["importer"] == "C03"))]
    data = data.assign(fixed=(data["importer"] == "C01") * 1.0)
    data["single"] = ((data["exporter"] == "C00") & (data["importer"] == "C05")) * 1.0
    fit = estimate_gravity(data, TWO_WAY)
    assert fit.domestic is not None
    assert fit.domestic.without == ("C03",)
    assert fit.domestic.coverage == "some"
    spec = replace(fit.specification, covariates=Specification.parse(
        "trade ~ x + fixed + single").covariates)  # fmt: skip
    table = pair_variation(data, spec).set_index("covariate")
    assert table.loc["x", "pairs_changing"] == table.loc["x", "pairs"] == 35
    assert table["remark"].to_dict() == {"x": "", "fixed": "", "single": "one pair"}


def test_tables_hold_estimates_and_errors() -> None:
    data = simulated(8)
    fits = {"a": estimate_gravity(data, TWO_WAY), "b": estimate_gravity(data, "trade ~ x")}
    table = fit_table(fits, digits=2, lang="tr")
    written = f"{fits['a'].coefficient('x'):.2f}".replace(".", ",")
    assert table.loc["x", "a"] == written
    assert "| z |" in write_fits(fits, "markdown")
    latex = write_fits(fits, "latex")
    assert latex.startswith(r"\begin{tabular}{lrr}")
    assert latex.count("&") == 2 * (len(table) + 1)
    assert len(write_fits(fits, "csv").splitlines()) == len(table) + 1
    with pytest.raises(InputError):
        write_fits(fits, "word")
