"""From product codes to sectors: sections of the Harmonised System, or a map of the user's."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from kervan.core.errors import Fault, InputError
from kervan.trade.readers.codes import rows_of

MAP_FIELDS = ("product", "sector")
_SECTOR = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,39}")
TOTALS = re.compile(r"TOTAL|ALL|AG\d", flags=re.IGNORECASE)


def map_products(
    written: Iterable[str], *, system: str, user_map: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Give the sector of each product code; "" where it has none.

    Parameters
    ----------
    written : iterable of str
        Distinct codes as in the file.
    system : str
        "hs": codes of the Harmonised System, where an odd number of digits has lost a leading
        zero; "own": codes that are sectors already.
    user_map : mapping, optional
        Sector by product code or its beginning; the longest beginning wins.

    Returns
    -------
    dict of str to str
        Sector by the code as written: the number of the HS section in Roman numerals, "other" for
        chapters 98 and 99; the code itself for own codes; or what the map says.

    Examples
    --------
    >>> map_products(["270900", "10121", "999999"], system="hs")
    {'270900': 'V', '10121': 'I', '999999': 'other'}
    >>> map_products(["270900", "720825"], system="hs", user_map={"27": "fuels", "": "rest"})
    {'270900': 'fuels', '720825': 'rest'}
    """
    found = {}
    for code in written:
        full = pad(code) if system == "hs" else code
        if user_map is not None:
            found[code] = _longest(full, user_map)
        elif system == "hs":
            found[code] = _chapters().get(full[:2], "") if full.isdigit() else ""
        else:
            found[code] = _clean(full)
    return found


def pad(code: str) -> str:
    """Give back the zero that an HS code has lost where it was read as a number."""
    return "0" + code if code.isdigit() and len(code) % 2 else code


def read_map(path: Path) -> dict[str, str]:
    """Read a map of products to sectors.

    Parameters
    ----------
    path : Path
        CSV file with the columns product (a code or its beginning; may be empty), sector.

    Returns
    -------
    dict of str to str
        Sector by product.

    Raises
    ------
    InputError
        Names every bad line.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        problem = f"cannot be read ({type(error).__name__})"
        raise InputError([Fault(path.name, "", "", problem, "give a UTF-8 CSV file")]) from None
    reader = csv.DictReader(io.StringIO(content, newline=""))
    missing = [name for name in MAP_FIELDS if name not in (reader.fieldnames or ())]
    if missing:
        raise InputError(
            [Fault(f"{path.name}, line 1", "", name, "is missing", "add it") for name in missing]
        )
    found: dict[str, str] = {}
    faults = []
    for row in reader:
        product, sector = (row["product"] or "").strip(), (row["sector"] or "").strip()
        where = f"{path.name}, line {reader.line_num}"
        if not _SECTOR.fullmatch(sector):
            faults.append(
                Fault(where, "", "sector", f"'{sector}' is no key", "use letters, digits")
            )
        if found.get(product, sector) != sector:
            faults.append(Fault(where, "", "product", f"'{product}' stands twice", "keep one"))
        found[product] = sector
    if faults:
        raise InputError(faults)
    return found


def _longest(code: str, user_map: Mapping[str, str]) -> str:
    for length in range(len(code), -1, -1):
        if code[:length] in user_map:
            return user_map[code[:length]]
    return ""


def _clean(code: str) -> str:
    return code if _SECTOR.fullmatch(code) else ""


@cache
def _chapters() -> dict[str, str]:
    """Give the section of every chapter, both as written codes."""
    return {
        f"{chapter:02d}": row["section"]
        for row in rows_of("hs_sections.csv")
        for chapter in range(int(row["first_chapter"]), int(row["last_chapter"]) + 1)
    }
