"""The nearest architecture, by enumeration of small spaces; what is proved of large ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ssrdsl.errors import UserError
from ssrdsl.space import Graph, open_space
from ssrdsl.space.cost import Costs
from ssrdsl.space.expressions import apply
from ssrdsl.space.ranges.bounds import Unsatisfiable
from ssrdsl.space.windows import costed
from ssrdsl.space.windows.nearest import Nearest, nearest_to
from ssrdsl.space.windows.targets import check_targets
from ssrdsl.space.windows.window import joined
from tests.space.enumeration import enumerate_architectures
from tests.space.graphs import Build, RandomGraph
from tests.space.windows.test_windowed import layers


def nearest(graph: Graph, targets: Mapping[str, Any]) -> Nearest:
    """The architecture nearest to targets: values of costs, or pairs of a least and a greatest value."""
    pairs = {cost: target if isinstance(target, tuple) else (target, target) for cost, target in targets.items()}
    return nearest_to(graph, joined((), pairs))


@pytest.mark.parametrize("few", [0, costed.FEW], ids=["searched", "listed"])
def test_the_nearest_of_small_spaces(monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(costed, "FEW", few)
    exact = compared = 0
    for seed in range(60):
        graph = RandomGraph(seed).graph()
        costs = Costs(graph)
        values = sorted({costs("parameters", taken) for taken in enumerate_architectures(graph)})
        if len(values) < 3 or len(values) > 200:
            continue
        for target in (values[0] - 3, values[-1] + 7, (values[0] + values[-1]) // 2 + 1):
            found = nearest(graph, {"parameters": target})
            least = min(abs(value - target) for value in values) / max(1, abs(target))
            assert costs("parameters", found.assignment) == found.costs["parameters"]
            assert found.distance == pytest.approx(abs(found.costs["parameters"] - target) / max(1, abs(target)))
            assert found.proved <= least + 1e-9 <= found.distance + 2e-9
            assert not found.is_exact or found.distance == pytest.approx(least)
            exact, compared = exact + found.is_exact, compared + 1
    assert compared > 60
    assert exact == compared if few else exact > 0.8 * compared


def test_a_target_beyond_the_range_has_the_end_nearest() -> None:
    graph = open_space("examples/demo/streets.ssr").graph
    for target, value in ((1e6, 18_722_304), (1e9, 69_152_256)):
        found = nearest(graph, {"macs": target})
        assert (found.costs["macs"], found.is_exact) == (value, True)
        assert found.distance == pytest.approx(abs(value / target - 1))


def test_targets_within_the_range_are_met() -> None:
    graph = open_space("examples/demo/streets.ssr").graph
    found = nearest(graph, {"macs": 40e6})
    assert found.distance <= 1e-3
    found = nearest(graph, {"macs": 40e6, "parameters": 9e4})
    assert found.distance <= 0.01
    costs = Costs(graph)
    assert found.costs == {cost: costs(cost, found.assignment) for cost in ("macs", "parameters")}
    assert nearest(graph, {"macs": (39e6, 41e6)}).distance == 0


def test_between_the_steps_of_a_cost_there_is_nothing() -> None:
    """All MACs of this space leave one remainder modulo 18,432."""
    graph = open_space("examples/demo/streets.ssr").graph
    found = nearest(graph, {"macs": 40_000_001})
    assert found.is_exact
    assert found.costs["macs"] == 39_992_832


def test_a_coarse_decision_is_seen_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wide or narrow in one place, and little else to decide: the values lie in two clusters."""
    monkeypatch.setattr(costed, "FEW", 0)
    build = Build()
    x = build.layer(build.input(), build.set("wide", [2, 1_000]))
    for at in range(6):
        x = build.layer(x, build.set(f"w{at}", [3, 5]))
    build.output(x)
    graph = build.graph()
    values = {Costs(graph)("parameters", taken) for taken in enumerate_architectures(graph)}
    target = 3_000
    best = min(values, key=lambda value: abs(value - target))
    found = nearest(graph, {"parameters": target})
    assert (found.costs["parameters"], found.is_exact) == (best, True)


def test_nothing_is_nearest_where_there_is_no_architecture() -> None:
    build = layers(2)
    build.require(apply(">", build.values["w0"], 9))
    with pytest.raises(Unsatisfiable):
        nearest(build.graph(), {"macs": 3})
    with pytest.raises(UserError, match="unknown cost `latency`"):
        nearest(layers(2).graph(), {"latency": 3})


def test_targets_out_of_reach_are_errors() -> None:
    graph = layers(4).graph()
    check_targets(graph, {"parameters": 50})
    check_targets(graph, {"parameters": 90})  # the greatest is 90
    with pytest.raises(UserError, match="no architecture has about 1,000 parameters") as raised:
        check_targets(graph, {"parameters": 1000})
    assert "the nearest value is 90" in str(raised.value.help)
    with pytest.raises(UserError, match="no architecture has about 1 parameters") as raised:
        check_targets(graph, {"parameters": 1})
    assert "the nearest value is 3" in str(raised.value.help)
