"""Lines of links, routes over them, bands side by side, labels that do not collide."""

from __future__ import annotations

import numpy as np
import pytest

from kervan.report.bands import MIN_WIDTH, band_width, bands_of, shifted
from kervan.report.geometry import bounds_of, clipped, parse_geometries, route_line, shapes_of
from kervan.report.labels import place_labels


def test_lines_run_from_tail_to_head_whatever_their_writing(tables):
    shapes = shapes_of(tables)
    assert shapes.lines["ab"][0].tolist() == [170.0, 50.0]
    assert shapes.lines["ab"][-1].tolist() == [179.0, 51.0]
    assert shapes.lines["cd"][-1].tolist() == [-170.0, 50.0]


def test_no_line_jumps_round_the_globe(tables, leg, route):
    shapes = shapes_of(tables)
    assert np.abs(np.diff(shapes.lines["bc"][:, 0])).max() == pytest.approx(2.0)
    way = route("x", 1.0, leg("link", "rail", "a", "b", "ab"), leg("link", "rail", "b", "c", "bc"),
                leg("link", "rail", "c", "d", "cd"))  # fmt: skip
    west, _, east, _ = bounds_of([route_line(way, shapes)])
    assert (west, east) == (170.0, 190.0)


def test_a_leg_against_the_link_is_turned_round(tables, leg, route):
    shapes = shapes_of(tables)
    back = route("x", 1.0, leg("link", "rail", "b", "a", "ab"))
    assert route_line(back, shapes)[0].tolist() == [179.0, 51.0]


def test_cells_without_a_line_are_left_out():
    parsed = parse_geometries(["", None, float("nan"), "POINT (1 2)", "nonsense", b"\x00"])
    assert parsed == [None] * 6


def test_stops_and_unknown_rows_have_no_line(tables, leg, route):
    way = route("x", 1.0, leg("border", "rail", "a", "b", "ab"), leg("link", "rail", "a", "b", "?"))
    assert len(route_line(way, shapes_of(tables))) == 0


def test_corridors_that_share_a_line_run_side_by_side(tables, leg, route):
    shapes = shapes_of(tables)
    legs = [leg("link", "rail", "a", "b", "ab"), leg("link", "rail", "b", "c", "bc")]
    both = [route("x", 0.75, *legs), route("y", 0.25, legs[0])]
    bands = bands_of(both, shapes, ["x", "y"], frozenset())
    shared = {band.corridor: band for band in bands if band.line[0].tolist() == [170.0, 50.0]}
    x, y = shared["x"], shared["y"]
    assert x.offset > y.offset
    assert x.offset - y.offset == pytest.approx((x.width + y.width) / 2)
    alone = next(b for b in bands if b.corridor == "x" and b is not x)
    assert alone.offset == pytest.approx(0.0)


def test_width_grows_with_share():
    assert band_width(0.0) == MIN_WIDTH
    assert band_width(0.2) < band_width(0.8)


def test_shift_moves_to_the_left():
    (line,) = shifted(np.array([[0.0, 0.0], [10.0, 0.0]]), 2.0)
    assert line[:, 1] == pytest.approx([2.0, 2.0])
    assert shifted(np.array([[1.0, 1.0], [1.0, 1.0]]), 2.0) == []


def test_shapes_beyond_180_degrees_are_found(tables):
    shapes = np.array(parse_geometries(["LINESTRING (-179 0, -170 0)"]), dtype=object)
    (found,) = clipped(shapes, (170.0, -5.0, 200.0, 5.0), tolerance=0.0)
    assert found.bounds == (181.0, 0.0, 190.0, 0.0)


def test_labels_neither_overlap_nor_leave_the_page():
    rng = np.random.default_rng(4)
    points = rng.uniform(0, 300, (60, 2))
    sizes = np.column_stack([rng.uniform(20, 60, 60), np.full(60, 10.0)])
    placed = place_labels(points, sizes, bounds=(0, 0, 300, 300), obstacles=[(0, 0, 100, 30)])
    boxes = [(p.x, p.y, p.x + sizes[p.index, 0], p.y + sizes[p.index, 1]) for p in placed]
    assert len(boxes) > 15
    boxes.append((0, 0, 100, 30))
    for i, a in enumerate(boxes):
        assert min(a[:2]) >= 0
        assert max(a[2:]) <= 300
        for b in boxes[:i]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
