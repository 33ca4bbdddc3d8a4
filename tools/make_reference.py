"""Make the reference pages that follow from the code.

    .venv/bin/python tools/make_reference.py

Writes docs/reference/tables.md (from the field dictionaries), symbols.md (from core/symbols.csv)
and cli.md (from the command line's own descriptions). A test fails while a page is out of date.
"""

from __future__ import annotations

import csv
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import typer

from kervan.cli.app import app
from kervan.study.settings import Headline, StudySettings
from kervan.tables import TABLE_NAMES, table_schema

REFERENCE = Path(__file__).resolve().parents[1] / "docs" / "reference"
MADE = "*This page is made by `tools/make_reference.py`; edit what it is made from.*\n"


def main() -> None:
    """Write every page."""
    for name, make in PAGES.items():
        (REFERENCE / name).write_text(make(), encoding="utf-8")


# --- tables.md ------------------------------------------------------------------------------------

TABLES_INTRODUCTION = """\
A study is a folder with `study.toml` and these tables. Each table is `<table>.csv`,
`<table>.parquet`, or both (they are read one after the other). `kervan new DIR` makes an empty
study; `kervan check DIR` tells every fault of every table at once.

How values are written:

| type | written as |
|---|---|
| id | letters, digits and `_ . : -`; unique in its table where it is the key (the first field) |
| text | anything; empty where it is not needed |
| number, integer | decimal point, no separators; empty where it is not known (never 0 for that) |
| boolean | `yes` or `no` |
| date | `2017`, `2017-10` or `2017-10-30` |
| enum | one of the allowed words |
| list | items with a bar between them: `containers\\|oil`; empty: all |
| months | first and last month such as `11-3`; empty: all year |
| wkt | a line in WKT, longitude before latitude (WGS 84) |
"""

TABLE_TITLES = {
    "node": "places of the network",
    "mode": "ways of moving, with their speeds and prices",
    "commodity": "what is carried",
    "link": "lines between nodes",
    "transfer": "changes of mode or gauge at a node",
    "border": "crossings of a border, one row per direction",
    "service": "scheduled or on-filling services",
    "zone": "where freight begins and ends",
    "corridor": "named corridors, for reporting",
    "demand": "tonnes between zones",
    "balance": "loaded traffic each way, for empty units",
    "sector_commodity": "as what the goods of each sector of trade are moved",
    "service_class": "kinds of trains and journeys",
    "observation": "journeys and volumes seen",
    "project": "what could be built, and what it costs",
    "trade": "flows of goods between countries, as imported",
    "tariff": "what an importer levies on goods of an exporter",
    "productivity": "sectors of a country that become more or less productive",
    "evidence": "what each number rests on",
}


def make_tables() -> str:
    """Write the settings and every table, field by field."""
    parts = ["# Tables of a study\n", MADE, TABLES_INTRODUCTION, "## `study.toml`\n"]
    parts.append(_attributes(StudySettings))
    parts.append("Each `[[headline]]`:\n\n" + _attributes(Headline))
    for name in TABLE_NAMES:
        parts.append(f"## `{name}`: {TABLE_TITLES.get(name, '')}\n")
        rows = (_field_row(field) for field in table_schema(name).fields)
        parts.append(
            _grid(("field", "type", "unit", "needed", "default", "range", "meaning"), rows)
        )
    return "\n".join(parts)


def _attributes(kind: type) -> str:
    section = (inspect.getdoc(kind) or "").partition("Attributes\n----------\n")[2]
    documented = re.findall(r"^(\S.*?) : (.+)\n((?:    .*\n?)+)", section, flags=re.MULTILINE)
    rows = [(f"`{names}`", of, _plain(meaning)) for names, of, meaning in documented]
    return _grid(("key", "type", "meaning"), rows or _bare(kind))


def _bare(kind: type) -> list[tuple[str, ...]]:
    return [(f"`{name}`", str(of), "") for name, of in kind.__annotations__.items()]


def _field_row(field: Any) -> tuple[str, ...]:
    meaning = field.meaning
    if field.references:
        meaning += f" (a `{field.references.rstrip('*')}`"
        meaning += ", or `*` for every terminal)" if field.references.endswith("*") else ")"
    limits = ", ".join(f"`{word}`" for word in field.allowed) or _range(field)
    needed = "yes" if field.required else "no"
    return (f"`{field.name}`", field.type, field.unit, needed, field.default, limits, meaning)


def _range(field: Any) -> str:
    if field.minimum is None and field.maximum is None:
        return ""
    if field.maximum is None:
        return f"≥ {field.minimum:g}"
    return f"{field.minimum:g} to {field.maximum:g}"


# --- symbols.md -----------------------------------------------------------------------------------


def make_symbols() -> str:
    """Write the table of symbols."""
    source = files("kervan.core").joinpath("symbols.csv").read_text(encoding="utf-8")
    rows = [
        (row["symbol"], f"`{row['name']}`", row["unit"], row["axes"], row["meaning"])
        for row in csv.DictReader(source.splitlines())
    ]
    head = ("symbol", "in the code", "unit", "by", "meaning")
    text = "Papers differ in their letters; here each quantity has one symbol and one name.\n"
    return "\n".join(["# Symbols\n", MADE, text, _grid(head, rows)])


# --- cli.md ---------------------------------------------------------------------------------------

CLI_INTRODUCTION = """\
Results go to standard output, progress and errors to standard error. Every command that takes
`--json` prints one JSON object; [json.md](json.md) tells its layout. An error is one line per fault
unless `--debug` is given.

| exit status | meaning |
|---|---|
| 0 | done |
| 1 | the model or its data failed |
| 2 | wrong use of the command |
| 3 | infeasible: no route |
| 130 | interrupted |
"""


def make_cli() -> str:
    """Write every command with its arguments and options."""
    parts = ["# Command line\n", MADE, CLI_INTRODUCTION]
    for name, command in _commands("kervan", typer.main.get_command(app)):
        usage = " ".join([name, *(_argument(p) for p in command.params if _is_argument(p))])
        parts.append(f"## `{usage}`\n\n{_plain(command.help)}\n")
        parts.append(_grid(("argument or option", "default", "meaning"), _parameters(command)))
    return "\n".join(parts)


def _commands(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    inner: Mapping[str, Any] = getattr(command, "commands", {})
    if not inner:
        yield name, command
    for key, child in inner.items():
        yield from _commands(f"{name} {key}", child)


def _is_argument(parameter: Any) -> bool:
    return bool(parameter.param_type_name == "argument")


def _argument(parameter: Any) -> str:
    name = parameter.name.upper() + ("…" if parameter.nargs == -1 else "")
    return name if parameter.required else f"[{name}]"


def _parameters(command: Any) -> Iterator[tuple[str, ...]]:
    for parameter in command.params:
        if parameter.name == "help":
            continue
        shown = parameter.name.upper() if _is_argument(parameter) else ", ".join(parameter.opts)
        default = parameter.default
        silent = default is None or default is False or parameter.required or callable(default)
        written = "" if silent or str(default).startswith("Sentinel") else f"`{default}`"
        yield f"`{shown}`", written, _plain(getattr(parameter, "help", ""))


def _plain(written: str | None) -> str:
    return re.sub(r"\s+", " ", written or "").strip()


def _grid(head: tuple[str, ...], rows: Any) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


PAGES: Mapping[str, Callable[[], str]] = {
    "tables.md": make_tables,
    "symbols.md": make_symbols,
    "cli.md": make_cli,
}

if __name__ == "__main__":
    main()
