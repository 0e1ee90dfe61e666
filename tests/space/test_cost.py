"""Costs of networks: golden figures, auxiliary heads, supernets."""

from __future__ import annotations

from itertools import product

import pytest

from ssrdsl.space import cost, open_space
from ssrdsl.space.ranges.bounds import bounds
from ssrdsl.space.restrict import restrict
from tests.space.texts import graph_of


@pytest.mark.parametrize(("height", "width", "macs"), [(512, 1024, 10.902), (768, 1536, 24.529), (1024, 2048, 43.607)])
def test_the_published_network(height, width, macs):
    graph = open_space("spaces/ssr_published.ssr", {"height": str(height), "width": str(width)}).graph
    assert cost.parameters(graph) == 1_022_688
    assert cost.macs(graph) / 1e9 == pytest.approx(macs, abs=5e-4)
    assert cost.supernet_parameters(graph) == 1_022_688


def test_erfnet_with_and_without_its_auxiliary_head():
    graph = open_space("spaces/erfnet.ssr").graph
    assert cost.parameters(graph) == 2_064_256
    assert cost.parameters(graph, auxiliary=True) == 2_066_836
    assert cost.macs(graph) / 1e9 == pytest.approx(26.613, abs=5e-4)
    assert cost.macs(graph, auxiliary=True) > cost.macs(graph)


def test_an_open_decision_has_no_single_cost():
    graph = graph_of("output x -> conv({4, 8})")
    with pytest.raises(ValueError, match="open decisions"):
        cost.macs(graph)
    assert cost.parameters(restrict(graph, {"conv.channels": (1,)})) == 3 * 8 + 8


def test_what_is_not_demanded_costs_nothing():
    graph = graph_of("output x -> choose { conv(4, 3) | conv(4, 5) }")
    assert cost.parameters(restrict(graph, {"choose": (0,)})) == 3 * 4 * 9 + 4


def test_what_only_zero_demands_costs_nothing():
    """Case 30: of the cell's edges only one skip leads to the result."""
    graph = graph_of(
        "y = x -> conv(4, 3, bias=false)",
        "output add(y -> conv(4, 3, bias=false) -> choose { zero | relu }, y -> choose { zero | skip })",
    )
    first, edge = 3 * 4 * 9, 4 * 4 * 9
    costs, found = cost.Costs(graph), {}
    for one, other in product((0, 1), (0, 1)):
        assignment = {"choose": one, "choose_2": other}
        found[one, other] = costs("parameters", assignment)
        assert found[one, other] == cost.parameters(restrict(graph, {name: (i,) for name, i in assignment.items()}))
    assert found == {(0, 0): 0, (0, 1): first, (1, 0): first + edge, (1, 1): first + edge}
    ends = bounds(graph)["parameters"]
    assert (ends.minimum.value, ends.maximum.value, ends.is_exact) == (0, first + edge, True)


@pytest.mark.parametrize(
    ("lines", "parameters"),
    [
        (["output x -> conv({4, 8}, {3, 5}, bias=false)"], 3 * 8 * 25),  # shared: the widest, the largest kernel
        (["output x -> conv(4, 3, dilation={1, 2, 4}, bias=false)"], 3 * 4 * 9),  # one kernel for all dilations
        (["output x -> choose { conv(4, 3) | conv({2, 4}, 5) }"], (3 * 4 * 9 + 4) + (3 * 4 * 25 + 4)),  # of its own
        (["output x -> repeat(conv(3, 3, bias=false), {1..4})"], 4 * 3 * 3 * 9),
        (["c = {2, 6}", "y = x -> conv(c)", "output concat(y, x -> conv(8 - c))"], (3 * 6 + 6) * 2),
        (["output x -> conv({4, 8}) -> depthwise(3, bias=false)"], (3 * 8 + 8) + 8 * 9),
    ],
)
def test_the_supernet_holds_every_candidate_at_its_widest(lines, parameters):
    assert cost.supernet_parameters(graph_of(*lines)) == parameters
