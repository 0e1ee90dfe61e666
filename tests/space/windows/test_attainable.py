"""The attainable range is that of all remaining architectures, for any removed options in any order."""

from __future__ import annotations

import random

import pytest

from ssrdsl.space import open_space
from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.cost import Costs
from ssrdsl.space.graph import Graph
from ssrdsl.space.ranges import elimination
from ssrdsl.space.ranges.bounds import Unsatisfiable, bounds
from ssrdsl.space.restrict import restrict
from ssrdsl.space.windows import attainable
from ssrdsl.space.windows.attainable import AttainableRanges, attainable_range
from tests.space.enumeration import enumerate_architectures
from tests.space.graphs import RandomGraph


def ends(graph: Graph, survivors: dict[str, tuple[int, ...]]) -> tuple[int, int] | None:
    """The range of parameters by enumeration."""
    costs = Costs(graph)
    values = [
        costs("parameters", taken)
        for taken in enumerate_architectures(graph)
        if all(index in survivors.get(name, (index,)) for name, index in taken.items())
    ]
    return (min(values), max(values)) if values else None


def some_left(chance: random.Random, graph: Graph) -> dict[str, tuple[int, ...]]:
    left = {}
    for decision in graph.decisions.values():
        if chance.random() < 0.6:
            kept = chance.randint(1, len(decision.indices))
            left[decision.name] = tuple(sorted(chance.sample(decision.indices, kept)))
    return left


def test_ranges_are_those_of_enumeration() -> None:
    compared = 0
    for seed in range(80):
        graph, chance = RandomGraph(seed).graph(), random.Random(seed)
        if graph.requirements:
            continue
        ranges = AttainableRanges(graph)
        for _ in range(6):
            left = some_left(chance, graph)
            found, expected = ranges(left)["parameters"], ends(graph, left)
            assert found.exact
            assert (found.least, found.greatest) == expected
            compared += 1
    assert compared > 100


def test_requirements_over_decisions_are_met() -> None:
    compared = impossible = 0
    for seed in range(200):
        graph, chance = RandomGraph(seed).graph(), random.Random(seed)
        if not graph.requirements:
            continue
        for _ in range(4):
            left = some_left(chance, graph)
            # Of decisions that are not active, too, only the options left may meet a requirement.
            whole = {name: left.get(name, indices) for name, indices in graph.domains.items()}
            try:
                found = attainable_range(graph, "parameters", left)
            except Unsatisfiable:
                impossible += 1
                continue
            least = bounds(restrict(graph, whole))["parameters"]
            assert found == (least.minimum.bound, least.maximum.bound)
            compared += 1
    assert compared > 40
    assert impossible > 5


def test_of_a_restricted_graph_its_restriction_counts() -> None:
    for seed in range(40):
        graph, chance = RandomGraph(seed).graph(), random.Random(seed)
        if graph.requirements:
            continue
        left, more = some_left(chance, graph), some_left(chance, graph)
        both = {
            name: tuple(index for index in left.get(name, kept) if index in more.get(name, kept))
            for name, kept in graph.domains.items()
        }
        if all(both.values()):
            assert attainable_range(restrict(graph, left), "parameters", more) == ends(graph, both)


def test_forgotten_steps_are_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attainable, "MAX_KEPT", 0)
    graph, chance = RandomGraph(3).graph(), random.Random(3)
    ranges = AttainableRanges(graph)
    for _ in range(10):
        left = some_left(chance, graph)
        assert tuple(ranges(left)["parameters"][:2]) == ends(graph, left)


def test_every_query_of_a_search_has_the_whole_limit_of_work(monkeypatch: pytest.MonkeyPatch) -> None:
    graph, chance = RandomGraph(1).graph(), random.Random(3)
    monkeypatch.setattr(elimination, "MAX_WORK", 700_000)
    queries = [some_left(chance, graph) for _ in range(10)]
    ranges = AttainableRanges(graph)
    with pytest.raises(TooWide):
        list(map(ranges, queries))
    for left in queries:
        assert attainable_range(graph, "parameters", left) == ends(graph, left)


@pytest.mark.parametrize("file", ["examples/demo/streets.ssr", "spaces/realtime.ssr"])
def test_it_agrees_with_bounds(file: str) -> None:
    graph, chance = open_space(file).graph, random.Random(0)
    left: dict[str, tuple[int, ...]] = {}
    for _ in range(30):
        decision = chance.choice(graph.open_decisions)
        indices = left.get(decision.name, decision.indices)
        if len(indices) > 1:
            left[decision.name] = tuple(index for index in indices if index != chance.choice(indices)) or indices[:1]
        found = attainable_range(graph, "macs", left)
    ends = bounds(restrict(graph, left))["macs"]
    assert found == (ends.minimum.value, ends.maximum.value)
