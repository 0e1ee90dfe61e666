"""The layout of pictures: every link is drawn, no line crosses a box or lies on another line, boxes do not overlap."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssrdsl.report.flow import Box, Flow
from ssrdsl.report.layers import Net
from ssrdsl.report.picture import _NetworkPicture
from tests.report.networks import NETWORKS
from tests.space.texts import program

Segment = tuple[float, float, float, float]


def box(width: float = 40, height: float = 20) -> Box:
    return Box(width, height, lambda drawing, x, y: None)


def nets(*links: tuple[int, ...]) -> list[Net]:
    """Lines from links of a start, an end and a tensor (0): those of one start and tensor are one line."""
    ends: dict[tuple[int, ...], list[int]] = {}
    for start, end, *tensor in links:
        ends.setdefault((start, *tensor), []).append(end)
    return [Net(start, tuple(found)) for (start, *_), found in ends.items()]


def flows(picture: _NetworkPicture) -> Iterator[Flow]:
    """All flows of a picture, also those inside of boxes."""
    waiting = [picture.pipeline, *(flow for panel in picture.panels for flow in panel.inside)]
    while waiting:
        flow = waiting.pop()
        yield flow
        waiting += [inner for one in flow.boxes for inner in one.inside]


def segments(points: list[tuple[float, float]]) -> Iterator[Segment]:
    """The straight pieces of a line as left, top, right, bottom."""
    for (ax, ay), (bx, by) in pairwise(points):
        yield min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


def overlap(one: Segment, other: Segment) -> bool:
    """Whether the insides of two rectangles meet."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def check(flow: Flow) -> list[set[Segment]]:
    """Check boxes and lines, and return the segments of every line."""
    places = [flow.place(index) for index in range(len(flow.boxes))]
    for one, other in combinations(places, 2):
        assert not overlap(one, other)
    for left, top, right, bottom in places:
        assert 0 <= left < right <= flow.width + 1e-9
        assert -1e-9 <= top < bottom <= flow.height + 1e-9
    pieces: list[set[Segment]] = []
    for n, net in enumerate(flow.nets):
        ways = list(flow.routes.ways(n))
        assert len(ways) == len(net.ends)
        pieces.append({segment for way in ways for segment in segments(way)})
        for end, way in zip(net.ends, ways, strict=True):
            (sx, sy), (ex, ey) = way[0], way[-1]
            assert sx == places[net.start][2]
            assert places[net.start][1] < sy < places[net.start][3]
            assert ex == places[end][0]
            assert places[end][1] < ey < places[end][3]
            assert all(a == c or b == d for (a, b), (c, d) in pairwise(way)), "lines run straight"
            assert way[-2][0] < ex, "lines enter from the left"
        for left, top, right, bottom in pieces[-1]:
            assert left >= 0
            assert right <= flow.width + 1e-9
            for place in places:
                # A line has no extent across: it may touch the edge of a box, not go through it.
                inner = place[0] + 1e-6, place[1] + 1e-6, place[2] - 1e-6, place[3] - 1e-6
                assert right <= inner[0] or left >= inner[2] or bottom <= inner[1] or top >= inner[3]
    return pieces


def check_apart(flow: Flow) -> None:
    """Check that no two lines share more than points; only where lines swap their heights they may."""
    for one, other in combinations(check(flow), 2):
        assert not any(_lie_on(a, b) for a in one for b in other)


def _lie_on(a: Segment, b: Segment) -> bool:
    """Whether two segments share more than a point."""
    if a[0] == a[2] == b[0] == b[2]:
        return min(a[3], b[3]) - max(a[1], b[1]) > 1e-6
    if a[1] == a[3] == b[1] == b[3]:
        return min(a[2], b[2]) - max(a[0], b[0]) > 1e-6
    return False


@pytest.mark.parametrize("name", NETWORKS)
def test_no_line_crosses_a_box_in_the_pictures_of_small_networks(name: str) -> None:
    for flow in flows(_NetworkPicture(program(NETWORKS[name]).graph)):
        check_apart(flow)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Box], list[Net]]:
    """Boxes of several sizes with random links, all connected from the left."""
    count = draw(st.integers(1, 12))
    boxes = [box(draw(st.sampled_from([8, 40, 120])), draw(st.sampled_from([50, 70, 110]))) for _ in range(count)]
    links = set()
    for end in range(1, count):
        for start in draw(st.sets(st.integers(0, end - 1), max_size=3)):
            links.add((start, end, draw(st.sampled_from([0, 0, 1]))))
    return boxes, nets(*sorted(links))


@settings(deadline=None, max_examples=60)
@given(graphs(), st.sampled_from([150.0, 400.0, float("inf")]))
def test_no_line_crosses_a_box_in_any_graph(graph: tuple[list[Box], list[Net]], page: float) -> None:
    check(Flow(*graph, page=page))


def test_the_longest_path_is_straight_and_the_rest_below():
    flow = Flow([box()] * 5, nets((0, 1), (1, 2), (2, 4), (0, 3), (3, 4)))
    assert flow.paths == [[0, 1, 2, 4], [3]]
    assert len({flow.middle[index] for index in flow.paths[0]}) == 1
    assert flow.middle[3] > flow.middle[0]
    assert next(flow.routes.ways(0))[0][1] == flow.middle[0]


def test_branches_of_the_same_length_are_side_by_side_in_the_order_of_the_text():
    flow = Flow([box()] * 5, nets(*((0, i) for i in (1, 2, 3)), *((i, 4) for i in (1, 2, 3))))
    assert flow.column == [0, 1, 1, 1, 2]
    assert flow.middle[1] < flow.middle[2] < flow.middle[3]


def test_skip_connections_are_nested_above_the_path():
    flow = Flow([box()] * 5, nets(*((i, i + 1) for i in range(4)), (0, 4), (1, 3)))
    outer, inner = flow.lanes[0, 1], flow.lanes[1, 2]
    assert outer < inner < min(flow.place(index)[1] for index in range(5))
    assert flow.lanes[0, 1] == flow.lanes[0, 2] == flow.lanes[0, 3]


def test_links_of_one_tensor_are_one_line_that_forks():
    flow = Flow([box()] * 3, nets((0, 1), (1, 2), (0, 2)))
    assert [net.ends for net in flow.nets] == [(1, 2), (2,)]
    assert len(list(flow.routes.forks(0))) == 1
    apart = Flow([box()] * 3, nets((0, 1), (1, 2), (0, 2, 1)))
    assert len({way[0] for n in (0, 2) for way in apart.routes.ways(n)}) == 2


def test_columns_wider_than_the_page_continue_in_a_new_row():
    flow = Flow([box(80, 30)] * 10, nets(*((i, i + 1) for i in range(9)), (0, 9), (2, 6)), page=350)
    assert max(flow.rows) == 2
    assert flow.place(9)[1] > flow.place(0)[3]
    check_apart(flow)
