"""Time the joint loop between assignment and trade: cold, and moved on from a solution."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import kervan
from kervan.pipeline.joint import joint_base, solve_joint
from kervan.scenarios import apply_cards, list_cards
from kervan.trade import load_elasticities

T = TypeVar("T")


def timed(job: Callable[[], T]) -> tuple[T, float, float]:
    """Give the result of a job, its wall and its CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = job()
    return result, time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    """Print one line per card."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--study", default="east-west-line")
    options.add_argument("--card", action="append", help="cards; all by default")
    options.add_argument("--json", help="file to write")
    chosen = options.parse_args()
    study = kervan.open(chosen.study)
    epsilon = load_elasticities().table["trade_elasticity"]
    joint_base(study)  # loads compiled code
    base, wall, cpu = timed(lambda: joint_base(study))
    other, *_ = timed(lambda: joint_base(study, epsilon=1.02 * epsilon, like=base))
    rows = [{"job": "base", "wall_s": wall, "cpu_s": cpu}]
    sys.stdout.write(f"{'base':28} {wall:6.2f} s wall {cpu:6.2f} s CPU\n")
    for card in chosen.card or [card.name for card in list_cards(study)]:
        changed = apply_cards(study, [card]).as_of(base.study.when)
        cold, wall, cpu = timed(lambda changed=changed: solve_joint(base, changed))
        warm, again, again_cpu = timed(
            lambda changed=changed, cold=cold: solve_joint(other, changed, start=cold)
        )
        rows.append(
            {"job": card, "wall_s": wall, "cpu_s": cpu, "rounds": cold.rounds,
             "residual": cold.residual, "warm_wall_s": again, "warm_cpu_s": again_cpu,
             "warm_rounds": warm.rounds, "warm_residual": warm.residual}
        )  # fmt: skip
        sys.stdout.write(
            f"{card:28} cold {wall:6.2f} s wall {cpu:6.2f} s CPU, {cold.rounds} rounds, residual "
            f"{cold.residual:.0e}; warm {again:5.2f} s wall {again_cpu:5.2f} s CPU, "
            f"{warm.rounds} rounds\n"
        )
    if chosen.json:
        Path(chosen.json).write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
