"""What `kervan trade potential` is asked about: embedded data, a table, or an import's folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from kervan.core.errors import Fault, InputError
from kervan.core.messages import LANGUAGES, text
from kervan.core.names import match_name
from kervan.trade import TradeData, country_name, load_trade
from kervan.trade.gravity import ImportedGravity, imported_gravity_data
from kervan.trade.gravity.world import WORLD_FORMULA, world_gravity_data
from kervan.trade.readers import read_trade


@dataclass(frozen=True, eq=False)
class Asked:
    """Flows and the pair asked for.

    Attributes
    ----------
    table : pandas.DataFrame
        exporter, importer, trade and covariates.
    formula : str
        The equation.
    pair : (str, str)
        Codes of the two countries, as in the table.
    names : TradeData or None
        Where the countries' names are; None where codes may be anything.
    imported : ImportedGravity or None
        What was joined, for an import's folder.
    source : str
        Hash of the embedded data, else name of the file or folder.
    year : int or None
        Year of the trade.
    sector : str or None
        Sector; None for all goods.
    """

    table: pd.DataFrame
    formula: str
    pair: tuple[str, str]
    names: TradeData | None
    imported: ImportedGravity | None
    source: str
    year: int | None
    sector: str | None

    def name(self, code: str, lang: str) -> str:
        """Name of a country; the code itself where none is known."""
        return code if self.names is None else country_name(self.names, code, lang)

    def title(self, lang: str) -> str:
        """Head of the screen."""
        a, b = (self.name(code, lang) for code in self.pair)
        if self.year is None:
            return text("potential.title_own", lang, a=a, b=b, file=self.source)
        what = self.sector or text(
            "potential.goods" if self.imported is None else "potential.all", lang
        )
        said = {"a": a, "b": b, "year": self.year, "what": what}
        if self.imported is not None:
            return text("potential.title_imported", lang, **said, file=self.source)
        return text("potential.title", lang, **said)


def read_asked(
    pair: tuple[str, str], data: Path | None, formula: str | None, sector: str | None
) -> Asked:
    """Read the flows the options name and find the two countries in them."""
    if data is None:
        return _embedded(pair, formula, sector)
    if data.is_dir():
        return _imported(pair, data, formula, sector)
    table = _own(data, formula, sector)
    return Asked(table, formula or "", pair, None, None, data.name, None, None)


def _embedded(pair: tuple[str, str], formula: str | None, sector: str | None) -> Asked:
    world = load_trade()
    codes = (world.country(pair[0]), world.country(pair[1]))
    table = world_gravity_data(world, sector=sector)
    said = formula or WORLD_FORMULA
    return Asked(table, said, codes, world, None, world.digest, world.year, sector)


def _imported(
    pair: tuple[str, str], folder: Path, formula: str | None, sector: str | None
) -> Asked:
    found = read_trade(folder)
    readers = [
        entry["reader"]
        for entry in found.manifest["inputs"]
        if any(part["table"] == "trade" for part in entry["parts"])
    ]
    made = imported_gravity_data(found.tables, kinds=readers, formula=formula, sector=sector)
    names = load_trade()
    present = sorted({*made.table["exporter"], *made.table["importer"]})
    spellings = {code: [country_name(names, code, lang) for lang in LANGUAGES] for code in present}
    codes = tuple(match_name(name, spellings, what="country") for name in pair)
    source = folder.resolve().name
    return Asked(
        made.table, made.formula, (codes[0], codes[1]), names, made, source, made.year, sector
    )


def _own(data: Path, formula: str | None, sector: str | None) -> pd.DataFrame:
    faults = []
    if formula is None:
        remedy = "give e.g. 'trade ~ log(dist) + contig | exporter + importer'"
        faults.append(Fault("--formula", "", "", "is needed with a table of your own", remedy))
    if sector is not None:
        remedy = "select the rows in your table"
        faults.append(Fault("--sector", "", "", "does not go with a table of your own", remedy))
    if faults:
        raise InputError(faults)
    try:
        return pd.read_parquet(data) if data.suffix == ".parquet" else pd.read_csv(data)
    except (ValueError, UnicodeDecodeError) as error:
        fault = Fault(str(data), "", "", f"cannot be read: {error}", "give CSV or Parquet")
        raise InputError([fault]) from error
