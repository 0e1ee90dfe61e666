"""The cost of channels filled by `zero`."""

from __future__ import annotations

import pytest

from ssrdsl.space.restrict import computed, restrict
from ssrdsl.space.zero_channels import zero_channels
from tests.space.texts import graph_of


@pytest.mark.parametrize(
    ("after", "macs"),
    [
        ("conv(5, 3, bias=false)", 4 * 5 * 9),
        ("bn -> relu -> conv(5)", 4 * 5),
        ("conv(12, 3, groups=2)", 4 * 6 * 9),
        ("depthwise(3)", 4 * 9),
        ("relu", 0),
    ],
)
def test_the_share_of_the_next_layer(after, macs):
    graph = graph_of("y = x -> conv(4)", f"output concat(y -> choose {{ zero | skip }}, y, y) -> {after}")
    with_zero, without = (computed(restrict(graph, {"choose": (index,)})) for index in (0, 1))
    height, width = graph.inputs[0].shapes[0][1:]
    found = [(each.zeros, each.channels, each.macs) for each in zero_channels(with_zero)]
    assert found == ([(4, 12, macs * height * width)] if macs else [])
    assert list(zero_channels(without)) == []
