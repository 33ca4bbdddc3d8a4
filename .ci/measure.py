"""Run a command, print its seconds and peak memory, fail above a bound.

usage: measure.py TITLE MOST_SECONDS COMMAND...
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

MOST_MEMORY_MB = 2000

title, most, *command = sys.argv[1:]
began = time.perf_counter()
subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
seconds = time.perf_counter() - began
megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6
print(f"{title}: {seconds:.1f} s, peak memory {megabytes:.0f} MB")
if seconds > float(most) or megabytes > MOST_MEMORY_MB:
    sys.exit(f"more than {most} s or {MOST_MEMORY_MB} MB")
