"""Restriction: nothing is left over, nothing is lost, and the order of steps does not matter."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ssrdsl.operators.zeros import Zeros
from ssrdsl.space.activity import used, walk
from ssrdsl.space.decisions import only
from ssrdsl.space.graph import Graph, Mux, OperatorNode, Port, Select
from ssrdsl.space.restrict import restrict
from ssrdsl.space.size import architectures
from tests.space.enumeration import enumerate_architectures
from tests.space.graphs import Build, RandomGraph


def dropped(graph: Graph, chance: random.Random) -> dict[str, tuple[int, ...]]:
    """Survivors of some decisions, always with the first option among them."""
    return {
        name: tuple(i for i in decision.indices if i == decision.indices[0] or chance.random() < 0.5)
        for name, decision in graph.decisions.items()
        if chance.random() < 0.6
    }


def content(graph: Graph) -> Any:
    return list(graph), list(graph.decisions.values()), graph.requirements, graph.scopes


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9))
def test_restricting_twice_is_restricting_to_what_both_leave(seed: int) -> None:
    graph = RandomGraph(seed).graph()
    chance = random.Random(seed)
    first, second = dropped(graph, chance), dropped(graph, chance)
    both = {
        name: [i for i in first.get(name, decision.indices) if i in second.get(name, decision.indices)]
        for name, decision in graph.decisions.items()
    }
    once = restrict(graph, first)
    assert content(restrict(once, first)) == content(once)
    assert content(restrict(once, second)) == content(restrict(graph, both))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9))
def test_the_architectures_left_are_those_of_the_survivors(seed: int) -> None:
    graph = RandomGraph(seed).graph()
    assume(architectures(graph) < 300)
    survivors = dropped(graph, random.Random(seed))
    left = restrict(graph, survivors)
    kept = [
        taken for taken in enumerate_architectures(graph)
        if all(index in survivors.get(name, (index,)) for name, index in taken.items())
    ]  # fmt: skip
    names = {name for name, decision in left.decisions.items() if decision.is_open}
    projected = {frozenset((name, index) for name, index in taken.items() if name in names) for taken in kept}
    found = {frozenset(taken.items()) for taken in enumerate_architectures(left)}
    assert found <= projected
    assert found == projected or graph.requirements  # an inactive decision can help a requirement only by what is left
    assert architectures(left) == len(list(enumerate_architectures(left)))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9))
def test_one_architecture_is_left_with_all_that_it_needs_and_no_more(seed: int) -> None:
    graph = RandomGraph(seed).graph()
    chance = random.Random(seed)
    found = walk(graph, lambda decision: chance.choice(decision.indices))
    final = restrict(graph, only(found.assignment))
    assert {name: decision.indices for name, decision in final.decisions.items()} == {
        name: (index,) for name, index in found.assignment.items()}  # fmt: skip
    assert set(final.network) <= found.alive | {node.id for node in graph.inputs}
    alive = walk(final, lambda decision: decision.indices[0]).alive
    assert alive | {node.id for node in final.inputs} == set(final.network)
    assert not any(isinstance(node, (Mux, Select)) or used(node) for node in final)
    for node in final:
        assert all(port.node in final.network for port in node.reads)
        if isinstance(node, OperatorNode):
            assert node.operator.shapes(final.input_shapes(node)) == node.shapes


def test_a_layer_chosen_outside_drops_what_was_decided_inside() -> None:
    build = Build()
    x = build.input()
    inner = build.mux(build.decide("inner", range(2)), [build.layer(x, 4), build.layer(x, 4)])
    build.output(build.mux(build.decide("outer", range(2)), [x, inner]))
    closed = restrict(build.graph(), {"inner": (1,)})
    assert closed.decisions["inner"].indices == (1,)
    assert set(restrict(closed, {"outer": (0,)}).decisions) == {"outer"}
    assert set(restrict(closed, {"outer": (1,)}).decisions) == {"outer", "inner"}


def test_a_sum_of_two_becomes_an_add_and_a_sum_of_none_zeros() -> None:
    build = Build()
    x = build.input()
    parts = [build.layer(x, 4) for _ in range(3)]
    total = build.select(build.decide("keep", range(3)), [(), (1,), (0, 2)], parts)
    build.output(build.layer(total, 5))
    graph = build.graph()
    two = restrict(graph, {"keep": (2,)})
    added = two[total.node]
    assert isinstance(added, OperatorNode)
    assert (added.inputs, added.operator.name) == ((parts[0], parts[2]), "add")
    one = restrict(graph, {"keep": (1,)})
    assert total.node not in one.network
    assert one.outputs[0].inputs[0].node in one.network
    none = restrict(graph, {"keep": (0,)})[total.node]
    assert isinstance(none, OperatorNode)
    assert (none.operator, none.inputs) == (Zeros(4, 8, 8), (x,))


def test_neutral_operators_dissolve_and_dead_references_drop() -> None:
    build = Build()
    x = build.layer(build.input(), 4)
    width = build.set("width", [4, 6])
    y = build.layer(x, width)
    fitted = build.fit(x, y)
    build.output(build.mux(build.decide("which", range(2)), [build.layer(fitted, 7), build.layer(y, 7)]))
    graph = build.graph()
    assert restrict(graph, {"width": (0,)})["layer4"].inputs == (x,)
    kept = restrict(graph, {"which": (0,)})[fitted.node]
    assert isinstance(kept, OperatorNode)
    assert kept.like is None
    assert set(restrict(graph, {"which": (0,)}).decisions) == {"which", "width"}


def test_at_least_one_option_must_be_left() -> None:
    build = Build()
    build.output(build.layer(build.input(), build.set("width", [4, 6])))
    with pytest.raises(ValueError, match="no option of `width` is left"):
        restrict(build.graph(), {"width": ()})
    with pytest.raises(ValueError, match="no option of `width` is left"):
        restrict(restrict(build.graph(), {"width": (0,)}), {"width": (1,)})


def test_ports_of_scopes_pass_by_dissolved_nodes() -> None:
    build = Build()
    x = build.input()
    mixed = build.mux(build.decide("which", range(2)), [build.layer(x, 4), build.layer(x, 5)])
    build.output(mixed)
    graph = build.graph()
    graph.scopes[""].results = (mixed,)
    assert restrict(graph, {"which": (1,)}).scopes[""].results == (Port("layer2"),)
    assert graph.scopes[""].results == (mixed,)
