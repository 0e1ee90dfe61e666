"""Progressive DARTS: three stages of growing depth and fewer candidates, and dropout on skip connections.

At the end of a stage decisions between candidates (`choose`) keep the best five, then the best three eighths of their
options, at least two. In the first stage depth decisions have the first third of their options, then two thirds, then
all; an option that is not yet open has a gate of zero (1e-13), and takes over the largest parameter when it opens. The
gate of a skip connection is multiplied by the factor of a dropout whose rate falls linearly to zero within a stage.
What a space does not have, depths or skip connections, has no effect.

Source: Chen et al., "Progressive Differentiable Architecture Search: Bridging the Depth Gap between Search and
Evaluation", ICCV 2019: 8, 5 and 3 candidates, initial rates 0, 0.4 and 0.7. There, weights restart at each stage.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

import torch
from torch import Tensor

from ssrdsl.errors import UserError
from ssrdsl.search.schedule import Schedule
from ssrdsl.search.shrink import Survivors
from ssrdsl.search.state import State
from ssrdsl.search.strategy import Context, Step, Strategy
from ssrdsl.space.decisions import Decision, Dimension, Kind
from ssrdsl.space.graph import Graph, Mux

STAGES = 3
KEPT = (Fraction(1), Fraction(5, 8), Fraction(3, 8))
DROPOUT = (0.0, 0.4, 0.7)
CLOSED = -30.0
"""The parameter of a depth that is not yet open."""


class ProgressiveDarts(Strategy):
    """Softmax gates in stages; memory holds the stage and the options that are skip connections."""

    def check(self, graph: Graph) -> None:
        """Raise `UserError` for a space without a decision between candidates."""
        if not any(decision.kind is Kind.CHOOSE for decision in graph.open_decisions):
            raise UserError(
                f"`pdarts` cannot search `{graph.name}`: it has no `choose` with candidates that can be "
                "dropped in stages",
                help='use another strategy, such as "ssr", "darts" or "sandwich", which search any decision',
            )

    def begin(self, state: State, context: Context) -> None:
        """Close the larger depths and find the skip connections."""
        state.memory["stage"] = 0
        state.memory["skips"] = [list(option) for option in skips(state.net.graph)]
        _open_depths(state, 0)

    def loss(self, step: Step) -> Tensor:
        """The task loss with skip connections dropped at random."""
        gates, rate = step.net.gates, dropout(step.schedule, step.number)
        known = gates.layout.places
        places = [known[name, index] for name, index in step.memory["skips"] if (name, index) in known]
        if not places or rate == 0:
            return step.loss()
        kept = torch.rand(len(places), dtype=torch.float64, generator=step.generator()) >= rate
        factors = torch.ones(len(gates.alpha), dtype=torch.float64)
        factors[places] = kept.to(torch.float64) / (1 - rate)
        with gates.replaced(gates() * factors.to(gates.alpha.device)):
            return step.loss()

    def survivors(self, state: State, context: Context) -> Survivors:
        """All options within a stage; at its end the best candidates."""
        kept = super().survivors(state, context)
        reached = stage(context.schedule.progress(state.step))
        if reached == state.memory["stage"]:
            return kept
        gates = state.net.gates.values()
        for decision in state.net.graph.open_decisions:
            if decision.kind is Kind.CHOOSE:
                count = max(2, math.ceil(KEPT[reached] * len(context.graph.decisions[decision.name].options)))
                best = sorted(decision.indices, key=lambda index: -gates[decision.name][index])[:count]
                kept[decision.name] = tuple(sorted(best))
        return kept

    def end_epoch(self, state: State, context: Context) -> None:
        """Begin the next stage where it is due."""
        reached = stage(context.schedule.progress(state.step))
        if reached > state.memory["stage"]:
            state.memory["stage"] = reached
            _open_depths(state, reached)


def stage(progress: float) -> int:
    """The stage, from 0, at a share of the architecture steps."""
    return min(STAGES - 1, int(progress * STAGES))


def dropout(schedule: Schedule, step: int) -> float:
    """The rate at which skip connections are dropped in a step."""
    progress = schedule.progress(step)
    at = stage(progress)
    return DROPOUT[at] * (1 - min(1.0, progress * STAGES - at))


def open_depths(decision: Decision, at: int) -> tuple[int, ...]:
    """The options of a depth decision that are open in a stage."""
    return decision.indices[: math.ceil(len(decision.options) * (at + 1) / STAGES)]


@torch.no_grad()
def _open_depths(state: State, at: int) -> None:
    """Give options that open the largest parameter of those that were open, and those that stay closed a tiny gate."""
    gates = state.net.gates
    for decision in gates.layout.decisions:
        if decision.dimension is not Dimension.DEPTH:
            continue
        alpha = gates.alpha[gates.slices[decision.name]]
        largest = alpha.max()
        for place, index in enumerate(decision.indices):
            if index not in open_depths(decision, at):
                alpha[place] = CLOSED
            elif alpha[place] < CLOSED / 2:
                alpha[place] = largest


def skips(graph: Graph) -> Iterator[tuple[str, int]]:
    """The options of decisions between candidates that hand on what the other candidates are computed from."""
    for node in graph:
        if isinstance(node, Mux) and graph.decisions[node.decision].kind is Kind.CHOOSE:
            for index, port in node.branches:
                others = [other.node for _, other in node.branches if other != port]
                if others and port.node in graph.ancestors(others):
                    yield node.decision, index
