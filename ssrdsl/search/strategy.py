"""Search strategies: their common base and their input.

The loop, the cost terms, the final selection and the run directory are the same for all strategies. A strategy object
has no state: its state is in `State.memory`, plain values and tensors, which are saved in the checkpoint.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from ssrdsl.search.schedule import Schedule
from ssrdsl.search.shrink import Survivors
from ssrdsl.search.state import State
from ssrdsl.search.task import Stream, Task
from ssrdsl.space.decisions import Dimension
from ssrdsl.space.graph import Graph
from ssrdsl.space.windows.window import Window
from ssrdsl.supernet import Gates, Relaxation, SoftmaxRelaxation, Supernet
from ssrdsl.supernet.draws import seed_for


@dataclass(frozen=True, slots=True)
class Context:
    """The constant input of a strategy during a search.

    `graph` is the space at the size of the images, `reference` at the size that defines costs. Both have the same
    decisions. `goal` holds the windows for the costs of the network found.
    """

    graph: Graph
    reference: Graph
    task: Task
    schedule: Schedule
    goal: tuple[Window, ...]
    seed: int
    device: torch.device
    scored: Callable[[int, float], None] = lambda count, best: None
    """Called after each score of a selection with the number of scores and the best of them."""

    def epochs_left(self, state: State) -> int:
        """The number of remaining epochs, including the current one."""
        return -(-(self.schedule.steps - state.step) // self.task.steps_per_epoch)


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the weights or on the architecture: `number` counts from 0, `turn` those with the same number."""

    net: Supernet
    task: Task
    batch: tuple[Tensor, Tensor]
    schedule: Schedule
    stream: Stream
    number: int
    memory: Mapping[str, Any]
    turn: int = 0

    def loss(self) -> Tensor:
        """The loss of the task, a scalar, with the current supernet."""
        images, labels = self.batch
        return self.task.loss(self.net(images, auxiliary=True), labels)

    def random(self) -> random.Random:
        """Random numbers that only depend on the seed, the step and its stream."""
        return random.Random(self._seed())

    def generator(self) -> torch.Generator:
        """The same for torch, on the CPU."""
        return torch.Generator().manual_seed(self._seed())

    def _seed(self) -> int:
        return seed_for(self.net.seed, "step", self.stream, self.number, self.turn)


class Strategy:
    """A search strategy; by itself DARTS, from which the others differ in the methods that they override.

    Steps on the weights alternate, after the warm-up, with steps on the gates, both with the task loss of the whole
    supernet. First order: the weights are taken as constants in the step on the gates. No option is dropped before the
    end; then the gates choose, under the costs of the search block.

    Source: Liu et al., "DARTS: Differentiable Architecture Search", ICLR 2019. Unlike there, gates do not decay: that
    would outweigh their gradient in a short search.

    `relaxation` is the function from parameters to gates. Without gates (`has_gates`) there are no steps on the
    architecture parameters: architectures are sampled.
    """

    relaxation: ClassVar[Relaxation] = SoftmaxRelaxation()
    has_gates: ClassVar[bool] = True

    def check(self, graph: Graph) -> None:
        """Raise `UserError` for a space that the strategy cannot search."""

    def begin(self, state: State, context: Context) -> None:
        """Prepare the state of a new search in place; not called when a search is resumed."""

    def fair_steps(self, schedule: Schedule, per_epoch: int) -> int:
        """Steps at the start in which all options are trained equally, and none is dropped or preferred."""
        return schedule.warm_up

    def weight_steps(self, state: State) -> int:
        """Optimizer steps on the weights in each step of the loop, each with its own batch."""
        return 1

    def weight_rate(self, schedule: Schedule, state: State) -> float:
        """The learning rate of the weights in the next step."""
        return schedule.weight_rate(state.step)

    def loss(self, step: Step) -> Tensor:
        """The task loss of a step on the weights or on the gates, a scalar."""
        return step.loss()

    def weight_loss(self, step: Step) -> Tensor:
        """The loss of the weights, a scalar."""
        return self.loss(step)

    def regularization(self, gates: Gates, schedule: Schedule, step: int) -> Mapping[Dimension, Tensor]:
        """Weighted losses of the gates per dimension, scalars, added to the task loss of an architecture step."""
        return {}

    def survivors(self, state: State, context: Context) -> Survivors:
        """The options of every open decision that remain after an epoch."""
        return {decision.name: decision.indices for decision in state.net.graph.open_decisions}

    def end_epoch(self, state: State, context: Context) -> None:
        """Change the state in place between two epochs, after the supernet has been shrunk."""

    def is_finished(self, state: State) -> bool:
        """Whether the search is over before its last epoch."""
        return state.converged

    def select(self, state: State, context: Context) -> Survivors | None:
        """The final architecture, one option per active decision; None: chosen by the gates."""
        return None
