"""Tasks that the workers of the tests import."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Scaled:
    """Multiply; kill the worker the first time `deadly` is met."""

    factors: Mapping[str, float]
    deadly: int = -1
    trace: str = ""

    def __call__(self, task: int) -> tuple[float, str]:
        if task == self.deadly and not Path(self.trace).exists():
            Path(self.trace).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return task * self.factors["factor"] / 3.0, os.environ.get("OMP_NUM_THREADS", "")


def always_deadly(task: int) -> int:
    if task == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return task


def fails(task: int) -> int:
    raise ValueError(f"task {task}")
