"""Faults of a loaded file: cells, codes, products, units, repeated rows; each with its lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kervan.core.errors import Fault, InputError
from kervan.trade.readers.codes import Code, map_codes
from kervan.trade.readers.load import GLUE, Loaded
from kervan.trade.readers.locate import Cells, Wanted, find_lines, ragged
from kervan.trade.readers.options import UNITS, ImportOptions
from kervan.trade.readers.sections import TOTALS, map_products
from kervan.trade.readers.sources import fault

CELL_FAULTS: Mapping[str, tuple[str, str, str]] = {
    "shifted": ("", "the columns look shifted", "put every value under its header"),
    "year": ("year", "no year from 1900 to 2100", "write the year in digits"),
    "missing": ("value", "no value", "fill it, or accept with --accept missing"),
    "separator": ("value", "a number with thousand separators", "write it without them"),
    "number": ("value", "no number", "write digits and a decimal point"),
    "negative": ("value", "a negative value", "correct it, or accept with --accept negative"),
    "quantity": ("quantity", "no quantity, or a negative one", "correct it, or leave it empty"),
    "product": ("product", "no product code", "give an HS code in digits"),
    "country": ("exporter", "no country code", "fill both country codes"),
}
"""Column, problem and remedy of each kind of fault of a cell."""

MAX_KEYS = 1000
"""Distinct faulty rows of one kind that are looked for in the file."""


@dataclass(frozen=True)
class Names:
    """Tables of codes that came with the data.

    Attributes
    ----------
    countries : mapping
        Alpha-3 code by the publisher's code.
    products : frozenset of str
        Known product codes; empty where no table came.
    """

    countries: Mapping[str, str] = field(default_factory=dict)
    products: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Judged:
    """What the codes of a file stand for.

    Attributes
    ----------
    codes : mapping
        Country by its code as written.
    sectors : mapping
        Sector by product as written.
    wanted : tuple of Wanted
        Kinds of fault that the file holds.
    """

    codes: Mapping[str, Code]
    sectors: Mapping[str, str]
    wanted: tuple[Wanted, ...] = ()


def judge(loaded: Loaded, name: str, options: ImportOptions, names: Names) -> Judged:
    """Judge a loaded file.

    Parameters
    ----------
    loaded : Loaded
        The file.
    name : str
        Its name, for the faults.
    options : ImportOptions
        Faults to accept.
    names : Names
        Tables of codes that came with the data.

    Returns
    -------
    Judged
        Countries and sectors of its codes, and the faults found; `refuse` turns them into an error.
    """
    wanted = [ragged(loaded.text, loaded.rejected)] if loaded.rejected else []
    wanted += _cell_faults(loaded, options)
    countries = _distinct(loaded, _ends(loaded))
    codes = map_codes(countries, more=names.countries)
    wanted += _code_faults(loaded, codes, countries, options)
    products = _distinct(loaded, ("product",))
    system = loaded.reader.products
    sectors = map_products(products, system=system, user_map=options.sectors)
    wanted += _product_faults(loaded, products, sectors, options, names)
    wanted += _class_faults(loaded, options) + _unit_faults(loaded)
    if not wanted and not countries:
        raise InputError([fault(name, "", "holds no row", "give a file with data")])
    return Judged(codes, sectors, tuple(wanted))


def refuse(loaded: Loaded, name: str, wanted: Sequence[Wanted]) -> None:
    """Raise one error with the first lines of every kind of fault; nothing where there is none.

    Raises
    ------
    InputError
        Lists the first lines of every kind of fault, and the count of the rest.
    """
    if wanted:
        raise InputError(find_lines(loaded.text, name, wanted))


def _ends(loaded: Loaded) -> tuple[str, ...]:
    """Give the columns of `rows` that hold countries as written."""
    declared = "reporter" in loaded.places and not loaded.mirrored
    return ("first", "second", "reporter") if declared else ("first", "second")


def _distinct(loaded: Loaded, columns: Sequence[str]) -> dict[str, int]:
    """Give the distinct codes of the sound rows with their number of rows."""
    union = " UNION ALL ".join(
        f"SELECT {column} AS code, count(*) AS n FROM rows "
        "WHERE fault IN ('', 'missing', 'negative') GROUP BY 1"
        for column in columns
    )
    found = loaded.con.execute(f"SELECT code, sum(n) FROM ({union}) GROUP BY 1 ORDER BY 1")
    return {code: int(n) for code, n in found.fetchall() if code}


def _cell_faults(loaded: Loaded, options: ImportOptions) -> list[Wanted]:
    counts = loaded.con.execute(
        "SELECT fault, count(*) FROM rows WHERE fault <> '' GROUP BY 1 ORDER BY 1"
    ).fetchall()
    return [
        _cell_fault(loaded, kind, int(count))
        for kind, count in counts
        if kind not in options.accept
    ]


def _cell_fault(loaded: Loaded, kind: str, count: int) -> Wanted:
    rows = loaded.con.execute(
        "SELECT DISTINCT raw FROM rows WHERE fault = ? LIMIT ?", [kind, MAX_KEYS]
    ).fetchall()
    role, problem, remedy = CELL_FAULTS[kind]
    column = loaded.places.get(role)
    problems = {raw: _with_cell(problem, raw, column) for (raw,) in rows}
    header = loaded.text.header[column] if column is not None else ""
    return Wanted(GLUE.join, problems, count, problem, remedy, header)


def _with_cell(problem: str, raw: str, column: int | None) -> str:
    if column is None:
        return problem
    return f"'{raw.split(GLUE)[column].strip()[:40]}' is {problem}"


def _code_faults(
    loaded: Loaded, codes: Mapping[str, Code], rows: Mapping[str, int], options: ImportOptions
) -> list[Wanted]:
    wanted = []
    unknown = {
        c.written: f"'{c.written}' is no country known" for c in codes.values() if not c.iso3
    }
    if unknown and "unknown-codes" not in options.accept:
        remedy = "correct it, give the table of codes too, or --accept unknown-codes"
        wanted.append(_of_codes(loaded, unknown, "unknown country code", remedy))
    mixed = {} if "mixed-codes" in options.accept else _mixed(codes, rows)
    if mixed:
        remedy = "use one code system in a file, or --accept mixed-codes"
        wanted.append(_of_codes(loaded, mixed, "another code system", remedy))
    return wanted


def _mixed(codes: Mapping[str, Code], rows: Mapping[str, int]) -> dict[str, str]:
    """Give the codes that are not of the system most rows use."""
    countries = [c for c in codes.values() if c.kind in ("country", "historic")]
    weight: dict[str, int] = {}
    for code in countries:
        weight[code.system] = weight.get(code.system, 0) + rows[code.written]
    if len(weight) < 2:
        return {}
    main = max(weight, key=lambda system: weight[system])
    return {
        c.written: f"'{c.written}' is a code of system {c.system}, most rows use {main}"
        for c in countries
        if c.system != main
    }


def _of_codes(loaded: Loaded, problems: Mapping[str, str], what: str, remedy: str) -> Wanted:
    roles = ("exporter", "importer", "reporter", "partner")
    places = [loaded.places[role] for role in roles if role in loaded.places]

    def key(cells: Cells) -> str | None:
        for place in places:
            if place < len(cells) and cells[place].strip() in problems:
                return cells[place].strip()
        return None

    ends = _ends(loaded)
    tests = " OR ".join(f"list_contains(?, {end})" for end in ends)
    count = loaded.con.execute(
        f"SELECT count(*) FROM rows WHERE fault IN ('', 'missing', 'negative') AND ({tests})",
        [list(problems)] * len(ends),
    ).fetchall()[0][0]
    return Wanted(key, dict(problems), int(count), what, remedy)


def _product_faults(
    loaded: Loaded,
    products: Mapping[str, int],
    sectors: Mapping[str, str],
    options: ImportOptions,
    names: Names,
) -> list[Wanted]:
    if "unknown-products" in options.accept:
        return []
    bad = {
        p: f"'{p}' has no sector" for p in products if not sectors[p] and not TOTALS.fullmatch(p)
    }
    if names.products and loaded.reader.kind == "baci":
        bad |= {
            p: f"'{p}' is not in the table of products"
            for p in products
            if p.lstrip("0") not in names.products
        }
    if not bad:
        return []
    remedy = "correct it, give it a sector with --map, or --accept unknown-products"
    return [_of_column(loaded, "product", bad, products, "product without a sector", remedy)]


def _of_column(
    loaded: Loaded,
    role: str,
    problems: Mapping[str, str],
    rows: Mapping[str, int],
    what: str,
    remedy: str,
) -> Wanted:
    place = loaded.places[role]

    def key(cells: Cells) -> str | None:
        return cells[place].strip() if place < len(cells) else None

    count = sum(rows[code] for code in problems)
    return Wanted(key, dict(problems), count, what, remedy, loaded.text.header[place])


def _class_faults(loaded: Loaded, options: ImportOptions) -> list[Wanted]:
    """Refuse a product classification other than the HS, unless the user maps it."""
    if "classification" not in loaded.places or options.sectors is not None:
        return []
    if loaded.reader.makes != "trade":
        return []
    rows = _distinct(loaded, ("class",))
    bad = {c: f"'{c}' is not the Harmonised System" for c in rows if not c.upper().startswith("H")}
    if not bad:
        return []
    remedy = "give HS data (H0 to H6), or a map of its codes with --map"
    return [_of_column(loaded, "classification", bad, rows, "another classification", remedy)]


def _unit_faults(loaded: Loaded) -> list[Wanted]:
    if "unit" not in loaded.places:
        return []
    found = loaded.con.execute("SELECT unit, count(*) FROM rows GROUP BY 1").fetchall()
    rows = {unit: int(n) for unit, n in found if unit not in UNITS}
    if not rows:
        return []
    place = loaded.places["unit"]

    def key(cells: Cells) -> str | None:
        return cells[place].strip().lower() if place < len(cells) else None

    problems = {unit: f"'{unit}' is no unit known" for unit in rows}
    remedy = "use " + ", ".join(UNITS)
    return [Wanted(key, problems, sum(rows.values()), "unknown unit", remedy, "unit")]


def fault_of_nothing(name: str, counts: str) -> Fault:
    """Say that no row of a file was kept."""
    return fault(name, "", f"no row is left ({counts})", "give data between countries by product")


__all__ = ["Judged", "Names", "fault_of_nothing", "judge", "refuse"]
