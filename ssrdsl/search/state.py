"""The state of a search: the supernet, its optimizers, the remaining options, the steps done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.optim import Adam, Optimizer

from ssrdsl.errors import UserError
from ssrdsl.search.costs import Multipliers
from ssrdsl.search.shrink import Survivors
from ssrdsl.space.graph import Graph
from ssrdsl.space.restrict import restrict
from ssrdsl.space.settings import SearchSettings
from ssrdsl.supernet import Relaxation, Supernet, carry_optimizer, rebuild

WEIGHT_BETAS = (0.9, 0.999)
ARCHITECTURE_BETAS = (0.5, 0.999)


@dataclass(slots=True)
class Tally:
    """Sums over the steps of the current epoch."""

    steps: int = 0
    loss: float = 0.0
    architecture_steps: int = 0
    architecture_loss: float = 0.0
    seconds: float = 0.0

    def count(self, loss: float, architecture_loss: float | None, seconds: float) -> None:
        """Add a step; one without an architecture loss only updated the weights."""
        self.steps += 1
        self.loss += loss
        self.seconds += seconds
        if architecture_loss is not None:
            self.architecture_steps += 1
            self.architecture_loss += architecture_loss


@dataclass(slots=True)
class State:
    """A search after `step` steps. `survivors` are the remaining options of decisions that lost any.

    `multipliers` are those of the cost windows of the goal. `memory` is the state of the strategy: plain values and
    tensors, which a checkpoint can store. `seconds` is the time spent over all resumptions. There is no state of random
    generators: every random number is a function of seed, epoch, step or the number of passes of the supernet.
    """

    net: Supernet
    weights: Optimizer
    architecture: Optimizer | None
    survivors: Survivors = field(default_factory=dict)
    step: int = 0
    seconds: float = 0.0
    tally: Tally = field(default_factory=Tally)
    multipliers: Multipliers = field(default_factory=Multipliers)
    memory: dict[str, Any] = field(default_factory=dict)

    @property
    def converged(self) -> bool:
        """Whether no decision is open."""
        return not self.net.graph.open_decisions


def begin(
    graph: Graph,
    relaxation: Relaxation,
    settings: SearchSettings,
    seed: int,
    device: torch.device,
    survivors: Mapping[str, tuple[int, ...]] | None = None,
) -> State:
    """A new search with a freshly initialised supernet, of all options or only the `survivors`.

    Raises `UserError` if the space has nothing to train.
    """
    left = dict(survivors or {})
    net = Supernet(restrict(graph, left), relaxation=relaxation, seed=seed).to(device)
    net.train()
    return State(net, *_optimizers(net, settings), left)


def narrow(state: State, survivors: Mapping[str, tuple[int, ...]], settings: SearchSettings) -> None:
    """Rebuild the supernet in place with only these options; optimizer moments are kept."""
    smaller = rebuild(state.net, survivors)
    weights, architecture = _optimizers(smaller, settings)
    carry_optimizer(state.net, smaller, state.weights, weights)
    if architecture is not None and state.architecture is not None:
        carry_optimizer(state.net, smaller, state.architecture, architecture)
    state.net, state.weights, state.architecture = smaller, weights, architecture
    state.survivors = {**state.survivors, **survivors}


def _optimizers(net: Supernet, settings: SearchSettings) -> tuple[Optimizer, Optimizer | None]:
    """Adam for the weights, and Adam without decay for the gates, if any are left.

    Fused: a supernet has a thousand small tensors, and a loop over them takes four times as long.
    """
    parameters = list(net.weights())
    if not parameters:
        raise UserError(f"`{net.graph.name}` has no weights to train", help="add a convolution")
    weights = Adam(parameters, betas=WEIGHT_BETAS, weight_decay=settings.weights.decay, fused=True)
    if not net.graph.open_decisions:
        return weights, None
    return weights, Adam([net.gates.alpha], betas=ARCHITECTURE_BETAS)
