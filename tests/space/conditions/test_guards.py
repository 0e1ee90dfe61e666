"""Guards and diagrams, against walks over single architectures."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssrdsl.space.activity import computed_nodes, walk
from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.conditions.diagrams import Diagram, Diagrams
from ssrdsl.space.conditions.forms import diagram_of, scalar_of
from ssrdsl.space.conditions.guards import Guards
from ssrdsl.space.decisions import only
from ssrdsl.space.expressions import add, apply, assign, switch
from tests.space.graphs import Build, RandomGraph, keep


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**9), st.booleans())
def test_guards_say_what_a_walk_finds(seed: int, auxiliary: bool) -> None:
    graph = RandomGraph(seed).graph()
    guards, computed = Guards(graph, auxiliary), Guards(graph, auxiliary, computed=True)
    chance = random.Random(seed)
    for _ in range(20):
        taken = {decision.name: chance.choice(decision.indices) for decision in graph.decisions.values()}
        found = walk(graph, lambda decision, taken=taken: taken[decision.name], auxiliary)  # type: ignore[misc]
        assert found.alive == {node for node in graph.network if guards[node].restrict(only(taken)).is_true}
        alive = computed_nodes(graph, lambda decision, taken=taken: taken[decision.name], auxiliary)  # type: ignore[misc]
        assert alive == {node for node in graph.network if computed[node].restrict(only(taken)).is_true}
        assert set(found.assignment) == {
            name for name in graph.decisions if guards.active(name).restrict(only(taken)).is_true
        }


@pytest.fixture
def diagrams() -> Diagrams:
    return Diagrams({"a": (0, 1, 2), "b": (0, 2), "c": (0, 1)})


def literal(diagrams: Diagrams, name: str, *indices: int) -> Diagram:
    return diagram_of(diagrams, switch(name, [(index, index in indices) for index in range(3)]))


def no(condition: Diagram) -> Diagram:
    return Diagram(condition.diagrams, condition.diagrams.negate(condition.number))


def either(one: Diagram, other: Diagram) -> Diagram:
    return Diagram(one.diagrams, one.diagrams.disjoin((one.number, other.number)))


def test_equal_conditions_are_one_diagram(diagrams: Diagrams) -> None:
    a, b = literal(diagrams, "a", 1, 2), literal(diagrams, "b", 2)
    assert no(a & b) == either(literal(diagrams, "a", 0), literal(diagrams, "b", 0))
    assert either(a, no(a)).is_true
    assert (a & no(a)).is_false
    assert literal(diagrams, "b", 0, 2).is_true


def test_a_witness_fulfils_the_condition(diagrams: Diagrams) -> None:
    condition = literal(diagrams, "a", 2) & literal(diagrams, "c", 1)
    assert condition.an_assignment() == {"a": 2, "c": 1}
    assert condition.support == {"a", "c"}
    assert (condition & no(condition)).an_assignment() is None


def test_restricting_leaves_a_condition_over_the_other_options(diagrams: Diagrams) -> None:
    condition = either(literal(diagrams, "a", 2) & literal(diagrams, "b", 2), literal(diagrams, "a", 0))
    assert condition.restrict({"a": (2,)}) == literal(diagrams, "b", 2)
    assert condition.restrict({"b": (0,)}) == literal(diagrams, "a", 0)
    assert condition.restrict({"a": (0, 2), "b": (2,)}).is_true
    assert condition.exists(["b"]) == literal(diagrams, "a", 0, 2)
    assert condition.restrict({"a": (1,)}).is_false


def test_conditions_go_to_scalars_and_back(diagrams: Diagrams) -> None:
    total = add(switch("a", enumerate([1, 2, 3])), switch("b", [(0, 1), (2, 5)]))
    found = diagram_of(diagrams, apply("<=", total, 6))
    assert found == no(literal(diagrams, "a", 1, 2) & literal(diagrams, "b", 2))
    scalar = scalar_of(found)
    assert assign(scalar, {"a": 1, "b": 2}) is False
    assert assign(scalar, {"a": 1, "b": 0}) is True
    assert diagram_of(diagrams, scalar) == found
    assert scalar_of(literal(diagrams, "b", 0, 2)) is True


def test_what_is_too_wide_is_named() -> None:
    build = Build()
    nodes = [build.layer(build.input(), 4)]
    for i in range(1, 16):
        count = min(2, len(nodes))
        name = build.decide(f"keep{i}", keep(count, len(nodes)))
        nodes.append(build.layer(build.select(name, keep(count, len(nodes)), nodes), 4))
    build.output(nodes[-1])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ssrdsl.space.conditions.guards.LIMIT", 20_000)
        with pytest.raises(TooWide, match=r"whether `(layer|select)\d+` is used depends on too many decisions"):
            Guards(build.graph())
