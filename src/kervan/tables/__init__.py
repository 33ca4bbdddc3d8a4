"""One table at a time: field dictionaries, reading and checking."""

from __future__ import annotations

from kervan.tables.dictionary import TABLE_NAMES, Field, TableSchema, table_schema
from kervan.tables.read import read_table

__all__ = ["TABLE_NAMES", "Field", "TableSchema", "read_table", "table_schema"]
