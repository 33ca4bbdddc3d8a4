"""Open rows of the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kervan.scenarios.opening import Opening


@dataclass(frozen=True)
class Open(Opening):
    """Let routes pass rows that were closed."""

    keyword: ClassVar[str] = "open"
    is_open: ClassVar[bool] = True
