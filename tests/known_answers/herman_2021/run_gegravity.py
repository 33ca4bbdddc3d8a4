"""Solve the sample with gegravity, and write what the test compares: run by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import gegravity as ge
import numpy as np
import pandas as pd

COEFFICIENT = 0.5
PAIR = ("CAN", "JPN")


def main(sample: Path) -> None:
    rows = pd.read_csv(sample)
    rows["Y"] = rows.groupby("exporter")["trade"].transform("sum").astype(float)
    rows["E"] = rows.groupby("importer")["trade"].transform("sum").astype(float)
    rows["pta"] = rows["pta"].astype(float)
    rest = np.log(rows["trade"] * rows["trade"].sum() / (rows["Y"] * rows["E"]))
    rows["rest"] = rest - COEFFICIENT * rows["pta"]
    rows["year"] = "2006"
    names = {"trade_var_name": "trade", "expend_var_name": "E", "output_var_name": "Y"}
    table = pd.DataFrame({"name": ["rest", "pta"], "value": [1.0, COEFFICIENT]})
    model = ge.OneSectorGE(
        ge.BaselineData(rows, **names),
        year="2006",
        reference_importer="DEU",
        expend_var_name="E",
        output_var_name="Y",
        sigma=5.0,
        cost_variables=["rest", "pta"],
        cost_coeff_values=ge.CostCoeffs(table, identifier_col="name", coeff_col="value"),
        quiet=True,
    )
    model.build_baseline()
    after = model.baseline_data.copy()
    after.loc[after["exporter"].isin(PAIR) & after["importer"].isin(PAIR)
              & (after["exporter"] != after["importer"]), "pta"] = 1.0  # fmt: skip
    model.define_experiment(after)
    model.simulate()
    found = model.country_results
    columns = {
        "factory gate price change (percent)": "price_pct",
        "imr change (percent)": "consumer_price_pct",
        "welfare statistic": "welfare_statistic",
        "foreign exports change (percent)": "exports_pct",
    }
    out = found[list(columns)].rename(columns=columns)
    out.to_csv(Path(__file__).with_name("gegravity.csv"), index_label="country")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
