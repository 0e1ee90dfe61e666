"""Progress reports of a search, after each step and each epoch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ssrdsl.search.likely import GateValues
from ssrdsl.search.shrink import Dropped
from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.graph import Graph
from ssrdsl.space.size import architectures
from ssrdsl.supernet import Supernet


@dataclass(frozen=True, slots=True)
class StepReport:
    """Report of a step: `step` counts from 1, `epoch` from 0; losses are those of the task.

    Values of the architecture are None during the warm-up and once nothing is open. `macs` are expected at the
    size of the file.
    """

    step: int
    steps: int
    epoch: int
    loss: float
    architecture_loss: float | None = None
    regularization: float | None = None
    cost: float | None = None
    macs: float | None = None


@dataclass(frozen=True, slots=True)
class Remaining:
    """The rest of a space: open decisions and their options per dimension, architectures, weights.

    `architectures` is None if they cannot be counted.
    """

    decisions: Mapping[str, int]
    options: Mapping[str, int]
    architectures: int | None
    parameters: int


@dataclass(frozen=True, slots=True)
class EpochReport:
    """Report of an epoch; `gates` are those at its end, before the shrinking that `dropped` describes.

    Losses are means over its steps, `step_seconds` the mean time of one, `macs` expected at the size of the file.
    """

    epoch: int
    step: int
    loss: float
    architecture_loss: float | None
    step_seconds: float
    macs: float
    left: Remaining
    gates: GateValues
    dropped: Dropped


class SearchObserver(Protocol):
    """Receives progress reports."""

    def step(self, report: StepReport) -> None:
        """Called after each step."""
        ...

    def epoch(self, report: EpochReport) -> None:
        """Called after each epoch and its shrinking."""
        ...


def remaining(net: Supernet) -> Remaining:
    """The rest of the space of a supernet."""
    decisions: dict[str, int] = {}
    options: dict[str, int] = {}
    for decision in net.graph.open_decisions:
        decisions[decision.dimension.value] = decisions.get(decision.dimension.value, 0) + 1
        options[decision.dimension.value] = options.get(decision.dimension.value, 0) + len(decision.options)
    return Remaining(decisions, options, _count(net.graph), sum(weight.numel() for weight in net.weights()))


def _count(graph: Graph) -> int | None:
    """The number of architectures, None if counting takes too long."""
    try:
        return architectures(graph)
    except TooWide:
        return None
