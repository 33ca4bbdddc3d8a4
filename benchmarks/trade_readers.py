"""Time and weigh the reading of a year of BACI: 11 million rows to a country–sector table.

    python benchmarks/trade_readers.py                  # 11 million rows, about 300 MB
    python benchmarks/trade_readers.py --rows 200000    # smoke
    python benchmarks/trade_readers.py --keep FOLDER    # keep the generated file

The file is made here in the layout CEPII publishes (columns t,i,j,k,v,q; sorted; about 2 % of
the quantities written as NA); the flows in it are random. The reading runs in a process of its own:
wall and CPU seconds and the largest resident set are that process's, with Python and all imports.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np

SEED = 20170911
ROWS = 11_000_000
NAME = "BACI_HS17_Y2022_V202401b.csv"
LIMIT_S, LIMIT_GB = 60.0, 2.0


def make_baci(path: Path, rows: int) -> None:
    """Write a file of the layout of BACI with random flows, each pair and product once."""
    from kervan.trade.readers.codes import rows_of

    rng = np.random.default_rng(SEED)
    numbers = {"FRA": 251, "USA": 842, "IND": 699, "CHE": 757, "NOR": 579, "TWN": 490}
    codes = np.array(
        sorted(
            numbers.get(row["iso3"], int(row["numeric"]))
            for row in rows_of("countries.csv")
            if row["numeric"]
        )[:226]
    )
    chapters = np.array([c for c in range(1, 98) if c != 77])
    products = np.sort((chapters[:, None] * 10_000 + np.arange(10, 66)[None, :] * 100 + 10).ravel())
    space = len(codes) * (len(codes) - 1) * len(products)
    gap = max(space // rows, 1)
    place = np.cumsum(rng.integers(1, 2 * gap, rows, endpoint=False))
    place = place[place < space]
    pair, k = np.divmod(place, len(products))
    i, j = np.divmod(pair, len(codes) - 1)
    j = j + (j >= i)
    table = {
        "i": codes[i],
        "j": codes[j],
        "k": products[k],
        "v": rng.lognormal(2.0, 2.5, len(place)).round(3) + 0.001,
        "q": rng.lognormal(1.0, 2.5, len(place)).round(3),
        "known": rng.random(len(place)) > 0.02,
    }
    con = duckdb.connect()
    con.register("flows", table)
    con.execute(
        "COPY (SELECT 2022 AS t, i, j, lpad(k::VARCHAR, 6, '0') AS k, printf('%.3f', v) AS v, "
        "CASE WHEN known THEN printf('%.3f', q) ELSE '          NA' END AS q FROM flows) "
        f"TO '{path}' (HEADER, DELIMITER ',', QUOTE '')"
    )


def read_baci(path: Path, out: Path) -> dict[str, float]:
    """Read the file in this process and weigh it."""
    start = time.perf_counter()
    from kervan.trade.readers import import_trade

    result = import_trade("baci", [path], out)
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "rows": float(result.manifest["totals"]["rows"]),
        "wall_s": time.perf_counter() - start,
        "cpu_s": used.ru_utime + used.ru_stime,
        "peak_gb": used.ru_maxrss / 1e6,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--read", nargs=2, type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.read:
        print(json.dumps(read_baci(*given.read)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        where = given.keep or Path(folder)
        where.mkdir(parents=True, exist_ok=True)
        path = where / NAME
        if not path.exists():
            make_baci(path, given.rows)
        command = [sys.executable, __file__, "--read", str(path), str(Path(folder) / "out")]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found = json.loads(done.stdout)
        again = json.loads(
            subprocess.run(command, check=True, capture_output=True, text=True).stdout
        )
    print(f"{found['rows']:,.0f} rows, {path.name}")
    for name, figures in (("first", found), ("again, finished", again)):
        print(
            f"{name:16s} {figures['wall_s']:6.1f} s wall {figures['cpu_s']:6.1f} s CPU "
            f"{figures['peak_gb']:5.2f} GB"
        )
    within = found["wall_s"] < LIMIT_S and found["peak_gb"] < LIMIT_GB
    print(f"within {LIMIT_S:.0f} s and {LIMIT_GB:.0f} GB: {'yes' if within else 'NO'}")
    return 0 if within else 1


if __name__ == "__main__":
    raise SystemExit(main())
