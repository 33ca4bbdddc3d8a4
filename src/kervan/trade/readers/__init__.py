"""Readers of the trade data that economists use: published files in, one table out."""

from kervan.trade.readers.importing import Imported, ImportedTables, import_trade, read_trade
from kervan.trade.readers.model import Reader
from kervan.trade.readers.options import ACCEPTABLE, ImportOptions
from kervan.trade.readers.registry import KINDS, READERS, recognise
from kervan.trade.readers.sections import read_map

__all__ = [
    "ACCEPTABLE",
    "KINDS",
    "READERS",
    "ImportOptions",
    "Imported",
    "ImportedTables",
    "Reader",
    "import_trade",
    "read_map",
    "read_trade",
    "recognise",
]
