import random

import torch

from ssrdsl.search.scoring import CALIBRATION_BATCHES, score_path
from ssrdsl.space.decisions import only
from ssrdsl.space.sample import Sampler
from ssrdsl.supernet import Supernet, rebuild
from tests.search.spaces import Stripes, tiny


def test_score_of_a_path_is_that_of_the_rebuilt_and_recalibrated_network() -> None:
    graph, task = tiny().graph, Stripes()
    net = Supernet(graph, seed=1)
    for seed in range(3):
        assignment = Sampler(graph).draw(random.Random(seed))
        network = rebuild(net, only(assignment))
        task.recalibrate(network, CALIBRATION_BATCHES)
        before = {name: value.clone() for name, value in net.state_dict().items() if isinstance(value, torch.Tensor)}
        assert score_path(net, task, assignment) == task.choose(network)
        assert all(torch.equal(value, net.state_dict()[name]) for name, value in before.items())
        assert net.training
