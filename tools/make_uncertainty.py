"""Make the draws that a study ships, which reports read their intervals from.

    .venv/bin/python tools/make_uncertainty.py [STUDY] [--draws 500] [--seed 20170911]

Writes ``uncertainty.json`` into the study's folder. Run it after the last change of the study or of
the program up to its pipeline: what changes later makes the file no longer hold.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from kervan.core.files import write_bytes
from kervan.pipeline.uncertainty import (
    Plan,
    Progress,
    draw_outcomes,
    shipped_path,
    stored_intervals,
    write_uncertainty,
)
from kervan.pipeline.uncertainty.run import SEED
from kervan.pipeline.uncertainty.stored import FILE
from kervan.study import open_study

TOLD_EVERY = 20


def tell(one: Progress) -> None:
    """Print how far it is now and then."""
    if one.done % TOLD_EVERY == 0 or one.done == one.total:
        left = f"{one.remaining_s:.0f} s left"
        print(f"{one.step}: {one.done} of {one.total}, {one.failed} failed, {left}", flush=True)


def main() -> None:
    """Read the arguments, draw, write, and read back."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", nargs="?", default="east-west-line")
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--executor", default="processes")
    parser.add_argument("--workers", type=int)
    parser.add_argument("--keep", type=Path, help="folder of the draws, to go on with later")
    asked = parser.parse_args()
    study = open_study(asked.study)
    path = shipped_path(study)
    if path is None:
        parser.error(f"{asked.study} is not shipped with the package")
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.keep or Path(temporary)
        result = draw_outcomes(
            study, folder, plan=Plan(asked.draws, asked.seed), executor=asked.executor,
            workers=asked.workers, resume=asked.keep is not None, progress=tell,
        )  # fmt: skip
        write_uncertainty(result, folder)
        if not result.complete:
            parser.exit(130, f"stopped; go on with --keep {folder}\n")
        write_bytes(path, (folder / FILE).read_bytes())
    print(f"{path}: {result.summary.done} draws in {time.monotonic() - begun:.0f} s")
    assert stored_intervals(study) is not None, "what was written does not hold"


if __name__ == "__main__":
    main()
