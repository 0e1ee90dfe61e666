"""The common base of strategies that learn gates by gradient.

Steps on the weights alternate, after the warm-up, with steps on the gates, both with the task loss of the whole
supernet. No option is dropped before the end; then the gates choose, under the costs of the search block.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor

from ssrdsl.search.schedule import Schedule
from ssrdsl.search.shrink import Survivors
from ssrdsl.search.state import State
from ssrdsl.search.strategy import Context, Step
from ssrdsl.space.decisions import Dimension
from ssrdsl.space.graph import Graph
from ssrdsl.supernet import Gates, Relaxation, SoftmaxRelaxation


@dataclass(frozen=True, slots=True)
class Gradient:
    """A strategy with gates; subclasses override what they do differently (see `Strategy`)."""

    relaxation: Relaxation = field(default_factory=SoftmaxRelaxation)
    has_gates: bool = True

    def check(self, graph: Graph) -> None:
        """Accept every space."""

    def begin(self, state: State, context: Context) -> None:
        """Do nothing."""

    def fair_steps(self, schedule: Schedule, per_epoch: int) -> int:
        """The warm-up."""
        return schedule.warm_up

    def weight_steps(self, state: State) -> int:
        """One."""
        return 1

    def weight_rate(self, schedule: Schedule, state: State) -> float:
        """The rate of the schedule."""
        return schedule.weight_rate(state.step)

    def weight_loss(self, step: Step) -> Tensor:
        """The task loss of the supernet."""
        return step.loss()

    def architecture_loss(self, step: Step) -> Tensor:
        """The task loss of the supernet."""
        return step.loss()

    def regularization(self, gates: Gates, schedule: Schedule, step: int) -> Mapping[Dimension, Tensor]:
        """None."""
        return {}

    def survivors(self, state: State, context: Context) -> Survivors:
        """All options."""
        return {decision.name: decision.indices for decision in state.net.graph.open_decisions}

    def end_epoch(self, state: State, context: Context) -> None:
        """Do nothing."""

    def is_finished(self, state: State) -> bool:
        """Whether no decision is open."""
        return state.converged

    def select(self, state: State, context: Context) -> Survivors | None:
        """Leave the choice to the gates."""
        return None
