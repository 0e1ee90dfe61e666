"""Scores of single architectures: with the weights of a supernet, and after their own training."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from ssrdsl.search.task import Task
from ssrdsl.space.decisions import only
from ssrdsl.supernet import Supernet, rebuild

CALIBRATION_BATCHES = 8
"""Batches to recompute statistics for one score."""


def score_path(net: Supernet, task: Task, assignment: Mapping[str, int]) -> float:
    """The score of one architecture with inherited weights and recalibrated batch norms, higher is better.

    `assignment` holds the original option index of every active decision. The supernet is not changed: the network is
    rebuilt with a copy of its weights, since statistics of mixtures do not fit a single candidate.
    """
    network = rebuild(net, only(assignment)).eval()
    task.recalibrate(network, CALIBRATION_BATCHES)
    return task.choose(network)


def score_trained(net: Supernet, task: Task) -> float:
    """The score of a network after its own training: that on the images held out, minus the training loss.

    After short trainings the difference ranks networks better than either (benchmarks/search_quality.md). Source of the
    training loss as a score: Ru et al., "Speedy Performance Estimation for Neural Architecture Search", NeurIPS 2021.
    """
    return task.choose(net) - training_loss(net, task)


def training_loss(net: Supernet, task: Task) -> float:
    """The mean loss of the main output over the first epoch of training batches, without dropout.

    The mode of the network is kept.
    """
    training = net.training
    net.eval()
    with torch.no_grad():
        losses = [float(task.loss((net(images), {}), labels)) for images, labels in task.batches(0, "weights", 0)]
    net.train(training)
    return sum(losses) / len(losses)
