"""The rows, columns and codes that a specification picks from a table, checked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from kervan.core.errors import Fault, InputError
from kervan.trade.gravity.pairs import DomesticTrade, domestic_trade
from kervan.trade.gravity.specification import PAIR, Specification, Term

__all__ = ["Sample", "draw_sample"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Sample:
    """The numbers of a regression, before anything is estimated.

    Attributes
    ----------
    rows : (n,) int
        Positions in the table given.
    value : (n,) trade's unit
        Explained variable, or its logarithm where the specification says so.
    covariates : (n, k)
        Columns in the order of the specification.
    effects, clusters : tuple of (n,) int
        Codes 0, 1, … of each fixed effect and each cluster variable.
    zeros_left_out : int
        Rows without a logarithm, which least squares cannot use.
    domestic : DomesticTrade or None
        What the rows hold of sales at home; None where exporter and importer are not columns.
    """

    rows: Codes
    value: Floats
    covariates: Floats
    effects: tuple[Codes, ...]
    clusters: tuple[Codes, ...]
    zeros_left_out: int
    domestic: DomesticTrade | None

    def keep(self, kept: npt.NDArray[np.bool_]) -> Sample:
        """Return the sample with some of its rows, effects coded anew."""
        return Sample(
            rows=self.rows[kept],
            value=self.value[kept],
            covariates=self.covariates[kept],
            effects=tuple(_recode(codes[kept]) for codes in self.effects),
            clusters=tuple(_recode(codes[kept]) for codes in self.clusters),
            zeros_left_out=self.zeros_left_out,
            domestic=self.domestic,
        )


def draw_sample(data: pd.DataFrame, spec: Specification) -> Sample:
    """Take from a table what a specification needs.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per flow.
    spec : Specification
        What is to be estimated.

    Returns
    -------
    Sample
        Every row but, with a logarithm to be explained, those of zero trade.

    Raises
    ------
    InputError
        If a column is absent or holds no numbers, a value is missing, infinite or (trade)
        negative, or a flow stands twice; names every fault.
    """
    faults = _absent(data, spec)
    if faults:
        raise InputError(faults)
    value, covariates = _numbers(data, spec, faults)
    faults += _doubled(data, spec)
    faults += _empty_labels(data, spec)
    if faults:
        raise InputError(faults)
    left_out = 0
    rows = np.arange(len(data), dtype=np.int64)
    if spec.value.logged:
        rows = np.flatnonzero(value > 0).astype(np.int64)
        left_out = len(value) - len(rows)
    kept = data if len(rows) == len(data) else data.iloc[rows]
    taken = value[rows]
    ends = _ends(kept, spec)
    return Sample(
        rows=rows,
        value=np.log(taken) if spec.value.logged else taken,
        covariates=covariates[rows],
        effects=tuple(_codes(kept, effect, ends) for effect in spec.fixed_effects),
        clusters=tuple(_codes(kept, (name,), ends) for name in spec.cluster),
        zeros_left_out=left_out,
        domestic=None if ends is None else domestic_trade(*ends, taken),
    )


def _ends(data: pd.DataFrame, spec: Specification) -> tuple[pd.Series, pd.Series] | None:
    if spec.exporter in data and spec.importer in data:
        return data[spec.exporter], data[spec.importer]
    return None


def _absent(data: pd.DataFrame, spec: Specification) -> list[Fault]:
    wanted = [spec.value.column, *(term.column for term in spec.covariates)]
    wanted += [name for effect in spec.fixed_effects for name in effect]
    wanted += spec.cluster
    absent = [name for name in dict.fromkeys(wanted) if name not in data]
    if PAIR in absent and spec.exporter in data and spec.importer in data:
        absent.remove(PAIR)
    remedy = f"the columns are {', '.join(map(str, data.columns[:40]))}"
    return [Fault("data", "", name, "there is no such column", remedy) for name in absent]


def _numbers(data: pd.DataFrame, spec: Specification, faults: list[Fault]) -> tuple[Floats, Floats]:
    value = _column(data, Term(spec.value.column), faults)
    bad = np.flatnonzero(value < 0)
    if len(bad):
        faults.append(_rows_fault(bad, spec.value.column, "trade is negative"))
    columns = [_column(data, term, faults) for term in spec.covariates]
    table = np.column_stack(columns) if columns else np.empty((len(data), 0))
    return value, table


def _column(data: pd.DataFrame, term: Term, faults: list[Fault]) -> Floats:
    try:
        numbers = np.asarray(data[term.column].to_numpy(dtype=np.float64, na_value=np.nan))
    except (TypeError, ValueError):
        problem, remedy = "holds something else than numbers", "mend the column"
        faults.append(Fault("data", "", term.column, problem, remedy))
        return np.zeros(len(data))
    bad = np.flatnonzero(~np.isfinite(numbers))
    if len(bad):
        faults.append(_rows_fault(bad, term.column, "is missing or infinite"))
        return np.ones(len(data))
    if not term.logged:
        return numbers
    bad = np.flatnonzero(numbers <= 0)
    if len(bad):
        faults.append(_rows_fault(bad, str(term), "has no logarithm"))
        return np.ones(len(data))
    return np.asarray(np.log(numbers))


def _rows_fault(bad: npt.NDArray[np.int64], field: str, problem: str) -> Fault:
    shown = ", ".join(str(row) for row in bad[:5]) + (", …" if len(bad) > 5 else "")
    remedy = "code it for every row, or leave the rows out yourself: missing is not zero"
    return Fault("data", shown, field, f"{problem} in {len(bad)} rows", remedy)


def _doubled(data: pd.DataFrame, spec: Specification) -> list[Fault]:
    keys = [spec.exporter, spec.importer]
    if not all(key in data for key in keys):
        return []
    others = {name for effect in spec.fixed_effects for name in effect} | {spec.time}
    keys += [name for name in data.columns if name in others and name not in {*keys, PAIR}]
    doubled = np.flatnonzero(data.duplicated(keys).to_numpy())
    if not len(doubled):
        return []
    problem = f"the same {', '.join(keys)} stands above"
    return [_rows_fault(doubled, "", problem)]


def _empty_labels(data: pd.DataFrame, spec: Specification) -> list[Fault]:
    names = {name for effect in spec.fixed_effects for name in effect} | set(spec.cluster)
    names |= {spec.exporter, spec.importer}
    faults = []
    for name in sorted(names & set(data.columns)):
        bad = np.flatnonzero(data[name].isna().to_numpy())
        if len(bad):
            faults.append(_rows_fault(bad, name, "is missing"))
    return faults


def _codes(
    data: pd.DataFrame, names: tuple[str, ...], ends: tuple[pd.Series, pd.Series] | None
) -> Codes:
    total: Codes | None = None
    for name in names:
        if name in data:
            codes = pd.factorize(data[name])[0].astype(np.int64)
        elif ends is not None:
            codes = _pair_codes(*ends)
        total = codes if total is None else _recode(total * (codes.max() + 1) + codes)
    assert total is not None  # a specification has no effect without a name
    return total


def _pair_codes(exporter: pd.Series, importer: pd.Series) -> Codes:
    """Code pairs as `symmetric_pairs` names them, by integers only (there may be millions)."""
    codes, labels = pd.factorize(pd.concat([exporter, importer], ignore_index=True))
    here, there = codes[: len(exporter)], codes[len(exporter) :]
    low, high = np.minimum(here, there), np.maximum(here, there)
    return _recode(low.astype(np.int64) * len(labels) + high)


def _recode(codes: Codes) -> Codes:
    return pd.factorize(codes)[0].astype(np.int64)
