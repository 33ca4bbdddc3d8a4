"""Country outlines and the overlay that stands on them."""

from __future__ import annotations

import shapely
from drawn_layers import layer, overlay

from kervan.core.outlines import country_areas, read_outlines
from kervan.network.sources.countries import allowed_by_overlay, country_masks


def test_outlines_hold_the_corridor_and_mark_disputed_lines() -> None:
    areas = country_areas()
    assert {"TUR", "GEO", "AZE", "KAZ", "CHN", "TKM", "IRN", "RUS", "UZB"} <= set(areas)
    assert areas["KAZ"].contains(shapely.Point(76.9, 43.3))
    borders = read_outlines("border")
    assert borders["disputed"].any()
    assert not borders["disputed"].all()
    assert set(read_outlines()["kind"]) == {"area", "border", "coast"}


def test_country_mask_has_a_strip_and_may_be_extended() -> None:
    places = layer([(76.9, 43.3), (80.45, 44.2), (82.0, 44.2), (90.0, 44.0)], [(0, 1), (2, 3)])
    mask = country_masks(places, ["KAZ"])["KAZ"]
    assert mask.tolist() == [True, True, False, False]
    box = {"west": 81.5, "south": 44.0, "east": 82.5, "north": 44.5}
    wider = overlay({"action": "extend", "country": "KAZ|UZB"} | box)
    assert country_masks(places, ["KAZ"], wider)["KAZ"].tolist() == [True, True, True, False]


def test_later_rules_override_earlier_ones() -> None:
    places = layer([(0, 0), (1, 0), (2, 0)], [(0, 1), (1, 2)])
    box = {"west": 0.5, "south": -1.0, "east": 1.5, "north": 1.0}
    rules = overlay({"country": "AAA|BBB"}, {"action": "deny"} | box, {"mode": "other"})
    assert allowed_by_overlay(places, rules, "rail_1520", "AAA").tolist() == [True, False, True]
    assert not allowed_by_overlay(places, rules, "rail_1520", "CCC").any()
