import pytest
import torch

from ssrdsl.search.costs import Multipliers, broken, reference_costs, same_decisions
from ssrdsl.space import cost
from ssrdsl.space.graph import Graph
from ssrdsl.space.restrict import restrict
from ssrdsl.space.windows.window import Window, joined
from ssrdsl.supernet import Expected, Supernet, rebuild
from tests.search.spaces import TINY, tiny


def expected(macs: float, parameters: float = 1.0) -> Expected:
    return Expected(torch.tensor(macs, dtype=torch.float64), torch.tensor(parameters, dtype=torch.float64))


def bounded(text: str) -> Graph:
    return tiny(TINY.replace("  stem", f"  require {text}\n  stem")).graph


def test_without_windows_there_is_no_loss() -> None:
    assert Multipliers(()).loss(expected(3.0), 1.0) == 0


def test_loss_is_multiplier_and_penalty_of_the_relative_violation() -> None:
    goal = Multipliers((Window("macs", 99, 101), Window("parameters", 45, 55)))
    assert goal.loss(expected(100.0, 50.0), 1.0) == 0
    assert float(goal.loss(expected(120.0, 50.0), 3.0)) == pytest.approx(1.5 * 0.2**2)
    goal.values["macs"] = 2.0
    assert float(goal.loss(expected(120.0, 50.0), 3.0)) == pytest.approx(2.0 * 0.2 + 1.5 * 0.2**2)
    assert float(goal.loss(expected(100.0, 40.0), 3.0)) == pytest.approx(1.5 * 0.2**2)


@pytest.mark.parametrize(("text", "within", "beyond"), [("macs <= 1M", 0.9e6, 1.1e6), ("macs >= 1M", 1.1e6, 0.9e6)])
def test_bounds_count_where_they_are_violated(text: str, within: float, beyond: float) -> None:
    goal = Multipliers(joined(bounded(text).cost_bounds))
    assert goal.loss(expected(within), 2.0) == 0
    assert float(goal.loss(expected(beyond), 2.0)) == pytest.approx(0.01)


def test_multipliers_grow_with_the_violation_and_those_of_bounds_keep_their_sign() -> None:
    goal = Multipliers((Window("macs", 99, 101), Window("parameters", greatest=50)))
    goal.ascend(expected(120.0, 60.0), 0.5)
    assert goal.values == {"macs": pytest.approx(0.1), "parameters": pytest.approx(0.1)}
    for _ in range(3):
        goal.ascend(expected(80.0, 10.0), 0.5)
    assert goal.values == {"macs": pytest.approx(-0.2), "parameters": pytest.approx(0.1)}
    lower = Multipliers((Window("macs", least=100),))
    lower.ascend(expected(50.0), 1.0)
    assert lower.values == {"macs": pytest.approx(-0.5)}


def test_broken_bounds_are_named_as_written() -> None:
    held = bounded("macs <= 1M")
    assert broken(held, {"macs": 1_000_000, "parameters": 1}) == []
    assert broken(held, {"macs": 1_000_001, "parameters": 1}) == ["macs <= 1M"]


def test_costs_are_those_of_the_reference_under_the_gates_of_the_net() -> None:
    small, large = tiny(), tiny(height="16", width="32")
    assert same_decisions(small.graph, large.graph)
    net = Supernet(small.graph)
    choice = {name: decision.indices[-1:] for name, decision in small.graph.decisions.items()}
    for survivors in ({}, {name: choice[name] for name in list(choice)[:2]}, choice):
        left = rebuild(net, survivors)
        found = reference_costs(large.graph, left)()
        there = restrict(large.graph, survivors)
        assert float(found.macs.detach()) == pytest.approx(
            float(reference_costs(there, Supernet(there))().macs.detach())
        )
    assert float(found.macs.detach()) == cost.macs(restrict(large.graph, choice))


def test_multipliers_bring_gates_to_the_target_against_a_task() -> None:
    """The task asks for more MACs at a slope that a fixed penalty would meet far from the target."""
    program = tiny()
    net = Supernet(program.graph)
    costs = reference_costs(program.graph, net)
    wanted = 0.8 * float(costs().macs.detach())
    goal = Multipliers((Window("macs", 0.99 * wanted, 1.01 * wanted),))
    optimizer = torch.optim.Adam([net.gates.alpha], lr=0.05)
    for _ in range(400):
        optimizer.zero_grad()
        found = costs()
        (goal.loss(found, 1.0) + (found.macs / wanted - 2) ** 2).backward()
        optimizer.step()
        goal.ascend(found, 0.1)
    assert float(costs().macs.detach()) == pytest.approx(wanted, rel=0.01)
    assert goal.values["macs"] == pytest.approx(2.0, rel=0.1)
