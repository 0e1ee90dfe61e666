"""The exact bounds of costs, against brute force on random graphs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ssrdsl.space import expressions, open_space
from ssrdsl.space.activity import walk
from ssrdsl.space.cost import Costs, node_cost, parameters
from ssrdsl.space.decisions import only
from ssrdsl.space.graph import Graph, OutputNode
from ssrdsl.space.prove.costs import attained
from ssrdsl.space.ranges import elimination
from ssrdsl.space.ranges.bounds import Unsatisfiable, bounds
from ssrdsl.space.ranges.extremes import Extremes
from ssrdsl.space.restrict import computed, restrict
from tests.space.enumeration import enumerate_architectures
from tests.space.graphs import Build, RandomGraph
from tests.space.texts import graph_of


def cost_of(graph: Graph, assignment: dict[str, int], cost: str) -> int:
    """The cost of an architecture: of every node that an output reads in the emitted network."""
    nodes = [node for node in graph if not (isinstance(node, OutputNode) and node.auxiliary)]
    plain = Graph(graph.name, nodes, graph.decisions.values(), graph.scopes, graph.requirements)
    network = computed(restrict(plain, only(assignment)))
    alive = walk(network, lambda decision: decision.indices[0]).alive
    found = [node_cost(network, node, cost) for node in network if node.id in alive]
    assert all(isinstance(value, int) for value in found)
    return sum(found)  # type: ignore[arg-type]


def all_costs(graph: Graph, cost: str) -> Iterator[int]:
    return (cost_of(graph, assignment, cost) for assignment in enumerate_architectures(graph))


@given(st.integers(0, 10**9))
def test_the_cost_of_an_architecture_is_that_of_what_is_emitted(seed):
    graph = RandomGraph(seed).graph()
    costs = Costs(graph)
    for assignment in islice(enumerate_architectures(graph), 20):
        network = restrict(graph, only(assignment))
        found = cost_of(graph, assignment, "parameters")
        assert costs("parameters", assignment) == parameters(network) == parameters(computed(network)) == found


@given(st.integers(0, 10**9))
def test_bounds_are_those_of_brute_force_and_attained(seed):
    graph = RandomGraph(seed).graph()
    costs = list(all_costs(graph, "parameters"))
    if not costs:
        with pytest.raises(Unsatisfiable):
            bounds(graph)
        return
    found = bounds(graph)["parameters"]
    assert (found.minimum.value, found.maximum.value) == (min(costs), max(costs))
    for end in found:
        assert end.assignment is not None
        assert cost_of(graph, dict(end.assignment), "parameters") == end.value


def test_a_network_has_one_cost():
    found = bounds(open_space("spaces/erfnet.ssr").graph)
    assert {end.value for end in found["parameters"]} == {2_064_256}
    assert found["macs"].minimum.value == found["macs"].maximum.value == 26_612_727_808


def test_requirements_over_decisions_are_kept_and_cost_bounds_are_not():
    graph = graph_of(
        "a = {4, 8, 16}", "b = {4, 8, 16}", "require a + b == 20", "require parameters <= 1",
        "output x -> conv(a, bias=false) -> conv(b, bias=false)",
    )  # fmt: skip
    found = bounds(graph)["parameters"]
    assert found.minimum.value == 3 * 4 + 4 * 16
    assert found.maximum.value == 3 * 16 + 16 * 4
    assert found.minimum.assignment == {"a": 0, "b": 2}


def test_a_sum_of_very_many_decisions_is_bounded_by_its_partial_sums():
    count = 30
    names = [f"n{i}" for i in range(count)]
    graph = graph_of(
        *(f"{name} = {{1..4}}" for name in names),
        f"require {' + '.join(names)} == {2 * count + 1}",
        *(f"y{name} = x -> conv({name}, bias=false)" for name in names),
        f"output concat({', '.join('y' + name for name in names)})",
    )
    found = bounds(graph)["parameters"]
    assert found.minimum.value == found.maximum.value == 3 * (2 * count + 1)


def test_numbers_beyond_floating_point_stay_exact():
    graph = graph_of("c = {1000001, 1000003}", "output x -> conv(c, bias=false) -> conv(999999937, bias=false)")
    found = bounds(graph)["macs"]
    assert found.minimum.value == 144 * 1000001 * (3 + 999999937)
    assert found.maximum.value == 144 * 1000003 * (3 + 999999937)


def test_numbers_beyond_floating_point_stay_exact_with_requirements():
    graph = graph_of(
        "c = {1000001, 1000003}", "d = {999999929, 999999937}", "require c + d >= 1000999932",
        "output x -> conv(c, bias=false) -> conv(d, bias=false)",
    )  # fmt: skip
    found = bounds(graph)["macs"]
    assert found.is_exact
    assert found.minimum.value == 144 * 1000001 * (3 + 999999937)
    assert found.maximum.value == 144 * 1000003 * (3 + 999999937)


def test_ratios_of_decisions():
    graph = graph_of(
        "c = {4, 6}", "e = {1, 3 / 2}", "output x -> conv(c, bias=false) -> conv(round(c * e), bias=false)"
    )
    found = bounds(graph)["parameters"]
    assert (found.minimum.value, found.maximum.value) == (3 * 4 + 4 * 4, 3 * 6 + 6 * 9)


def test_tied_cells_are_bounded_exactly():
    """The figures of the other spaces are in their headers, which `tests/spaces` compares."""
    graph = open_space("spaces/snas.ssr").graph
    found, costs = bounds(graph), Costs(graph)
    assert [end.value for end in found["macs"]] == [2_560, 127_928_832]
    assert [end.value for end in found["parameters"]] == [2_570, 787_066]
    for cost, ends in found.items():
        for end in ends:
            assert end.assignment is not None
            assert costs(cost, end.assignment) == end.value == end.bound


@pytest.fixture(params=[1, 64])
def tables_of(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Keep tables to so many entries, so that bounds are outer ones more often than not."""
    for limit in ("MAX_TABLE", "SMALL_TABLE", "TINY_TABLE"):
        monkeypatch.setattr(elimination, limit, request.param)
    return int(request.param)


@given(st.integers(0, 10**9))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_architecture_lies_beyond_bounds_from_small_tables(tables_of, seed):
    graph = RandomGraph(seed).graph()
    costs = list(all_costs(graph, "parameters"))
    try:
        found = bounds(graph)["parameters"]
    except Unsatisfiable:
        assert costs == []
        return
    for end, beyond in zip(found, (min, max), strict=True):
        if end.assignment is None:
            assert end.value is None
        else:
            assert cost_of(graph, dict(end.assignment), "parameters") == end.value
            assert end.value in costs
        if costs:
            assert beyond(end.bound, *costs) == end.bound
            assert end.is_exact <= (end.value == beyond(costs))


@pytest.mark.parametrize(
    ("most_parameters", "most_macs", "option"), [(300, 20_000, None), (2_000, 20_000, 0), (300, 40_000, 1)]
)
def test_an_architecture_that_keeps_all_bounds_on_costs(most_parameters, most_macs, option):
    graph = graph_of(
        "pick = choose { maxpool(4) -> conv(64, 3, bias=false) -> resize((12, 12)) | conv(8, 3, bias=false) }",
        "output x -> pick", f"require parameters <= {most_parameters}", f"require macs <= {most_macs}",
    )  # fmt: skip
    found = attained(graph, graph.cost_bounds)
    assert found is not None
    assert (list(found.assignment.values()) if found.distance == 0 else None) == (None if option is None else [option])


@given(st.integers(0, 10**9))
def test_extremes_are_those_of_enumeration(seed):
    graph = RandomGraph(seed).graph()
    for node in graph:
        channels = node.shapes[0].channels
        names = sorted(expressions.support(channels))
        values: list[Any] = [
            expressions.assign(channels, dict(zip(names, indices, strict=True)))
            for indices in product(*(graph.decisions[name].indices for name in names))
        ]
        assert Extremes(graph)(channels) == (min(values), max(values))


def test_extremes_of_parts_that_depend_on_one_decision():
    build = Build()
    a: Any = build.set("a", [1, 5])
    b: Any = build.set("b", [2, 3])
    build.output(build.input())
    graph = build.graph()
    assert Extremes(graph)(a * b - a * 3) == (-5, 0)
    assert Extremes(graph)((a + b) * (a - b)) == (1 - 9, 25 - 4)
    assert Extremes(graph)(expressions.apply("==", a + b, 7)) == (False, True)
