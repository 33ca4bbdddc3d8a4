"""The readers, and how a file's header finds its own.

To add a layout, add a `Reader` here. Units and column names are those the publishers state:

* BACI: t, i, j, k, v (thousand USD), q (tonnes); CEPII, the readme in each archive.
* Gravity: CEPII working paper 2022-05.
* ITPD-E: million USD; Borchert, Larch, Shikher and Yotov (2021), International Economics 166.
* ICIO: million USD; the OECD's readme of each edition.
* UN Comtrade: USD and kilograms; columns of the API (`primaryValue`, `netWgt`) and of the older
  bulk files (`Trade Value (US$)`, `Netweight (kg)`).
* WITS: per cent; columns of the bulk download and of the on-line query.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from kervan.trade.readers.model import Reader, fold_column

_COMTRADE_WHOLES = MappingProxyType(
    {
        "partner2": ("0", "", "W00"),
        "customs": ("C00", ""),
        "mode": ("0", ""),
        "supply": ("0", ""),
        "frequency": ("A", ""),
    }
)
_COMTRADE_NEEDS = ("year", "reporter", "partner", "flow", "product", "value")

BACI = Reader(
    kind="baci",
    layout="",
    makes="trade",
    title="CEPII BACI",
    source="https://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=37",
    columns=MappingProxyType(
        {
            "year": ("t",),
            "exporter": ("i",),
            "importer": ("j",),
            "product": ("k", "hs6"),
            "value": ("v",),
            "quantity": ("q",),
        }
    ),
    required=("year", "exporter", "importer", "product", "value", "quantity"),
    usd_per_unit=1000.0,
    codes="numeric",
)
BACI_COUNTRIES = Reader(
    kind="baci",
    layout="countries",
    makes="codes",
    title="CEPII BACI, country codes",
    source=BACI.source,
    columns=MappingProxyType(
        {
            "code": ("countrycode", "i"),
            "iso3": ("countryiso3", "iso3digitalpha", "iso3"),
            "name": ("countryname", "countrynamefull", "countrynameabbreviation"),
        }
    ),
    required=("code", "iso3"),
)
BACI_PRODUCTS = Reader(
    kind="baci",
    layout="products",
    makes="codes",
    title="CEPII BACI, product codes",
    source=BACI.source,
    columns=MappingProxyType({"product": ("code", "hs6"), "name": ("description",)}),
    required=("product", "name"),
)
ITPD_E = Reader(
    kind="itpd-e",
    layout="",
    makes="trade",
    title="USITC International Trade and Production Database for Estimation",
    source="https://www.usitc.gov/data/gravity/itpde.htm",
    columns=MappingProxyType(
        {
            "year": ("year",),
            "exporter": ("exporteriso3",),
            "importer": ("importeriso3",),
            "product": ("industryid",),
            "value": ("trade",),
        }
    ),
    required=("year", "exporter", "importer", "product", "value"),
    usd_per_unit=1e6,
    products="own",
    codes="iso3",
)
COMTRADE_API = Reader(
    kind="comtrade",
    layout="api",
    makes="trade",
    title="UN Comtrade, present API and bulk files",
    source="https://comtradedeveloper.un.org",
    columns=MappingProxyType(
        {
            "year": ("refyear", "period"),
            "reporter": ("reportercode",),
            "partner": ("partnercode",),
            "flow": ("flowcode",),
            "product": ("cmdcode",),
            "value": ("primaryvalue",),
            "quantity": ("netwgt",),
            "classification": ("classificationcode",),
            "partner2": ("partner2code",),
            "customs": ("customscode",),
            "mode": ("motcode",),
            "supply": ("moscode",),
            "frequency": ("freqcode",),
        }
    ),
    required=_COMTRADE_NEEDS,
    t_per_unit=0.001,
    codes="numeric",
    wholes=_COMTRADE_WHOLES,
)
COMTRADE_BULK = Reader(
    kind="comtrade",
    layout="legacy",
    makes="trade",
    title="UN Comtrade, bulk files and API until 2022",
    source="https://comtrade.un.org/data/doc/api/bulk",
    columns=MappingProxyType(
        {
            "year": ("year",),
            "reporter": ("reportercode",),
            "partner": ("partnercode",),
            "flow": ("tradeflowcode",),
            "product": ("commoditycode",),
            "value": ("tradevalueus",),
            "quantity": ("netweightkg",),
            "classification": ("classification",),
            "partner2": ("2ndpartnercode",),
            "customs": ("customsproccode",),
            "mode": ("modeoftransportcode",),
        }
    ),
    required=_COMTRADE_NEEDS,
    t_per_unit=0.001,
    codes="numeric",
    wholes=_COMTRADE_WHOLES,
)
PLAIN = Reader(
    kind="plain",
    layout="",
    makes="trade",
    title="Plain table",
    source="the file's author",
    columns=MappingProxyType(
        {
            "year": ("year",),
            "exporter": ("exporter",),
            "importer": ("importer",),
            "product": ("sector",),
            "value": ("value", "valueusd"),
            "unit": ("unit",),
            "quantity": ("quantityt",),
            "reporter": ("reporter",),
        }
    ),
    required=("year", "exporter", "importer", "product", "value"),
    products="own",
    codes="any one",
)
GRAVITY = Reader(
    kind="gravity",
    layout="",
    makes="gravity",
    title="CEPII Gravity",
    source="https://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=8",
    columns=MappingProxyType(
        {
            "year": ("year",),
            "exporter": ("iso3o",),
            "importer": ("iso3d",),
            "exporter_exists": ("countryexistso",),
            "importer_exists": ("countryexistsd",),
        }
    ),
    required=("year", "exporter", "importer"),
    codes="iso3",
)
ICIO = Reader(
    kind="icio",
    layout="",
    makes="icio",
    title="OECD Inter-Country Input-Output tables",
    source="https://www.oecd.org/en/data/datasets/inter-country-input-output-tables.html",
    columns=MappingProxyType({}),
    required=(),
    usd_per_unit=1e6,
    products="own",
    codes="iso3",
)
WITS_BULK = Reader(
    kind="wits",
    layout="bulk",
    makes="tariff",
    title="WITS (TRAINS), bulk download",
    source="https://wits.worldbank.org",
    columns=MappingProxyType(
        {
            "year": ("year",),
            "importer": ("reporterison",),
            "exporter": ("partner",),
            "product": ("productcode",),
            "value": ("simpleaverage",),
            "classification": ("nomencode",),
            "estimate": ("estcode",),
        }
    ),
    required=("year", "importer", "product", "value"),
    usd_per_unit=0.01,
    codes="numeric",
)
WITS_QUERY = Reader(
    kind="wits",
    layout="query",
    makes="tariff",
    title="WITS (TRAINS), on-line query",
    source="https://wits.worldbank.org",
    columns=MappingProxyType(
        {
            "year": ("tariffyear",),
            "importer": ("reporter",),
            "exporter": ("partner",),
            "product": ("product",),
            "value": ("simpleaverage",),
            "classification": ("selectednomen",),
            "duty": ("dutytype",),
        }
    ),
    required=("year", "importer", "exporter", "product", "value", "duty"),
    usd_per_unit=0.01,
    codes="numeric",
)
MACMAP = Reader(
    kind="macmap",
    layout="",
    makes="tariff",
    title="MAcMap-HS6",
    source="https://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=12",
    columns=MappingProxyType(
        {
            "year": ("year", "t"),
            "importer": ("importer", "reporter", "reportercode", "isoimp", "iso3imp"),
            "exporter": ("exporter", "partner", "partnercode", "isoexp", "iso3exp"),
            "product": ("hs6", "productcode"),
            "value": ("ave", "adv", "tariff"),
        }
    ),
    required=("year", "importer", "exporter", "product", "value"),
    usd_per_unit=1.0,
    codes="any one",
)

READERS: tuple[Reader, ...] = (
    BACI,
    BACI_COUNTRIES,
    BACI_PRODUCTS,
    ITPD_E,
    COMTRADE_API,
    COMTRADE_BULK,
    WITS_BULK,
    WITS_QUERY,
    MACMAP,
    GRAVITY,
    PLAIN,
    ICIO,
)
"""All layouts, in the order in which a header is tried."""

KINDS = tuple(dict.fromkeys(reader.kind for reader in READERS))
"""Names of the data sets."""

MIN_ICIO_COLUMNS = 4
"""Columns below which a table is no input-output table."""


def recognise(header: Sequence[str], kind: str = "auto") -> Reader | None:
    """Find the reader of a header.

    Parameters
    ----------
    header : sequence of str
        Names of the columns.
    kind : str, optional
        Only readers of this kind; "auto" tries all.

    Returns
    -------
    Reader or None
        The first one whose required columns are all there.

    Examples
    --------
    >>> recognise(["t", "i", "j", "k", "v", "q"]).title
    'CEPII BACI'
    """
    for reader in READERS:
        if kind in ("auto", reader.kind) and _is_layout(reader, header):
            return reader
    return None


def nearest(header: Sequence[str], kind: str = "auto") -> tuple[Reader, list[str]]:
    """Give the reader that lacks the smallest part of its columns, and the roles it lacks."""
    wanted = [r for r in READERS if kind in ("auto", r.kind) and r.makes != "codes" and r.required]
    chosen = min(wanted or [PLAIN], key=lambda r: len(r.missing(header)) / len(r.required))
    return chosen, chosen.missing(header)


def _is_layout(reader: Reader, header: Sequence[str]) -> bool:
    if reader is ICIO:
        return _is_icio(header)
    return not reader.missing(header)


def _is_icio(header: Sequence[str]) -> bool:
    """Whether the columns are COUNTRY_SECTOR pairs, as in every edition of the ICIO."""
    pairs = [name for name in header[1:] if "_" in name]
    blocks = {name.partition("_")[0] for name in pairs}
    upper = all(name == name.upper() for name in pairs)
    return (
        len(pairs) >= MIN_ICIO_COLUMNS
        and len(pairs) >= len(header) - 3
        and upper
        and (len(blocks) < len(pairs))
    )


def shown_columns(reader: Reader) -> str:
    """Name the required columns as people write them, for a remedy."""
    return ", ".join("/".join(reader.columns[role][:2]) for role in reader.required)


__all__ = ["KINDS", "READERS", "fold_column", "nearest", "recognise", "shown_columns"]
