from itertools import product

import pytest

from ssrdsl.search.goal import goal, meets
from ssrdsl.search.likely import likeliest
from ssrdsl.space import activity, cost
from ssrdsl.space.decisions import only
from ssrdsl.space.restrict import restrict
from ssrdsl.space.settings import Target
from ssrdsl.space.windows.window import Window
from tests.search.spaces import tiny


def uneven(graph, seed=0):
    """Gates that differ from decision to decision and from option to option."""
    gates = {}
    for place, decision in enumerate(graph.open_decisions):
        sizes = {index: 1 + (7 * place + 5 * index + seed) % 11 for index in decision.indices}
        gates[decision.name] = {index: size / sum(sizes.values()) for index, size in sizes.items()}
    return gates


def active_of(graph, taken):
    return activity.walk(graph, lambda decision: taken[decision.name]).assignment


def costs(graph, assignment):
    left = restrict(graph, only(assignment))
    return {"macs": cost.macs(left), "parameters": cost.parameters(left)}


def test_without_windows_the_largest_gates_are_taken() -> None:
    graph = tiny().graph
    gates = uneven(graph)
    best = {name: max(values, key=values.get) for name, values in gates.items()}
    active = activity.walk(graph, lambda decision: best[decision.name]).assignment
    assert likeliest(graph, gates, ()) == active


@pytest.mark.parametrize("seed", range(4))
def test_of_all_architectures_in_the_window_the_likeliest_is_taken(seed, costs_of_tiny) -> None:
    graph = tiny().graph
    gates = uneven(graph, seed)
    macs = sorted(each["macs"] for each in costs_of_tiny)
    window = Window("macs", macs[len(macs) // 4], macs[len(macs) // 2])

    def product_of_gates(taken):
        value = 1.0
        for name, index in taken.items():
            value *= gates[name][index]
        return value

    best, chosen = 0.0, None
    for row in product(*(decision.indices for decision in graph.decisions.values())):
        taken = dict(zip(graph.decisions, row, strict=True))
        active = active_of(graph, taken)
        if window.holds(costs(graph, active)["macs"]) and product_of_gates(taken) > best:
            best, chosen = product_of_gates(taken), active
    assert likeliest(graph, gates, (window,)) == chosen


@pytest.mark.parametrize(
    "target", [{"macs": 25e6}, {"macs": 60e6}, {"parameters": 5e4}, {"macs": 40e6, "parameters": 9e4}]
)
def test_targets_of_a_larger_space_are_met(streets, target) -> None:
    windows = goal(streets, Target(**target))
    taken = likeliest(streets, uneven(streets), windows)
    assert taken is not None
    assert meets(windows, costs(streets, taken))
    for name, value in target.items():
        assert costs(streets, taken)[name] == pytest.approx(value, rel=0.01)


def test_options_that_are_gone_are_not_taken(streets) -> None:
    names = list(streets.decisions)[:20]
    left = restrict(streets, {name: streets.decisions[name].indices[:2] for name in names})
    taken = likeliest(left, uneven(left), goal(left, Target(macs=35e6)))
    assert taken is not None
    assert all(taken[name] in streets.decisions[name].indices[:2] for name in names if name in taken)


def test_none_where_no_architecture_is_in_the_windows(streets) -> None:
    assert likeliest(streets, uneven(streets), (Window("macs", 1, 2),)) is None
