"""Three-way bias correction: the formula term by term, and what it does to simulated estimates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from simulated import three_way

from kervan.core.errors import InputError
from kervan.trade.gravity import correct_three_way, estimate_gravity

FORMULA = "trade ~ x | exporter^year + importer^year + exporter^importer"
SLOPE = 1.0


def naive(data: pd.DataFrame, fitted: np.ndarray) -> tuple[float, float]:
    """Bias and corrected variance, pair by pair and entry by entry, from the definitions."""
    data = data.assign(fitted=fitted)
    names = sorted(set(data["exporter"]))
    times = sorted(set(data["year"]))
    n, t = len(names), len(times)
    pairs = {}
    for (a, b), rows in data.sort_values("year").groupby(["exporter", "importer"]):
        mean, x = rows["fitted"].to_numpy(), rows["x"].to_numpy()
        total = mean.sum()
        share = mean / total
        hessian = total * (np.diag(share) - np.outer(share, share))
        third = np.zeros((t, t, t))
        for i in range(t):
            for j in range(t):
                for k in range(t):
                    third[i, j, k] = -total * (
                        (i == j == k) * share[i]
                        - (i == j) * share[i] * share[k]
                        - (i == k) * share[i] * share[j]
                        - (j == k) * share[i] * share[j]
                        + 2 * share[i] * share[j] * share[k]
                    )
        d = np.zeros((t, 2 * n * t))
        for s in range(t):
            d[s, names.index(a) * t + s] = 1
            d[s, (n + names.index(b)) * t + s] = 1
        score = rows["trade"].to_numpy() - share * rows["trade"].sum()
        pairs[a, b] = (x, hessian, third, score, d)
    effects = sum(d.T @ h @ d for _, h, _, _, d in pairs.values())
    pulled = sum(d.T @ h @ x for x, h, _, _, d in pairs.values())
    pseudo = np.linalg.pinv(effects, rcond=1e-10)
    within = {key: x - d @ pseudo @ pulled for key, (x, *_, d) in pairs.items()}
    weight = sum(within[key] @ pairs[key][1] @ within[key] for key in pairs)
    bias = 0.0
    for side in (0, 1):
        for name in names:
            mine = [key for key in pairs if key[side] == name]
            inverse = np.linalg.pinv(sum(pairs[key][1] for key in mine), rcond=1e-10)
            cross = sum(np.outer(pairs[key][1] @ within[key], pairs[key][3]) for key in mine)
            third = sum(np.einsum("tsr,t->sr", pairs[key][2], within[key]) for key in mine)
            outer = sum(np.outer(pairs[key][3], pairs[key][3]) for key in mine)
            bias += -np.trace(inverse @ cross)
            bias += 0.5 * np.trace(third @ inverse @ outer @ inverse)
    meat = 0.0
    for key, (_, h, _, score, d) in pairs.items():
        leverage = np.outer(h @ within[key], within[key]) / weight + h @ d @ pseudo @ d.T
        lifted = np.linalg.solve(np.eye(t) - leverage, np.outer(score, score))
        meat += within[key] @ lifted @ within[key]
    pairs_n = len(pairs)
    return bias / weight, meat / weight**2 * pairs_n / (pairs_n - 1)


def test_correction_is_the_sum_written_out() -> None:
    data = three_way(np.random.default_rng(5), 6, 3)
    fit = estimate_gravity(data, FORMULA)
    made = correct_three_way(fit, data)
    bias, variance = naive(data.iloc[fit.rows], fit.fitted)
    assert made.bias[0] == pytest.approx(bias, rel=1e-6)
    assert made.corrected_se[0] == pytest.approx(np.sqrt(variance), rel=1e-6)
    assert made.fit.coefficients[0] == pytest.approx(fit.coefficients[0] - bias, rel=1e-9)


def test_uncorrected_errors_are_those_of_the_fit() -> None:
    data = three_way(np.random.default_rng(6), 8, 2)
    data["directed"] = data["exporter"] + data["importer"]
    fit = estimate_gravity(data, FORMULA, cluster="directed")
    made = correct_three_way(fit, data)
    assert made.uncorrected_se == pytest.approx(fit.standard_errors, rel=1e-4)


def test_missing_pairs_and_home_sales_need_no_special_case() -> None:
    data = three_way(np.random.default_rng(7), 8, 3)
    gone = data.drop(index=data.index[::11])
    fit = estimate_gravity(gone, FORMULA)
    bias, _ = naive_of_unbalanced(gone, fit.rows, fit.fitted)
    assert correct_three_way(fit, gone).bias[0] == pytest.approx(bias, rel=1e-6)


def naive_of_unbalanced(
    data: pd.DataFrame, rows: np.ndarray, fitted: np.ndarray
) -> tuple[float, float]:
    """Fill the gaps with rows of vanishing mean, which carry no weight."""
    used = data.iloc[rows].assign(fitted=fitted)
    key = ["exporter", "importer", "year"]
    ends = used[["exporter", "importer"]].drop_duplicates()
    full = ends.merge(pd.DataFrame({"year": sorted(set(used["year"]))}), how="cross")
    full = full.merge(used, how="left", on=key)
    full = full.fillna({"trade": 0.0, "x": 0.0, "fitted": 1e-13})
    return naive(full, full["fitted"].to_numpy())


def test_bias_falls_and_errors_grow_where_countries_are_few() -> None:
    rng = np.random.default_rng(1)
    raw, corrected, plain_se, se = [], [], [], []
    for _ in range(100):
        data = three_way(rng, 12, 2)
        fit = estimate_gravity(data, FORMULA, cluster=())
        made = correct_three_way(fit, data)
        raw.append(fit.coefficients[0] - SLOPE)
        corrected.append(made.fit.coefficients[0] - SLOPE)
        plain_se.append(made.uncorrected_se[0])
        se.append(made.corrected_se[0])
    noise = np.std(raw) / np.sqrt(len(raw))
    assert np.mean(raw) > 2 * noise, "the design must have a bias to correct"
    assert abs(np.mean(corrected)) < np.mean(raw)
    assert np.mean(plain_se) < np.mean(se) < 1.2 * np.std(raw)
    covered = [np.mean(np.abs(raw) < 1.96 * np.array(plain_se)),
               np.mean(np.abs(corrected) < 1.96 * np.array(se))]  # fmt: skip
    assert covered[0] < covered[1]


def test_other_effects_are_refused() -> None:
    data = three_way(np.random.default_rng(2), 6, 2)
    fit = estimate_gravity(data, "trade ~ x | exporter^year + importer^year + pair")
    with pytest.raises(InputError, match="derived for"):
        correct_three_way(fit, data)
