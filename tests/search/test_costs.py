import pytest
import torch

from ssrdsl.search.costs import Costs, broken, cost_loss, same_decisions
from ssrdsl.space import cost
from ssrdsl.space.graph import Requirement
from ssrdsl.space.restrict import restrict
from ssrdsl.space.settings import Target
from ssrdsl.supernet import Expected, Supernet, rebuild
from tests.search.spaces import TINY, tiny


def expected(macs: float, parameters: float = 1.0) -> Expected:
    return Expected(torch.tensor(macs, dtype=torch.float64), torch.tensor(parameters, dtype=torch.float64))


def bounds(text: str) -> tuple[Requirement, ...]:
    return tiny(TINY.replace("  stem", f"  require {text}\n  stem")).graph.requirements


def test_cost_loss_is_the_squared_relative_distance() -> None:
    assert cost_loss(expected(3.0), Target(), ()) == 0
    assert cost_loss(expected(2.0), Target(macs=2.0), ()) == 0
    assert float(cost_loss(expected(3e9), Target(macs=2e9), ())) == pytest.approx(0.25)
    assert float(cost_loss(expected(1e9, 50.0), Target(macs=2e9, parameters=100, weight=2), ())) == pytest.approx(1.0)


@pytest.mark.parametrize(("text", "within", "beyond"), [("macs <= 1M", 0.9e6, 1.1e6), ("macs >= 1M", 1.1e6, 0.9e6)])
def test_bounds_count_where_they_are_broken(text: str, within: float, beyond: float) -> None:
    assert cost_loss(expected(within), Target(), bounds(text)) == 0
    assert float(cost_loss(expected(beyond), Target(), bounds(text))) == pytest.approx(0.01)


def test_broken_bounds_are_named_as_written() -> None:
    held = bounds("macs <= 1M")
    assert broken(held, {"macs": 1_000_000, "parameters": 1}) == []
    assert broken(held, {"macs": 1_000_001, "parameters": 1}) == ["macs <= 1M"]


def test_costs_are_those_of_the_reference_under_the_gates_of_the_net() -> None:
    small, large = tiny(), tiny(height="16", width="32")
    assert same_decisions(small.graph, large.graph)
    net = Supernet(small.graph)
    choice = {name: decision.indices[-1:] for name, decision in small.graph.decisions.items()}
    for survivors in ({}, {name: choice[name] for name in list(choice)[:2]}, choice):
        left = rebuild(net, survivors)
        found = Costs(large.graph, left)(left)
        there = Supernet(restrict(large.graph, survivors)).expected()
        assert float(found.macs.detach()) == pytest.approx(float(there.macs.detach()))
    assert float(found.macs.detach()) == cost.macs(restrict(large.graph, choice))


def test_cost_loss_moves_gates_towards_the_target() -> None:
    program = tiny()
    net = Supernet(program.graph)
    costs = Costs(program.graph, net)
    goal = 0.8 * float(costs(net).macs.detach())
    optimizer = torch.optim.Adam([net.gates.alpha], lr=0.05)
    for _ in range(100):
        optimizer.zero_grad()
        cost_loss(costs(net), Target(macs=goal), ()).backward()
        optimizer.step()
    assert float(costs(net).macs.detach()) == pytest.approx(goal, rel=0.05)
