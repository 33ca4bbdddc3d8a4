"""The benchmark against other libraries still runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

COMPARE = Path(__file__).parents[2] / "benchmarks" / "compare.py"


@pytest.mark.skipif(not COMPARE.is_file(), reason="benchmarks are not part of the distribution")
def test_smoke_run_agrees_with_the_peers_at_hand() -> None:
    command = [sys.executable, str(COMPARE), "--smoke"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines() if " kervan " in line][-3:] == [
        "build",
        "skims",
        "sets",
    ]
