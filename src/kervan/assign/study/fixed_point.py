"""Fixed points of volumes: what passes a row decides its time, which decides what passes it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from kervan.network.graph import FloatArray

STEP, MEMORY, PATIENCE = 0.7, 6, 6
LEAST_STEP, LONGEST = 0.01, 3.0
"""A mixed step is never longer, in any volume, than so many times the largest plain one."""


@dataclass(eq=False)
class Mixer:
    """Next volumes from those tried so far.

    A plain step moves part of the way to the volumes that came out. With `mixes` the last few
    trials are combined so that their moves would nearly cancel (Anderson's method [1]_), which
    settles steep delays that plain steps swing around. Where the residual has not fallen for some
    rounds the trials are forgotten and steps get shorter.

    References
    ----------
    .. [1] Walker and Ni (2011), Anderson acceleration for fixed-point iterations, SIAM Journal on
       Numerical Analysis 49.
    """

    mixes: bool
    scale: FloatArray
    step: float = STEP
    best: float = np.inf
    stale: int = 0
    tried: deque[tuple[FloatArray, FloatArray]] = field(
        default_factory=lambda: deque(maxlen=MEMORY)
    )

    def next_volume(self, volume: FloatArray, came: FloatArray) -> FloatArray:
        """Give the volumes to try next."""
        move = (came - volume) / self.scale
        if not self.mixes:
            return np.asarray(volume + self.step * move * self.scale)
        self._judge(float(np.abs(move).max(initial=0.0)))
        self.tried.append((volume / self.scale, move))
        mixed = self._mixed(volume / self.scale, move)
        return np.asarray(np.maximum(mixed, 0.0) * self.scale)

    def may_stop(self, residual: float, fine: float) -> bool:
        """Tell whether more rounds would bring little: mixed steps get far in a few."""
        return not self.mixes or residual <= fine or self.stale > 1

    def _judge(self, residual: float) -> None:
        self.stale = 0 if residual < 0.9 * self.best else self.stale + 1
        self.best = min(self.best, residual)
        if self.stale >= PATIENCE:
            self.tried.clear()
            self.stale, self.step = 0, max(0.5 * self.step, LEAST_STEP)

    def _mixed(self, at: FloatArray, move: FloatArray) -> FloatArray:
        plain = at + self.step * move
        if len(self.tried) < 2:
            return np.asarray(plain)
        points, moves = (np.stack(rows, axis=1) for rows in zip(*self.tried, strict=True))
        d_point, d_move = np.diff(points, axis=1), np.diff(moves, axis=1)
        weight = np.linalg.lstsq(d_move, move, rcond=1e-10)[0]
        step = self.step * move - (d_point + self.step * d_move) @ weight
        most = LONGEST * max(float(np.abs(move).max()), 1e-12)
        size = float(np.abs(step).max())
        if not np.isfinite(size):
            return np.asarray(plain)
        return np.asarray(at + step * min(1.0, most / size) if size > 0 else at)
