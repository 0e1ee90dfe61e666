import pytest
import torch

from ssrdsl.search.costs import Multipliers, reference_costs
from ssrdsl.search.objective import Objective
from ssrdsl.search.schedule import Schedule
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
    objective = Objective(SolutionSpaceRegularization(), SCHEDULE, reference_costs(graph, net), Multipliers())
    losses = {0: 1.0, 1: 3.0, 2: 0.5}
    found = torch.zeros_like(net.gates.alpha)
    for index, loss in losses.items():
        net.drawn = {"size": index}
        terms = objective(torch.tensor(loss), baseline, net, SCHEDULE.warm_up)
        (slopes,) = torch.autograd.grad(terms.total, net.gates.alpha)
        found += net.gates.values()["size"][index] * slopes
    own = net.gates()[net.gates.slices["size"]]
    mean = (own * torch.tensor(list(losses.values()))).sum()
    (expected,) = torch.autograd.grad(mean, net.gates.alpha)
    assert torch.allclose(found, expected, atol=1e-12)
    assert expected.abs().max() > 0.1
