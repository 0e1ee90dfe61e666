"""Scores of single architectures with the weights of a supernet."""

from __future__ import annotations

from collections.abc import Mapping

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
