import pytest
import torch

from ssrdsl.errors import UserError
from ssrdsl.search.schedule import Schedule
from ssrdsl.search.strategies.registry import STRATEGIES, find_strategy
from ssrdsl.search.strategies.ssr import SolutionSpaceRegularization, above, certainty
from ssrdsl.space.settings import SearchSettings
from ssrdsl.supernet import Gates
from tests.search.spaces import tiny


def test_strategy_by_name() -> None:
    assert isinstance(find_strategy("ssr"), SolutionSpaceRegularization)
    with pytest.raises(UserError, match="unknown search strategy `dart`") as caught:
        find_strategy("dart")
    assert caught.value.help == f"the strategies are {', '.join(STRATEGIES)}"


def test_certainty_is_the_log_ratio_of_the_two_largest_gates() -> None:
    assert certainty([0.25, 0.25, 0.25, 0.25], 0.1) == 0
    assert certainty([0.05, 0.5, 0.1], 0.1) == pytest.approx(0.699, abs=1e-3)
    assert certainty([1.0, 0.0], 0.1) > 1
    assert certainty([0.5, 0.05], 0.1) == pytest.approx(1)


def test_options_at_the_threshold_go() -> None:
    assert above({3: 0.5, 4: 0.05, 7: 0.06}, 0.1) == (3, 7)
    assert above({0: 0.5, 1: 0.5}, 0.1) == (0, 1)


def test_regularization_is_weighted_by_dimension_and_ramped() -> None:
    program = tiny()
    gates = Gates(program.graph.decisions.values(), SolutionSpaceRegularization().relaxation)
    with torch.no_grad():
        gates.alpha[::2] = 0.5
    schedule = Schedule(100, SearchSettings())
    strategy = SolutionSpaceRegularization()
    early, full = (strategy.regularization(gates, schedule, step) for step in (40, 60))
    plain = gates.ssr()
    assert set(full) == set(plain)
    assert all(strategy.regularization(gates, schedule, 20)[dimension] == 0 for dimension in plain)
    for dimension, loss in plain.items():
        weight = 0.15 if dimension.value == "channel" else 0.3
        assert full[dimension] < weight * loss < 0
        assert full[dimension] < early[dimension]


def test_regularization_moves_gates_apart() -> None:
    program = tiny()
    strategy = SolutionSpaceRegularization()
    gates = Gates(program.graph.decisions.values(), strategy.relaxation)
    with torch.no_grad():
        gates.alpha.add_(0.1 * torch.randn(len(gates.alpha), generator=torch.Generator().manual_seed(0)))
    before = {name: max(values.values()) for name, values in gates.values().items()}
    optimizer, schedule = torch.optim.Adam([gates.alpha], lr=0.05), Schedule(100, SearchSettings())
    for _ in range(50):
        optimizer.zero_grad()
        torch.stack(list(strategy.regularization(gates, schedule, 90).values())).sum().backward()
        optimizer.step()
    assert all(max(values.values()) > before[name] for name, values in gates.values().items())
