"""Potential: predictions by fits that have not seen the flow."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from simulated import simulated

from kervan.core.errors import InputError, NameNotFound
from kervan.trade.gravity import (
    GravityFit,
    country_geography,
    cross_predict,
    estimate_gravity,
    potential,
    rank_partners,
)
from kervan.trade.gravity.crossfit import predict_without
from kervan.trade.gravity.sample import draw_sample

TWO_WAY = "trade ~ x + z | exporter + importer"


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return simulated(20, home=True)


def test_prediction_is_that_of_a_fit_without_the_pair(data: pd.DataFrame) -> None:
    fit = estimate_gravity(data, TWO_WAY)
    made = potential(fit, data, "C03", "C07")
    row = data[(data["exporter"] == "C03") & (data["importer"] == "C07")].iloc[0]
    # a dummy of the flow's own makes all other estimates those of a sample without it
    own = ((data["exporter"] == "C03") & (data["importer"] == "C07")).astype(float)
    other = data.assign(own=own, trade=data["trade"].where(own == 0, 3.0))
    dummy = estimate_gravity(other, "trade ~ x + z + own | exporter + importer")
    expected = 3.0 / np.exp(dummy.coefficient("own"))
    assert made.predicted == pytest.approx(expected, rel=1e-6)
    assert made.gap == pytest.approx(row["trade"] / expected - 1, rel=1e-5)
    assert len(made.without.rows) == len(data) - 1


def test_the_flow_itself_cannot_move_its_prediction(data: pd.DataFrame) -> None:
    here = (data["exporter"] == "C03") & (data["importer"] == "C07")
    made = []
    for trade in (0.0, 1e6):
        changed = data.assign(trade=data["trade"].where(~here, trade))
        fit = estimate_gravity(changed, TWO_WAY)
        made.append(potential(fit, changed, "C03", "C07"))
    assert made[0].predicted == pytest.approx(made[1].predicted, rel=1e-6)
    assert (made[0].gap, made[0].percentile) == (-1.0, 0.0)
    assert made[1].percentile > 90.0


def test_standard_error_of_the_expectation_by_subsampling(data: pd.DataFrame) -> None:
    fit = estimate_gravity(data, TWO_WAY, cluster=())
    made = potential(fit, data, "C03", "C07")
    rng = np.random.default_rng(0)
    logs = []
    for _ in range(60):  # subsamples of the rows
        drawn = data.iloc[rng.integers(0, len(data), len(data))]
        here = (drawn["exporter"] == "C03") & (drawn["importer"] == "C07")
        drawn = drawn[~here].drop_duplicates(["exporter", "importer"])
        asked = data[(data["exporter"] == "C03") & (data["importer"] == "C07")]
        logs.append(np.log(predicted_last(fit, pd.concat([drawn, asked]))))
    # drawing about 63 % of the rows without repetition spreads by sqrt(0.37 / 0.63)
    assert made.log_se == pytest.approx(np.std(logs) / np.sqrt(0.368 / 0.632), rel=0.35)


def predicted_last(fit: GravityFit, data: pd.DataFrame) -> float:
    """Predict the last row from the others."""
    sample = draw_sample(data, fit.specification)
    out = np.arange(len(data)) == len(data) - 1
    return float(predict_without(sample, fit.specification, out, engine="fereg")[0][0])


def test_intervals_cover_what_they_say() -> None:
    data = simulated(30, seed=4, zeros=0.1)
    fit = estimate_gravity(data, TWO_WAY)
    cross = cross_predict(fit, data)
    rng = np.random.default_rng(0)
    rows = data.iloc[rng.choice(len(data), 120, replace=False)]
    inside = []
    for row in rows.itertuples():
        made = potential(fit, data, row.exporter, row.importer, cross=cross, level=0.8)
        inside.append(made.low <= made.actual <= made.high)
    # 120 draws: three standard errors are 0.11
    assert np.mean(inside) == pytest.approx(0.8, abs=0.11)


def test_gaps_of_a_country_net_to_zero(data: pd.DataFrame) -> None:
    fit = estimate_gravity(data, TWO_WAY)
    gaps = pd.DataFrame({"country": data.iloc[fit.rows]["exporter"].to_numpy(),
                         "gap": fit.value - fit.fitted})  # fmt: skip
    sums = gaps.groupby("country")["gap"].sum() / fit.value.sum()
    assert sums.to_numpy() == pytest.approx(0.0, abs=1e-8)
    assert cross_predict(fit, data, folds=4).net_zero
    one_way = estimate_gravity(data, "trade ~ x + z | exporter")
    assert not cross_predict(one_way, data, folds=4).net_zero


def test_ranking_adds_up(data: pd.DataFrame) -> None:
    fit = estimate_gravity(data, TWO_WAY)
    cross = cross_predict(fit, data)
    ranked = rank_partners(cross, "C03")
    assert len(ranked) == 19
    assert ranked["missing"].is_monotonic_decreasing
    assert ranked["gap"].to_numpy() == pytest.approx(
        (ranked["actual"] / ranked["predicted"] - 1).to_numpy()
    )
    assert set(rank_partners(cross, "C03", side="importer")["partner"]) == set(ranked["partner"])
    foreign = cross.table[cross.table["exporter"] != cross.table["importer"]]
    assert foreign["percentile"].between(0, 100, inclusive="left").all()
    assert foreign["percentile"].min() == 0.0


def test_years_of_a_pair_are_left_out_together() -> None:
    data = simulated(12, 3)
    fit = estimate_gravity(data, "trade ~ x + z | exporter^year + importer^year")
    made = potential(fit, data, "C01", "C02")
    assert made.time == 2002
    assert len(made.without.rows) == len(fit.rows) - 3
    assert potential(fit, data, "C01", "C02", time=2000).time == 2000


def test_other_covariates_move_the_prediction_by_the_slope(data: pd.DataFrame) -> None:
    fit = estimate_gravity(data, TWO_WAY)
    row = data[(data["exporter"] == "C03") & (data["importer"] == "C07")].iloc[0]
    made = potential(fit, data, "C03", "C07", at={"x": row["x"] + 1.0})
    assert made.predicted_at is not None
    slope = made.without.coefficient("x")
    assert np.log(made.predicted_at / made.predicted) == pytest.approx(slope, rel=1e-9)


def test_what_cannot_be_asked(data: pd.DataFrame) -> None:
    fit = estimate_gravity(data, TWO_WAY)
    with pytest.raises(NameNotFound):
        potential(fit, data, "C03", "XXX")
    with pytest.raises(InputError, match="level"):
        potential(fit, data, "C03", "C07", level=1.5)
    with pytest.raises(InputError, match="no such covariate"):
        potential(fit, data, "C03", "C07", at={"y": 1.0})
    two = simulated(8, 2)
    paired = estimate_gravity(two, "trade ~ x | exporter^year + importer^year + pair")
    with pytest.raises(InputError, match="unknown for a pair left out"):
        cross_predict(paired, two)
    with pytest.raises(InputError, match="no side"):
        rank_partners(cross_predict(fit, data, folds=2), "C03", side="both")


def test_possessions_overseas_do_not_move_a_country() -> None:
    table = country_geography(["FRA", "DEU"]).set_index(["exporter", "importer"])
    # from 46.6° N 2.5° E to 51.1° N 10.4° E: √(500² + 578²) km; with Guiana 1,300
    assert table.loc[("FRA", "DEU"), "distance_km"] == pytest.approx(764, rel=0.02)


def test_geography_of_known_places() -> None:
    table = country_geography(["TUR", "KAZ", "GEO", "DEU"]).set_index(["exporter", "importer"])
    # Wikipedia's middles: Türkiye 39 N 35 E, Kazakhstan 48 N 68 E: 2,730 km apart
    assert table.loc[("TUR", "KAZ"), "distance_km"] == pytest.approx(2730, rel=0.03)
    assert table.loc[("KAZ", "TUR"), "distance_km"] == pytest.approx(
        table.loc[("TUR", "KAZ"), "distance_km"]
    )
    # 783,562 km2: 2/3 of the radius of a disc of that area
    assert table.loc[("TUR", "TUR"), "distance_km"] == pytest.approx(333, rel=0.01)
    assert table.loc[("TUR", "GEO"), "contiguity"] == 1.0
    assert table.loc[("TUR", "KAZ"), "contiguity"] == 0.0
    assert table.loc[("TUR", "TUR"), "international"] == 0.0
    with pytest.raises(NameNotFound, match="no outline"):
        country_geography(["TUR", "XXX"])


def test_logarithms_are_predicted_as_levels(data: pd.DataFrame) -> None:
    fit = estimate_gravity(data, "log(trade) ~ x + z | exporter + importer", method="ols")
    row = data.query("trade > 0 and exporter == 'C03' and importer != 'C03'").iloc[0]
    made = potential(fit, data, "C03", row["importer"])
    assert made.actual == pytest.approx(row["trade"])
    assert 0 < made.low < made.predicted < made.high
    assert not made.net_zero
