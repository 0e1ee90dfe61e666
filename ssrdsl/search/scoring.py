"""Scores of single architectures: with the weights of a supernet, and after their own training; selection by them.

Shared weights underestimate the value of capacity, and the number of parameters is a strong baseline of
training-free scores (Li et al., "ZiCo", ICLR 2023). So the logarithm of the parameters adds to a score, with the weight
`selection.capacity`. It is small: a large one leads to networks with more parameters than any random one at the same
cost, some of which score badly (benchmarks/search_quality.md).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch

from ssrdsl.search.evolution import Evolution, Scored, evolve
from ssrdsl.search.feasible import Assignment, Feasible
from ssrdsl.search.state import State
from ssrdsl.search.strategy import Context
from ssrdsl.search.task import Task
from ssrdsl.space.cost import Costs
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


def select(state: State, context: Context, settings: Evolution) -> tuple[Scored, ...]:
    """Architectures inside the windows of the goal, best first. Raises `UserError` if there are none."""
    costs = Costs(context.reference)
    weight = context.schedule.settings.selection.capacity

    scores: list[float] = []

    def score(path: Assignment) -> float:
        scores.append(score_path(state.net, context.task, path))
        context.scored(len(scores), max(scores))
        return scores[-1] + capacity(costs, path, weight)

    return evolve(Feasible(context.reference, context.goal), score, settings, context.seed)


def capacity(costs: Costs, assignment: Assignment, weight: float) -> float:
    """The bonus of a score for the parameters of an architecture."""
    return weight * math.log(max(1, costs("parameters", assignment))) if weight else 0.0
