"""Files whose form is broken: encodings, separators, quotes, links, sizes."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from breaking import Cases, overwrite, read, swap, write

FORM = Cases()


@FORM.add("missing-column", "link.csv, row line 1, field length_km", "column is missing", "add it")
def _(folder: Path) -> None:
    rows = read(folder, "link")
    at = rows[0].index("length_km")
    write(folder, "link", [row[:at] + row[at + 1 :] for row in rows])


@FORM.add(
    "unknown-column",
    "border.csv, row line 1, field wait_hours",
    "unknown column",
    "did you mean wait_h?",
    "field wait_h: the column is missing",
)
def _(folder: Path) -> None:
    swap(folder, "border.csv", ",wait_h,", ",wait_hours,")


@FORM.add("column-twice", "mode.csv, row line 1, field speed_kph", "stands twice", "keep one")
def _(folder: Path) -> None:
    swap(folder, "mode.csv", "stop_h_per_1000km", "speed_kph")


@FORM.add("empty-file", "node.csv: the file is empty", "write at least the header node_id")
def _(folder: Path) -> None:
    overwrite(folder, "node.csv", b"")


@FORM.add("blank-file", "link.csv: the file is empty", "write at least the header link_id")
def _(folder: Path) -> None:
    overwrite(folder, "link.csv", b"\n \n,,,\n")


@FORM.add("no-such-table", "zone.csv: the table is missing", "kervan new")
def _(folder: Path) -> None:
    (folder / "zone.csv").unlink()


@FORM.add("no-zones", "zone.csv: has no rows", "add the places")
def _(folder: Path) -> None:
    write(folder, "zone", read(folder, "zone")[:1])


@FORM.add("byte-order-mark", "transfer.csv: starts with a byte-order mark", "without BOM")
def _(folder: Path) -> None:
    overwrite(folder, "transfer.csv", b"\xef\xbb\xbf" + (folder / "transfer.csv").read_bytes())


@FORM.add("semicolons", "commodity.csv: is separated by semicolons", "by commas")
def _(folder: Path) -> None:
    overwrite(folder, "commodity.csv", (folder / "commodity.csv").read_bytes().replace(b",", b";"))


@FORM.add("tabs", "service.csv: is separated by tabs", "by commas")
def _(folder: Path) -> None:
    overwrite(folder, "service.csv", (folder / "service.csv").read_bytes().replace(b",", b"\t"))


@FORM.add("windows-1254", "node.csv, row line ", "is not UTF-8 text", "save the file as UTF-8")
def _(folder: Path) -> None:
    overwrite(folder, "node.csv", (folder / "node.csv").read_text("utf-8").encode("cp1254"))


@FORM.add("utf-16", "zone.csv: ", "UTF-8", "save")
def _(folder: Path) -> None:
    overwrite(folder, "zone.csv", (folder / "zone.csv").read_text("utf-8").encode("utf-16"))


@FORM.add("nul-bytes", "border.csv: holds NUL bytes", "save as UTF-8 text")
def _(folder: Path) -> None:
    swap(folder, "border.csv", "rail_1520,10,", "rail_1520,1\0000,")


@FORM.add("ragged-rows", "link.csv, row line 3", "has 10 fields, the header 9", "quote values")
def _(folder: Path) -> None:
    swap(folder, "link.csv", "bela-bahar,", "bela-bahar,,")


@FORM.add("short-rows", "link.csv, row line 3", "has 8 fields, the header 9", "every empty field")
def _(folder: Path) -> None:
    swap(folder, "link.csv", "bela-bahar,", "")


@FORM.add("unclosed-quote", "demand.csv: not a CSV file", "close every quote")
def _(folder: Path) -> None:
    swap(folder, "demand.csv", "d5,", '"d5,')


@FORM.add("endless-cell", "demand.csv: not a CSV file", "field larger than field limit")
def _(folder: Path) -> None:
    swap(folder, "demand.csv", "d5,", f"{'d' * 200_000},")


@FORM.add("text-for-parquet", "link.parquet: is not a Parquet file", "write it again")
def _(folder: Path) -> None:
    overwrite(folder, "link.parquet", b"PAR1 but not really")


@FORM.add(
    "parquet-without-a-column",
    "link.parquet, field length_km: the column is missing",
    "link.parquet, field lenght_km: unknown column",
)
def _(folder: Path) -> None:
    as_parquet(folder, lambda links: links.rename(columns={"length_km": "lenght_km"}))


@FORM.add(
    "parquet-of-points",
    "link.parquet, row alma-bela, field geometry: is not a line in WKB or WKT",
    "link.parquet, row alma-bela (line 1), field length_km: 'inf' is not a finite number",
)
def _(folder: Path) -> None:
    as_parquet(folder, lambda links: links.assign(geometry=b"\x01", length_km=float("inf")))


@FORM.add("symlink-loop", "border.csv: cannot be read", "check the file or link")
def _(folder: Path) -> None:
    (folder / "border.csv").unlink()
    (folder / "border.csv").symlink_to(folder / "border.csv")


@FORM.add("broken-symlink", "mode.csv: cannot be read", "check the file or link")
def _(folder: Path) -> None:
    (folder / "mode.csv").unlink()
    (folder / "mode.csv").symlink_to(folder / "nowhere.csv")


@FORM.add("folder-for-a-table", "demand.csv: cannot be read", "check the file or link")
def _(folder: Path) -> None:
    (folder / "demand.csv").unlink()
    (folder / "demand.csv").mkdir()


@FORM.add(
    "million-rows-of-garbage",
    "link.csv, row line ",
    "fields, the header 5",
    "more rows, field (row)",
    "mend them the same way",
)
def _(folder: Path) -> None:
    draw = random.Random(2)
    line = "".join(draw.choices("abcxyz0189.,;:-_+ ", k=60))
    overwrite(folder, "link.csv", b"")
    with (folder / "link.csv").open("w", encoding="utf-8") as file:
        file.write(",".join(GARBAGE_HEADER) + "\n")
        file.writelines(f"{n},{line[n % 40 :]}\n" for n in range(1_000_000))


@FORM.add(
    "million-bad-rows",
    "link.csv, row x1 (line 3), field length_km",
    "not a finite number",
    "field to_node_id: 'nowhere' is not in node",
    "999980 more rows",
)
def _(folder: Path) -> None:
    with (folder / "link.csv").open("w", encoding="utf-8") as file:
        file.write(",".join(GARBAGE_HEADER) + "\n")
        file.writelines(f"x{n},alma,nowhere,rail_1520,long\n" for n in range(1_000_000))


GARBAGE_HEADER = ("link_id", "from_node_id", "to_node_id", "mode", "length_km")


def as_parquet(folder: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Write the links, changed, as Parquet in place of CSV."""
    change(pd.read_csv(folder / "link.csv")).to_parquet(folder / "link.parquet")
    (folder / "link.csv").unlink()
