"""Maps and profiles: repeatable, in both languages, text as text."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from kervan.report.atlas import atlas_of
from kervan.report.figures import chosen_pairs, draw_figures, journeys_picture
from kervan.report.map import draw_map, prepare_map, round_length
from kervan.report.profile_figure import Profile, draw_profiles, stops_of
from kervan.report.style import figure_style, to_png, to_svg

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def pictures(result, atlas):
    return draw_figures(result, atlas, ["en", "tr"], with_png=["tr"])


def test_a_map_and_a_profile_for_each_pair_and_language(result, pictures):
    lines = chosen_pairs(result)
    assert lines
    assert set(pictures) == {
        (kind, line, lang) for kind in ("map", "profile") for line in lines for lang in ("en", "tr")
    }
    for picture in pictures.values():
        assert picture.png.startswith(PNG) == (picture.lang == "tr")


def test_figures_repeat_byte_for_byte(result, atlas, pictures):
    again = draw_figures(result, atlas, ["en", "tr"], with_png=["tr"])
    for key, picture in pictures.items():
        assert again[key].svg == picture.svg
        assert again[key].png == picture.png


def test_svg_is_xml_with_text_and_without_a_date(pictures):
    for picture in pictures.values():
        root = ET.fromstring(picture.svg)
        texts = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
        assert len(texts) > 5
        assert "<dc:date>" not in picture.svg
        assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", _drawing(picture.svg))


def _drawing(svg: str) -> str:
    return re.sub(r"<!DOCTYPE.*?>|<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)


def test_the_languages_differ(result, pictures):
    line = chosen_pairs(result)[0]
    assert "Boundaries are not authoritative" in pictures["map", line, "en"].svg
    assert "resmî nitelik taşımaz" in pictures["map", line, "tr"].svg
    assert "Mesafe (km)" in pictures["profile", line, "tr"].svg


def test_inline_figures_share_no_ids_and_take_the_pages_colours(pictures):
    inlined = [picture.inline() for picture in pictures.values()]
    ids = [found for svg in inlined for found in re.findall(r' id="([^"]+)"', svg)]
    assert len(ids) == len(set(ids))
    for svg in inlined:
        assert svg.startswith("<svg")
        assert "var(--ink,#1b2430)" in svg
        assert "<style" not in svg
        assert 'role="img"' in svg
        assert set(re.findall(r'(?:url\(|href=")#([^)"]+)', svg)) <= set(ids)


def test_map_across_the_antimeridian(tables, leg, route):
    atlas = atlas_of(tables)
    way = route("x", 0.9, leg("link", "rail", "a", "b", "ab"), leg("link", "rail", "b", "c", "bc"),
                leg("link", "rail", "c", "d", "cd"))  # fmt: skip
    boat = route("unheard-of", 0.1, leg("service", "boat", "a", "d", "s", wait_h=2.0))
    with figure_style():
        sheet = prepare_map(atlas, [way, boat])
        figure = draw_map(sheet, title="A", subtitle="", lang="en")
        svg = to_svg(figure, title="A")
    west, _, east, _ = sheet.contents[0].panel.view
    assert east - west < 3500
    assert "unheard-of" in svg
    assert ">A<" in svg


def test_a_map_of_one_place_is_drawn(tables, leg, route):
    with figure_style():
        sheet = prepare_map(
            atlas_of(tables), [route("x", 1.0, leg("access", "rail", "a", "a", ""))]
        )
        assert to_png(draw_map(sheet, title="", subtitle="", lang="tr")).startswith(PNG)


def test_small_corridors_are_named_and_not_drawn(tables, leg, route):
    legs = leg("link", "rail", "a", "b", "ab")
    sheet = prepare_map(atlas_of(tables), [route("x", 0.999, legs), route("y", 0.001, legs)])
    assert list(sheet.drawn) == ["x"]
    assert sheet.left_out == ["y"]
    with figure_style():
        figure = draw_map(sheet, title="", subtitle="", lang="en")
        assert "Not drawn, below 0.5%: Corridor y" in to_svg(figure, title="")


@pytest.mark.parametrize(("km", "length"), [(999.0, 500.0), (1000.0, 1000.0), (2.4, 2.0)])
def test_round_length(km, length):
    assert round_length(km) == length


def test_stops_are_the_vertical_steps():
    points = pd.DataFrame(
        {"place": ["a", "a", "b", "b", "b", "c"], "km": [0.0, 0.0, 10.0, 10.0, 10.0, 20.0],
         "hours": [0.0, 3.0, 4.0, 9.0, 11.0, 12.0]}
    )  # fmt: skip
    stops = stops_of(points)
    assert stops["place"].tolist() == ["a", "b"]
    assert (stops["end"] - stops["start"]).tolist() == [3.0, 7.0]


def test_the_baseline_stands_grey_behind():
    points = pd.DataFrame({"place": ["a", "b", "b"], "km": [0.0, 50.0, 50.0],
                           "hours": [0.0, 2.0, 9.0], "usd_per_t": [0.0, 1.0, 3.0]})  # fmt: skip
    before = points.assign(hours=points["hours"] * 2)
    lines = [Profile("Now", "#0072b2", points), Profile("Before", "", before, is_ghost=True)]
    with figure_style():
        figure = draw_profiles(lines, title="t", subtitle="s", lang="en")
        svg = to_svg(figure, title="t")
    first, second = figure.axes[0].lines[:2]
    assert (first.get_color(), second.get_color()) == ("#a9b1ba", "#0072b2")
    assert "18 h (0.8 d)" in svg


def test_journeys_without_an_estimate_are_left_out():
    rows = pd.DataFrame({"observed_h": [240.0, 100.0], "modelled_h": [220.0, np.nan],
                         "scored": [True, True], "service_class": ["block", "block"],
                         "use": ["holdout", "fit"]})  # fmt: skip
    picture = journeys_picture(rows, "tr", with_png=True)
    assert picture.png.startswith(PNG)
    assert "blok tren (1)" in picture.svg
