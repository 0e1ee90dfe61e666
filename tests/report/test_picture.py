"""Pictures of spaces: complete, well-formed, small, the same each time."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import pytest
from PIL import ImageFont

from ssrdsl.report.calls import coloured, lines, short
from ssrdsl.report.picture import space_svg
from ssrdsl.report.svg import FACES, text_width
from ssrdsl.space import open_space
from ssrdsl.space.decisions import Dimension, only
from ssrdsl.space.restrict import restrict
from ssrdsl.space.sample import Sampler
from tests.report.networks import shipped_svg
from tests.space.texts import graph_of
from tests.spaces.shipped import graph_of as graph_of_shipped

SPACES = [
    "realtime",
    "erfnet",
    "darts",
    "ofa_mobilenetv3",
    "fbnetv2",
    "cas",
    "crnas",
    "bisenetv2",
    "multi_dimensional_pruning",
]
SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    """The texts of a picture, and the pieces of those that have several."""
    root = ElementTree.fromstring(svg)
    return ["".join(element.itertext()) for kind in ("text", "tspan") for element in root.iter(f"{SVG}{kind}")]


@pytest.mark.parametrize("name", SPACES)
def test_pictures_are_well_formed_small_and_within_their_frame(name):
    svg = shipped_svg(name)
    assert len(svg) < 100_000
    root = ElementTree.fromstring(svg)
    width, height = (float(root.get(side, "")) for side in ("width", "height"))
    for element in root.iter(f"{SVG}rect"):
        x, y, w, h = (float(element.get(side, "")) for side in ("x", "y", "width", "height"))
        assert x >= 0
        assert y >= 0
        assert x + w <= width
        assert y + h <= height


@pytest.mark.parametrize("name", SPACES)
def test_texts_fit_their_boxes_even_in_the_widest_font(name):
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    faces = {
        kind: ImageFont.truetype(str(folder / ("DejaVuSans-Bold.ttf" if weight > 400 else "DejaVuSans.ttf")), size)
        for kind, (size, weight) in FACES.items()
    }
    root = ElementTree.fromstring(shipped_svg(name))
    written = [(element.get("class", "")[len("ssr-") :], element.text or "") for element in root.iter()]
    found = [(kind, text) for kind, text in written if kind in FACES]
    assert len(found) > 10
    for kind, text in found:
        assert faces[kind].getlength(text) <= text_width(text, kind) + 3, text


def test_a_split_shows_all_of_its_parts():
    found = texts(shipped_svg("crnas"))
    assert "n1, n2, n3, n4" in found


def test_stages_depths_decisions_and_extents_are_written():
    found = texts(shipped_svg("realtime"))
    for expected in (
        "realtime", "half", "quarter", "eighth", "aggregate(classes)", "1..5 ×", "1..9 ×", "joint(128, 0.3)",
        "2 depth", "14 operator", "280 channel", "d: 1, 2, 4, 8, 16", "s: 1, 2", "joint(c, drop)", "conv(mid, 3×1)",
        "dilation=d×1", "256 × 512", "96..128", "64 × 128",
        "{32..64 step 4} in quarter, {96..128 step 4} in eighth",
    ):  # fmt: skip
        assert expected in found


def test_sets_of_blocks_without_a_panel_are_shown_too():
    found = texts(shipped_svg("crnas"))
    assert "bottleneck dilation" in found
    assert "{1..3}" in found


def test_places_are_shown_only_if_they_distinguish_sets():
    found = texts(shipped_svg("multi_dimensional_pruning"))
    assert "{4..64 step 4}, {8..128 step 8}, {16..256 step 16}" in found


def test_a_block_of_the_prelude_is_one_part_with_its_loops():
    found = texts(shipped_svg("deeplabv3_r50"))
    assert found.count("aspp(256, rates)") == 1


def test_a_space_is_drawn_the_same_each_time():
    assert space_svg(open_space("spaces/realtime.ssr").graph) == shipped_svg("realtime")


def test_one_network_of_a_space_is_drawn_without_decisions():
    import random

    graph = graph_of_shipped("realtime")
    network = restrict(graph, only(Sampler(graph).draw(random.Random(3))))
    svg = space_svg(network)
    ElementTree.fromstring(svg)
    assert "280 channel" not in texts(svg)
    assert "quarter" in texts(svg)


def test_signs_of_markup_in_a_text_are_escaped():
    svg = space_svg(graph_of("n = 3", "output x -> conv(4 if n < 4 else 5) -> conv(2)"))
    assert "conv(4 if n < 4 else 5)" in " ".join(texts(svg))


def test_a_picture_for_a_light_page_has_no_dark_colours():
    graph = graph_of("output x -> conv(4)")
    assert "prefers-color-scheme" in space_svg(graph)
    assert "prefers-color-scheme" not in space_svg(graph, dark=False)


def test_ids_and_classes_do_not_meet_those_of_a_page():
    svg = space_svg(graph_of("output x -> conv(4)"))
    names = re.findall(r'(?:class|id)="([^"]+)"', svg)
    assert names
    assert all(name.startswith("ssr-") for name in names)


def test_calls_in_few_words():
    names = {"d": Dimension.DILATION, "mid": Dimension.CHANNEL}
    assert lines("conv(mid, (3, 1), dilation=(d, 1), bias=true)", names) == ["conv(mid, 3×1)", "dilation=d×1"]
    assert lines("relu", names) == ["relu"]
    assert lines("bn(eps=1e-3)", names) == ["bn"]
    assert short("non_bottleneck(128, d, drop=0.3, eps=1e-3)") == "non_bottleneck(128, d)"
    assert short("conv(16, 3, stride=2)") == "conv(16, 3, stride=2)"
    assert short("conv(c - x.channels, 3, stride=2, bias=true)") == "conv(c - x.channels, 3, stride=2)"
    assert lines("conv(c, 3) -> bn -> relu -> conv(c, 3) -> bn", {}) == [
        "conv(c, 3) -> bn -> relu",
        "-> conv(c, 3) -> bn",
    ]
    assert coloured("conv(mid, d)", names) == [
        ("conv(", None), ("mid", Dimension.CHANNEL), (", ", None), ("d", Dimension.DILATION), (")", None),
    ]  # fmt: skip
