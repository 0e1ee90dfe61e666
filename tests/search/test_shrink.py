from collections.abc import Mapping

import pytest

from ssrdsl.search.goal import goal, meets
from ssrdsl.search.likely import likeliest
from ssrdsl.search.shrink import Reach, discretize, dropped, permitted
from ssrdsl.space import cost
from ssrdsl.space.decisions import only
from ssrdsl.space.graph import Graph
from ssrdsl.space.restrict import restrict
from ssrdsl.space.settings import Target
from ssrdsl.supernet import Supernet
from tests.search.spaces import TINY, tiny


def uneven(net: Supernet) -> dict[str, dict[int, float]]:
    """Gates that favour the last option of every decision."""
    return {
        name: {i: (0.9 if i == max(values) else 0.1) for i in values} for name, values in net.gates.values().items()
    }


def test_dropped_mass_is_the_sum_of_the_gates_that_go() -> None:
    gates = {"a": {0: 0.5, 1: 0.3, 2: 0.2}, "b": {0: 0.6, 1: 0.4}}
    gone = dropped(gates, {"a": (0,), "b": (0, 1)})
    assert gone.options == 2
    assert gone.decided == ("a",)
    assert gone.mass == {"a": pytest.approx(0.5)}
    assert gone.largest_mass == pytest.approx(0.5)
    assert dropped(gates, {"a": (0, 1, 2), "b": (0, 1)}).largest_mass == 0


def test_discretize_takes_the_largest_gates_of_active_decisions() -> None:
    graph = tiny().graph
    taken = discretize(graph, uneven(Supernet(graph)))
    assert all(indices == (graph.decisions[name].indices[-1],) for name, indices in taken.items())
    assert not restrict(graph, taken).open_decisions
    assert "body.cell[0].d=1.mid" not in taken
    assert taken["body.cell[0].d=2.mid"] == (1,)


def test_discretize_keeps_what_was_decided_before() -> None:
    graph = restrict(tiny().graph, {"body.repeat.depth": (0,)})
    taken = discretize(graph, uneven(Supernet(graph)))
    assert taken["body.repeat.depth"] == (0,)
    assert not any(name.startswith("body.cell[1]") for name in taken)


def test_ties_go_to_the_first_option() -> None:
    graph = tiny().graph
    assert discretize(graph, Supernet(graph).gates.values())["body.repeat.depth"] == (0,)


WITH_RULE = TINY.replace("  stem", "  w = {4, 8, 12}\n  v = {4, 8, 12}\n  require w < v\n  stem").replace(
    "-> conv(classes, 1)", "-> conv(w, 1) -> conv(v, 1) -> conv(classes, 1)"
)


def test_discretize_keeps_the_requirements() -> None:
    graph = tiny(WITH_RULE).graph
    names = [name for name in graph.decisions if name.split(".")[-1] in ("w", "v")]
    gates = {name: {0: 0.1, 1: 0.2, 2: 0.7} for name in names}
    taken = {name.split(".")[-1]: indices[0] for name, indices in discretize(graph, gates).items() if name in names}
    assert taken["w"] < taken["v"]


def test_shrinking_keeps_an_option_that_a_requirement_needs() -> None:
    graph = tiny(WITH_RULE).graph
    w, v = (next(name for name in graph.decisions if name.split(".")[-1] == end) for end in ("w", "v"))
    assert permitted(graph, {w: (1,), v: (2,)}) == {w: (1,), v: (2,)}
    kept = permitted(graph, {w: (1,), v: (0, 1)})
    assert kept[v] == (0, 1, 2)
    assert permitted(graph, {v: (0,)})[v] == (0, 1, 2)


def test_shrinking_keeps_what_the_costs_asked_for_need(streets: Graph) -> None:
    gates = {d.name: {index: 1 / len(d.indices) for index in d.indices} for d in streets.open_decisions}
    narrowest = {d.name: d.indices[:1] for d in streets.open_decisions}
    windows = goal(streets, Target(macs=60e6))
    kept = permitted(streets, narrowest, Reach(streets, windows, gates))
    assert any(len(indices) == 1 for indices in kept.values())
    left = restrict(streets, kept)
    found = likeliest(left, gates, windows)
    assert found is not None
    assert meets(windows, costs_of(streets, found))
    # Not even one more decision could have been taken.
    for name, indices in kept.items():
        if len(indices) > 1:
            assert not Reach(left, windows, gates).attains({**kept, name: narrowest[name]})


def test_without_costs_asked_for_all_drops_are_allowed(streets: Graph) -> None:
    narrowest = {d.name: d.indices[:1] for d in streets.open_decisions}
    assert permitted(streets, narrowest) == narrowest


def costs_of(graph: Graph, assignment: Mapping[str, int]) -> dict[str, int]:
    left = restrict(graph, only(assignment))
    return {"macs": cost.macs(left), "parameters": cost.parameters(left)}
