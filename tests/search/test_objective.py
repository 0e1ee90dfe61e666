import pytest
import torch

from ssrdsl.search.costs import reference_costs
from ssrdsl.search.objective import objective
from ssrdsl.search.schedule import Schedule
from ssrdsl.search.state import State
from ssrdsl.search.strategies.ssr import SolutionSpaceRegularization
from ssrdsl.space.settings import SearchSettings
from ssrdsl.supernet import Supernet
from tests.search.spaces import SIZED, tiny

SCHEDULE = Schedule(100, SearchSettings())
NOISE = torch.tensor([0.3, -0.4, 0.1, 0.2, -0.2], dtype=torch.float64)


@pytest.mark.parametrize("baseline", [0.0, 1.7])
def test_drawn_extents_have_the_gradient_of_the_expected_loss(baseline: float) -> None:
    """At the first step of the architecture neither SSR loss nor costs have a weight yet."""
    graph = tiny(SIZED).graph
    net = Supernet(graph)
    net.gates.alpha.data = NOISE
    state = State(net, torch.optim.Adam(net.weights()), None, step=SCHEDULE.warm_up)
    costs = reference_costs(graph, net)
    losses = {0: 1.0, 1: 3.0, 2: 0.5}
    found = torch.zeros_like(net.gates.alpha)
    for index, loss in losses.items():
        net.drawn = {"size": index}
        given = torch.tensor(loss), baseline
        terms = objective(SolutionSpaceRegularization(), SCHEDULE, state, costs(), *given)
        (slopes,) = torch.autograd.grad(terms.total, net.gates.alpha)
        found += net.gates.values()["size"][index] * slopes
    own = net.gates()[net.gates.slices["size"]]
    mean = (own * torch.tensor(list(losses.values()))).sum()
    (expected,) = torch.autograd.grad(mean, net.gates.alpha)
    assert torch.allclose(found, expected, atol=1e-12)
    assert expected.abs().max() > 0.1
