"""Names of a study's rows and units of their capacities, as people say them."""

from __future__ import annotations

from kervan.core.messages import catalogue, number, text
from kervan.report.names import short_name
from kervan.study import Study


def row_title(study: Study, kind: str, ref_id: str, lang: str) -> str:
    """Name a link, border, transfer or service; by its places and modes where it has no name.

    Parameters
    ----------
    study : Study
        The study.
    kind : str
        Table of the row.
    ref_id : str
        Its key.
    lang : {"en", "tr"}
        Language.
    """
    table = study.table(kind) if kind in study.tables else None
    if table is None or ref_id not in table.index:
        return str(ref_id)
    row = table.loc[ref_id]
    if row[f"name_{lang}"]:
        return str(row[f"name_{lang}"])
    if kind == "link":
        nodes = (str(row[f"{end}_node_id"]) for end in ("from", "to"))
        ends = " – ".join(_name(study, "node", node, lang) for node in nodes)
        return f"{ends} ({_name(study, 'mode', str(row['mode']), lang)})"
    if kind == "transfer" and row["node_id"]:
        modes = " → ".join(
            _name(study, "mode", str(row[m]), lang) for m in ("from_mode", "to_mode")
        )
        return f"{_name(study, 'node', str(row['node_id']), lang)}: {modes}"
    return str(ref_id)


def _name(study: Study, table: str, key: str, lang: str) -> str:
    rows = study.table(table)
    return short_name(str(rows.loc[key, f"name_{lang}"])) if key in rows.index else str(key)


def unit_title(unit: str, lang: str) -> str:
    """Write a unit of capacity in a language.

    Examples
    --------
    >>> unit_title("truck/week", "tr"), unit_title("Mt/yr", "en")
    ('TIR/hafta', 'Mt/yr')
    """
    return "/".join(_unit(part, lang) for part in unit.split("/"))


def _unit(part: str, lang: str) -> str:
    key = f"unit.{part}"
    return text(key, lang) if key in catalogue() else part


def capacity_title(value: float, unit: str, lang: str) -> str:
    """Write a capacity with its unit.

    Examples
    --------
    >>> capacity_title(0.75, "Mt/yr", "tr"), capacity_title(11907.0, "t/week", "en")
    ('0,75 Mt/yıl', '11,907 t/week')
    """
    digits = 0 if float(value).is_integer() else 2
    return f"{number(value, lang, digits)} {unit_title(unit, lang)}"
