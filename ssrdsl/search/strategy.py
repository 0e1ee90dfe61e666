"""What a strategy of search decides, and what it is given for that.

The loop, the cost terms, the final selection and the run directory are the same for all strategies. A strategy object
holds no state: what it has to remember goes into `State.memory`, plain values and tensors, and from there into the
checkpoint.
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
    """What stays the same during a search.

    `graph` is the space at the size of the images, `reference` at the size that costs are taken from. Both make the
    same decisions. `goal` holds the windows that the costs of the network found have to be in.
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
        """The number of epochs after the steps that are done, the one under way included."""
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
        """The loss of the task, a scalar, with the supernet as it is."""
        images, labels = self.batch
        return self.task.loss(self.net(images, auxiliary=True), labels)

    def random(self) -> random.Random:
        """Random numbers that depend on the seed, the step and its stream alone."""
        return random.Random(self._seed())

    def generator(self) -> torch.Generator:
        """The same for torch, on the CPU."""
        return torch.Generator().manual_seed(self._seed())

    def _seed(self) -> int:
        return seed_for(self.net.seed, "step", self.stream, self.number, self.turn)


class Strategy(Protocol):
    """A way to search. `ssrdsl.search.strategies.gradient` has the parts that most share."""

    @property
    def relaxation(self) -> Relaxation:
        """How parameters become gates."""
        ...

    @property
    def has_gates(self) -> bool:
        """Whether there are steps on the architecture parameters; else architectures are sampled."""
        ...

    def check(self, graph: Graph) -> None:
        """Raises `UserError` for a space that the strategy cannot search."""
        ...

    def begin(self, state: State, context: Context) -> None:
        """Prepares the state of a new search, in place; not called when a search is resumed."""
        ...

    def fair_steps(self, schedule: Schedule, per_epoch: int) -> int:
        """Steps at the start in which all options learn alike, none is dropped, and none is preferred."""
        ...

    def weight_steps(self, state: State) -> int:
        """Optimizer steps on the weights in each step of the loop, each with a batch of its own."""
        ...

    def weight_rate(self, schedule: Schedule, state: State) -> float:
        """The learning rate of the weights in the next step."""
        ...

    def weight_loss(self, step: Step) -> Tensor:
        """The loss, a scalar, whose gradient moves the weights."""
        ...

    def architecture_loss(self, step: Step) -> Tensor:
        """The task's part of the loss, a scalar, whose gradient moves the architecture parameters."""
        ...

    def regularization(self, gates: Gates, schedule: Schedule, step: int) -> Mapping[Dimension, Tensor]:
        """Weighted losses of the gates per dimension, scalars, added to the task loss of an architecture step."""
        ...

    def survivors(self, state: State, context: Context) -> Survivors:
        """The options of every open decision that are left after an epoch."""
        ...

    def end_epoch(self, state: State, context: Context) -> None:
        """Changes the state between two epochs, after the supernet has been shrunk, in place."""
        ...

    def is_finished(self, state: State) -> bool:
        """Whether the search is over before its last epoch."""
        ...

    def select(self, state: State, context: Context) -> Survivors | None:
        """The final architecture, one option per active decision; None: chosen by the gates."""
        ...
