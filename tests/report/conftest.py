from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import kervan
from kervan.pipeline import RunResult, run
from kervan.report.atlas import Atlas, atlas_of
from kervan.tables.read import empty_table


@pytest.fixture(scope="session")
def result() -> RunResult:
    """The toy study with two scenarios."""
    return run(kervan.open("toy"), scenarios=["ferry-closed", "tunnel"], draws=8)


@pytest.fixture(scope="session")
def atlas(result: RunResult) -> Atlas:
    titles = {s.name: {lang: s.title(lang) for lang in ("en", "tr")} for s in result.scenarios}
    return atlas_of(result.study.tables, titles)


@dataclass(frozen=True)
class FakeLeg:
    kind: str
    mode: str
    from_node: str
    to_node: str
    ref_id: str
    km: float = 100.0
    hours: float = 5.0
    wait_h: float = 0.0


@pytest.fixture
def leg() -> Callable[..., FakeLeg]:
    return FakeLeg


@pytest.fixture
def route() -> Callable[..., SimpleNamespace]:
    def make(corridor: str, share: float, *legs: FakeLeg) -> SimpleNamespace:
        return SimpleNamespace(corridor=corridor, share=share, legs=legs)

    return make


def frame(table: str, rows: list[dict[str, object]]) -> pd.DataFrame:
    """A table with all its columns."""
    empty = empty_table(table)
    made = pd.DataFrame(rows).reindex(columns=empty.columns)
    return made.set_index(made.columns[0], drop=False)


@pytest.fixture
def tables() -> dict[str, pd.DataFrame]:
    """Four nodes on both sides of the antimeridian, three links, one ferry."""
    node = [
        {"node_id": n, "name_en": f"{n.upper()} (port)", "name_tr": f"{n}-tr", "x_coord": x,
         "y_coord": y}
        for n, x, y in (("a", 170.0, 50.0), ("b", 179.0, 51.0), ("c", -179.0, 52.0),
                        ("d", -170.0, 50.0))
    ]  # fmt: skip
    wkb = bytes.fromhex(
        "010200000002000000" + np.array([-179.0, 52.0, -170.0, 50.0], "<f8").tobytes().hex()
    )
    links = [
        {"link_id": "ab", "from_node_id": "a", "to_node_id": "b", "mode": "rail",
         "geometry": "LINESTRING (179 51, 175 53, 170 50)"},
        {"link_id": "bc", "from_node_id": "b", "to_node_id": "c", "mode": "rail", "geometry": ""},
        {"link_id": "cd", "from_node_id": "c", "to_node_id": "d", "mode": "rail", "geometry": wkb},
    ]  # fmt: skip
    service = [{"service_id": "s", "from_node_id": "a", "to_node_id": "d", "mode": "boat"}]
    mode = [{"mode": "rail", "name_en": "Rail", "name_tr": "Demir yolu", "family": "rail"},
            {"mode": "boat", "name_en": "Boat", "name_tr": "Gemi", "family": "ferry"}]  # fmt: skip
    corridor = [
        {"corridor_row": c, "corridor_id": c, "name_en": f"Corridor {c}", "name_tr": f"Koridor {c}",
         "priority": i, "sequence": 1}
        for i, c in enumerate(("x", "y"), start=1)
    ]  # fmt: skip
    made = {name: empty_table(name) for name in ("zone", "commodity", "border")}
    return {
        **made,
        "node": frame("node", node),
        "link": frame("link", links),
        "service": frame("service", service),
        "mode": frame("mode", mode),
        "corridor": frame("corridor", corridor),
    }
