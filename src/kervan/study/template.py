"""`kervan new`: an empty study with every table, header and comment in place."""

from __future__ import annotations

import json
from pathlib import Path

from kervan.core.errors import Fault, InputError
from kervan.core.files import replaced_folder
from kervan.core.names import fold
from kervan.study.settings import SCHEMA_VERSION
from kervan.tables import TABLE_NAMES, table_schema

_SETTINGS = """\
# Settings of the study. Every key is explained in docs/reference/tables.md.
schema_version = {version}
name = "{name}"
title_en = "{title}"
title_tr = "{title}"
base_year = 2023          # year the dated rows are read for
price_year = 2023         # year of all prices (USD)
carbon_price_usd_per_t = 0.0
leg_correlation = 0.5     # correlation of travel times between legs, 0 to 1
default_origin = ""       # a zone_id
default_destination = ""
default_commodity = ""    # a commodity
focus = []                # corridor_ids the study is about
capacity_rows = ""        # rows whose capacity reports vary, such as "service:ferry-*"
key_row = ""              # row whose users reports tell, such as "border:a-b-rail"
customs_unions = []       # such as [["DEU", "POL"]]: no formalities between them
target_parties = []       # such as ["KAZ", "TUR"]: whose trade and targets reports follow
# question_with = ""      # a card: does it bring the targets? Answered as known on the day below
# question_without = ""   # a card that takes away what the question is about
# question_known = ""     # a day such as "2017-12-31"
drawn_scenarios = []      # cards that kervan uncertainty draws for; all where empty

# Pairs that reports begin with; repeat the block for each.
# [[headline]]
# origin = "zone_a"
# destination = "zone_b"
# commodity = "containers"
"""

_PARTIES = "id,kind,iso2,iso3,cow,wikidata,parent,successor,valid_from,valid_to\n"


def new_study(folder: Path) -> list[Path]:
    """Make an empty study.

    Parameters
    ----------
    folder : Path
        Folder to make; it must not exist or be empty.

    Returns
    -------
    list of Path
        Files written.

    Raises
    ------
    InputError
        If the folder holds something already or its name gives no study name.
    """
    name = "-".join(filter(None, (fold(part) for part in folder.name.replace("_", "-").split("-"))))
    if not name:
        raise InputError([Fault("study", "", "", f"'{folder}' gives no name", "use letters")])
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            [Fault("study", "", "", f"'{folder}' exists already", "name an empty or new folder")]
        )
    with replaced_folder(folder) as temporary:
        for path, content in _contents(name).items():
            target = temporary / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, encoding="utf-8")
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _contents(name: str) -> dict[str, str]:
    files = {
        "study.toml": _SETTINGS.format(version=SCHEMA_VERSION, name=name, title=name),
        "README.md": _readme(name),
        "datapackage.json": _datapackage(name),
        "scenarios/README.md": "One TOML card per scenario; see docs/reference/cards.md.\n",
        "record/parties.csv": _PARTIES,
        "record/sources/.gitkeep": "",
        "record/claims/.gitkeep": "",
    }
    for table in TABLE_NAMES:
        files[f"{table}.csv"] = ",".join(table_schema(table).names) + "\n"
    return files


def _readme(name: str) -> str:
    lines = [f"# Study {name}", "", "One CSV file per table; comments on every field below.", ""]
    for table in TABLE_NAMES:
        lines += [
            f"## {table}.csv",
            "",
            "| field | unit | required | meaning |",
            "|---|---|---|---|",
        ]
        for field in table_schema(table).fields:
            required = "yes" if field.required else f"no{_default(field.default)}"
            allowed = f" ({', '.join(field.allowed)})" if field.allowed else ""
            lines.append(f"| {field.name} | {field.unit} | {required} | {field.meaning}{allowed} |")
        lines.append("")
    return "\n".join(lines)


def _default(default: str) -> str:
    return f", else {default}" if default else ""


def _datapackage(name: str) -> str:
    types = {"number": "number", "integer": "integer"}
    resources = [
        {
            "name": table.replace("_", "-"),
            "path": f"{table}.csv",
            "profile": "tabular-data-resource",
            "schema": {
                "fields": [
                    {
                        "name": field.name,
                        "type": types.get(field.type, "string"),
                        "description": field.meaning,
                    }
                    for field in table_schema(table).fields
                ],
                "primaryKey": table_schema(table).key,
            },
        }
        for table in TABLE_NAMES
    ]
    package = {"profile": "tabular-data-package", "name": name, "resources": resources}
    return json.dumps(package, indent=2, ensure_ascii=False) + "\n"
