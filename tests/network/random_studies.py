"""Random small studies, for tests of what must hold of any."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from tiny_study import BOXES, RAIL, ROAD, border, link, make_study, node, transfer, zone

from kervan import Study

Row = dict[str, Any]


@dataclass(frozen=True)
class Tables:
    """Rows of a random study: two countries, two modes, zones at the first three nodes."""

    node: list[Row]
    link: list[Row]
    border: list[Row]
    zone: list[Row]
    transfer: list[Row]
    mode: list[Row]
    commodity: list[Row]

    def study(self) -> Study:
        return make_study(**self.__dict__)


@st.composite
def studies(draw: st.DrawFn) -> Tables:
    n = draw(st.integers(4, 7))
    names = [f"n{i}" for i in range(n)]
    country = {name: ("XAA", "XBB")[draw(st.integers(0, 1))] for name in names}
    pairs = [(a, b) for i, a in enumerate(names) for b in names[:i]]
    chosen = draw(st.lists(st.sampled_from(pairs), min_size=n - 1, max_size=2 * n, unique=True))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    links = [
        link(b, a, float(rng.uniform(50, 3000)), str(rng.choice(["rail", "rail", "road"])),
             link_id=f"l{i}")
        for i, (a, b) in enumerate(chosen)
    ]  # fmt: skip
    borders = [
        border(x, y, str(row["mode"]), wait_h=float(rng.uniform(1, 40)))
        for row in links
        for x, y in ((row["from_node_id"], row["to_node_id"]),
                     (row["to_node_id"], row["from_node_id"]))
        if country[x] != country[y]
    ]  # fmt: skip
    return Tables(
        node=[node(name, country[name], terminal="yes") for name in names],
        link=links,
        border=borders,
        zone=[zone(name, country[name]) for name in names[:3]],
        transfer=[transfer("*", "rail", "road"), transfer("*", "road", "rail")],
        mode=[dict(RAIL), dict(ROAD)],
        commodity=[{**BOXES, "modes": "rail|road"}],
    )
