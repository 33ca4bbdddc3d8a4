"""One file per kind of change; a new kind adds its file and its line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from kervan.scenarios.changes.add import Add
from kervan.scenarios.changes.close import Close
from kervan.scenarios.changes.commodity import CommodityChange
from kervan.scenarios.changes.mode import ModeChange
from kervan.scenarios.changes.reopen import Open
from kervan.scenarios.changes.scale import Scale
from kervan.scenarios.changes.set import Set
from kervan.scenarios.changes.setting import SettingChange

CHANGES: Mapping[str, type[Any]] = MappingProxyType(
    {
        kind.keyword: kind
        for kind in (Close, Open, Add, Set, Scale, ModeChange, CommodityChange, SettingChange)
    }
)
"""Class of each keyword that a card may write after ``do =``."""

__all__ = [
    "CHANGES",
    "Add",
    "Close",
    "CommodityChange",
    "ModeChange",
    "Open",
    "Scale",
    "Set",
    "SettingChange",
]
