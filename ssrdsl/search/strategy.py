"""The interface of a search strategy: its decisions and its input.

The loop, the cost terms, the final selection and the run directory are the same for all strategies. A strategy object
has no state: its state is in `State.memory`, plain values and tensors, which are saved in the checkpoint.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from ssrdsl.search.schedule import Schedule
from ssrdsl.search.shrink import Survivors
from ssrdsl.search.state import State
from ssrdsl.search.task import Stream, Task
from ssrdsl.space.decisions import Dimension
from ssrdsl.space.graph import Graph
from ssrdsl.space.windows.window import Window
from ssrdsl.supernet import Gates, Relaxation, Supernet
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

    def progress(self, state: State) -> float:
        """The share of the architecture steps that is done, 0 to 1."""
        return self.schedule.progress(state.step)

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


class Strategy(Protocol):
    """A search strategy. `ssrdsl.search.strategies.gradient` has the parts that most share."""

    @property
    def relaxation(self) -> Relaxation:
        """The function from parameters to gates."""
        ...

    @property
    def has_gates(self) -> bool:
        """Whether there are steps on the architecture parameters; else architectures are sampled."""
        ...

    def check(self, graph: Graph) -> None:
        """Raise `UserError` for a space that the strategy cannot search."""
        ...

    def begin(self, state: State, context: Context) -> None:
        """Prepare the state of a new search in place; not called when a search is resumed."""
        ...

    def fair_steps(self, schedule: Schedule, per_epoch: int) -> int:
        """Steps at the start in which all options are trained equally, and none is dropped or preferred."""
        ...

    def weight_steps(self, state: State) -> int:
        """Optimizer steps on the weights in each step of the loop, each with its own batch."""
        ...

    def weight_rate(self, schedule: Schedule, state: State) -> float:
        """The learning rate of the weights in the next step."""
        ...

    def weight_loss(self, step: Step) -> Tensor:
        """The loss of the weights, a scalar."""
        ...

    def architecture_loss(self, step: Step) -> Tensor:
        """The task term of the loss of the architecture parameters, a scalar."""
        ...

    def regularization(self, gates: Gates, schedule: Schedule, step: int) -> Mapping[Dimension, Tensor]:
        """Weighted losses of the gates per dimension, scalars, added to the task loss of an architecture step."""
        ...

    def survivors(self, state: State, context: Context) -> Survivors:
        """The options of every open decision that remain after an epoch."""
        ...

    def end_epoch(self, state: State, context: Context) -> None:
        """Change the state in place between two epochs, after the supernet has been shrunk."""
        ...

    def is_finished(self, state: State) -> bool:
        """Whether the search is over before its last epoch."""
        ...

    def select(self, state: State, context: Context) -> Survivors | None:
        """The final architecture, one option per active decision; None: chosen by the gates."""
        ...
