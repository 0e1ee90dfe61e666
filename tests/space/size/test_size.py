"""The number of architectures, against enumeration one by one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.expressions import apply
from ssrdsl.space.graph import Graph
from ssrdsl.space.size import architectures, configurations
from tests.space.enumeration import enumerate_architectures
from tests.space.graphs import Build, RandomGraph, keep
from tests.space.texts import graph_of


def enumerated(graph: Graph) -> int:
    found = [tuple(sorted(assignment.items())) for assignment in enumerate_architectures(graph)]
    assert len(set(found)) == len(found)
    return len(found)


def chain(depths: range, options: int, widths: int) -> Graph:
    """A searched depth over layers that choose among candidates of searched width."""
    build = Build()
    x, ends = build.input(), []
    for layer in range(1, depths[-1] + 1):
        candidates = [build.layer(x, build.set(f"w{layer}.{i}", range(1, widths + 1))) for i in range(options)]
        x = build.mux(build.decide(f"op{layer}", range(options)), candidates)
        if layer in depths:
            ends.append(x)
    build.output(build.mux(build.decide("depth", depths), ends))
    return build.graph()


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9))
def test_count_is_that_of_enumeration(seed: int) -> None:
    graph = RandomGraph(seed).graph()
    assert architectures(graph) == enumerated(graph)


def test_a_chain_of_searched_depth_is_a_sum_of_powers() -> None:
    graph = chain(range(2, 6), 3, 4)
    assert architectures(graph) == sum(12**n for n in range(2, 6))
    assert configurations(graph) == 4 * (3 * 4**3) ** 5


def test_a_space_without_decisions_is_one_architecture() -> None:
    build = Build()
    build.output(build.layer(build.input(), 4))
    assert architectures(build.graph()) == configurations(build.graph()) == 1


def test_a_decision_shared_by_two_mixtures_counts_once() -> None:
    build = Build()
    x = build.input()
    decision = build.decide("tied", range(3))
    for _ in range(2):
        x = build.mux(decision, [build.layer(x, 4) for _ in range(3)])
    build.output(x)
    assert architectures(build.graph()) == 3


def test_reading_a_shape_does_not_use_the_data() -> None:
    build = Build()
    x = build.input()
    narrow, wide = build.layer(x, build.set("narrow", [1, 2])), build.layer(x, build.set("wide", [3, 4]))
    mixed = build.mux(build.decide("which", range(2)), [narrow, wide])
    build.output(build.layer(x, 9 - build.shape(mixed).channels))
    assert {tuple(sorted(a)) for a in enumerate_architectures(build.graph())} == {
        ("narrow", "which"), ("which", "wide")}  # fmt: skip
    assert architectures(build.graph()) == 4


def test_like_uses_only_the_extents_that_are_taken() -> None:
    build = Build()
    x = build.input()
    width = build.set("width", [4, 5])
    inside = build.layer(build.layer(x, build.set("hidden", [1, 2, 3])), width)
    build.output(build.fit(x, inside))
    assert list(enumerate_architectures(build.graph())) == [{"width": 0}, {"width": 1}]
    assert architectures(build.graph()) == 2


def test_an_inactive_decision_serves_a_requirement_as_it_needs() -> None:
    build = Build()
    x = build.input()
    inner = build.layer(x, build.set("inner", [1, 2, 3]))
    outer = build.decide("outer", range(2))
    build.output(build.mux(outer, [x, inner]))
    build.require(apply("==", build.values["inner"], 2))
    assert list(enumerate_architectures(build.graph())) == [{"outer": 0}, {"outer": 1, "inner": 1}]
    assert architectures(build.graph()) == 2


def test_a_requirement_that_nothing_meets_leaves_no_architecture() -> None:
    build = Build()
    build.output(build.layer(build.input(), build.set("width", [1, 2])))
    build.require(apply(">", build.values["width"], 2))
    assert architectures(build.graph()) == enumerated(build.graph()) == 0


def test_tied_cells_in_a_row_count_once() -> None:
    build = Build()
    older, old = build.input(), build.layer(build.input(), 4)
    for _ in range(6):
        nodes = [older, old]
        for node in range(2):
            edges = [
                build.mux(build.decide(f"op{node}.{i}", range(5)), [build.layer(x, 4) for _ in range(5)])
                for i, x in enumerate(nodes)
            ]
            subsets = keep(2, len(nodes))
            nodes.append(build.select(build.decide(f"keep{node}", subsets), subsets, edges))
        older, old = old, build.layer(build.join(*nodes[2:]), 4)
    build.output(old)
    assert architectures(build.graph()) == (1 * 25) * (3 * 25)


def test_where_too_much_is_demanded_at_once_the_reason_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    build = Build()
    nodes = [build.layer(build.input(), 4)]
    for i in range(1, 14):
        count = min(2, len(nodes))
        name = build.decide(f"keep{i}", keep(count, len(nodes)))
        nodes.append(build.layer(build.select(name, keep(count, len(nodes)), nodes), build.set(f"w{i}", [1, 2])))
    build.output(nodes[-1])
    monkeypatch.setattr("ssrdsl.space.size.counting.MAX_STATES", 100)
    with pytest.raises(TooWide, match="more than 100 combinations of demanded nodes"):
        architectures(build.graph())
    monkeypatch.setattr("ssrdsl.space.size.counting.MAX_STATES", 20_000)
    monkeypatch.setattr("ssrdsl.space.size.counting.MAX_EVALUATIONS", 5_000)
    with pytest.raises(TooWide, match="there are too many combinations of demanded nodes"):
        architectures(build.graph())


def test_a_requirement_sees_only_the_element_that_is_taken() -> None:
    graph = graph_of(
        "a, b, taken = ({0..2}, {0..2}, {0..1})",
        "ways = [x -> [relu, sigmoid, skip][a], x -> [relu, sigmoid, skip][b]]",
        "require [a, b][taken] == 1",
        "output ways[taken]",
    )
    assert architectures(graph) == enumerated(graph) == 2


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        (["f = [conv(3), conv(3, 3), relu]", "output x -> chain([f[i] for i in permutation([0..2])])"], 6),
        (["p = permutation([0..2])", "require p[0] != 1", "output concat([[x, x -> bn, x -> relu][i] for i in p])"], 4),
        (["i, j = ({0, 1}, {0, 1})", "output x -> [conv({1..2}), conv({1..3}), conv({1..5})][i + j]"], 2 + 2 * 3 + 5),
        (["c, k = [(4, 1), (6, 3)][{0, 1}]", "output x -> conv(c, k) -> conv(c)"], 2),
        (["k = {0..2}", "f = select(k, [x -> conv(4, {1, 3}), x -> conv(4)])", "output f"], 1 + 3 + 2),
        (["k = {1, 2}", "y = [x, x -> bn, x -> relu]", "output concat(select(k, y), select(k, y))"], 9 + 9),
        (["tied f = conv({1..4})", "output x -> repeat(f, {1..3})"], 3 * 4),
    ],
)
def test_places_of_lists_and_numbers_of_summands_count_as_enumeration(lines: list[str], count: int) -> None:
    graph = graph_of(*lines)
    assert architectures(graph) == enumerated(graph) == count
