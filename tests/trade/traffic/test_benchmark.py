"""The benchmark runs, and what it times is a solution."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[3] / "benchmarks" / "traffic.py"
LINE = re.compile(r"^225 840 (\d+) ([\w ]+): ([\d.]+) \((\d+), ([\d.e+-]+); 0.03\), ([\d.]+)")


def test_smoke_run() -> None:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--smoke"], check=True, capture_output=True, text=True
    )
    lines = [LINE.match(line) for line in done.stdout.splitlines()[1:]]
    assert len(lines) == 8
    assert all(line is not None and float(line[5]) <= 1e-12 for line in lines)
