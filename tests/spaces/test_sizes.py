"""What the shipped spaces contain: published numbers, and networks with nothing left undecided."""

from __future__ import annotations

import random

import pytest

from ssrdsl.space.activity import used
from ssrdsl.space.cost import macs, parameters
from ssrdsl.space.graph import Mux, OperatorNode, Select
from ssrdsl.space.restrict import restrict
from ssrdsl.space.sample import Sampler
from ssrdsl.space.size import architectures, configurations
from tests.spaces.shipped import graph_of


def powers(first: int, last: int) -> int:
    return sum(810**n for n in range(first, last + 1))


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("realtime", powers(1, 5) * powers(1, 9)),
        ("realtime_paths", powers(5, 9) * powers(6, 13)),
        ("darts", 1_037_664_180**2),
        ("sdarts_s1", 46_080**2),
        ("snas", 8**28),
        ("ofa_mobilenetv3", 7_371**5 * 25),
        ("bignas", 589_824_000),
        ("crnas", 455 * 3**16),
        ("autortnet", 28 * 162**6 * 3**3 * 3**3),
        ("multi_dimensional_pruning", (3 * 16) ** 6),
        ("shape_adaptor", 9**4),
        ("ssr_published", 1),
    ],
)
def test_architectures_are_those_of_the_paper(name: str, count: int) -> None:
    assert architectures(graph_of(name)) == count


def test_an_operator_per_edge_can_leave_no_way_to_the_other_cell() -> None:
    """Fair DARTS: a normal cell whose nodes keep no way to its inputs reads nothing, so no reduction cell is there."""
    cell, blind = 1, 1
    for inputs in range(2, 6):
        cell *= 1 + 7 * inputs + 49 * inputs * (inputs - 1) // 2
        within = inputs - 2
        blind *= 1 + 7 * within + 49 * within * (within - 1) // 2
    assert architectures(graph_of("fair_darts")) == (cell - blind) * cell + blind


def test_configurations_are_the_raw_product() -> None:
    assert configurations(graph_of("realtime_paths")) == 40 * 810**111
    assert configurations(graph_of("realtime")) == 45 * (10 * 9**20) ** 14


@pytest.mark.parametrize(
    "name",
    ["realtime", "realtime_paths", "darts", "fair_darts", "fbnetv2", "ofa_mobilenetv3", "crnas", "bignas", "pdarts"],
)
def test_a_sampled_network_is_whole(name: str) -> None:
    graph, chance = graph_of(name), random.Random(0)
    sampler = Sampler(graph)
    for _ in range(3):
        taken = sampler.draw(chance)
        final = restrict(graph, {decision: (index,) for decision, index in taken.items()})
        assert {decision.name: decision.indices[0] for decision in final.decisions.values()} == taken
        for node in final:
            assert not isinstance(node, (Mux, Select))
            assert not used(node)
            assert all(port.node in final.network for port in node.reads)
            if isinstance(node, OperatorNode):
                assert node.operator.shapes(final.input_shapes(node)) == node.shapes
                assert not node.operator.is_neutral(final.input_shapes(node))
        assert (sampler.cost("macs", taken), sampler.cost("parameters", taken)) == (macs(final), parameters(final))


def test_shrinking_in_steps_ends_in_one_network() -> None:
    chance, graph = random.Random(4), graph_of("realtime")
    survivors: dict[str, list[int]] = {}
    while graph.open_decisions:
        left = {
            d.name: [i for i in d.indices if chance.random() < 0.7] or [d.indices[-1]] for d in graph.open_decisions
        }
        survivors |= left
        graph = restrict(graph, left)
        assert architectures(graph) >= 1
    assert list(restrict(graph_of("realtime"), survivors)) == list(graph)
    assert set(restrict(graph_of("realtime"), survivors).decisions) == set(graph.decisions)
