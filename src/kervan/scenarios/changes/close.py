"""Close rows of the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kervan.scenarios.opening import Opening


@dataclass(frozen=True)
class Close(Opening):
    """Let no route pass the rows."""

    keyword: ClassVar[str] = "close"
    is_open: ClassVar[bool] = False
