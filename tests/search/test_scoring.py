import random

import torch

from ssrdsl.search.scoring import CALIBRATION_BATCHES, score_path, score_trained, training_loss
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


def test_training_loss_is_that_of_the_network_without_dropout() -> None:
    graph, task = tiny().graph, Stripes()
    path = Sampler(graph).draw(random.Random(0))
    net = rebuild(Supernet(graph, seed=1), only(path))
    net.train()
    found = training_loss(net, task)
    assert net.training
    net.eval()
    with torch.no_grad():
        losses = [
            float(torch.nn.functional.cross_entropy(net(images), labels))
            for images, labels in task.batches(0, "weights", 0)
        ]
    assert found == sum(losses) / len(losses)
    assert score_trained(net, task) == task.choose(net) - found
