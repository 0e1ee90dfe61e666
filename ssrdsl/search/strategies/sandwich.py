"""One-shot training by the sandwich rule, then evolution under the exact costs.

Every step trains four paths of the supernet, without gates: the largest on the labels; the smallest and two random ones
on what the largest predicts (in-place distillation). At the end evolution selects among architectures that meet the
targets, scored with inherited weights and recalibrated batch norms.

Sources: Yu et al., "BigNAS: Scaling Up Neural Architecture Search with Big Single-Stage Models", ECCV 2020 (the
sandwich rule and in-place distillation); Cai et al., "Once-for-All: Train One Network and Specialize it for Efficient
Deployment", ICLR 2020 (selection by evolution).
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional as F

from ssrdsl.errors import UserError
from ssrdsl.search.evolution import Evolution, evolve
from ssrdsl.search.feasible import Assignment, Feasible
from ssrdsl.search.scoring import score_path
from ssrdsl.search.shrink import Survivors
from ssrdsl.search.state import State
from ssrdsl.search.strategies.gradient import Gradient
from ssrdsl.search.strategy import Context, Step
from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.cost import Costs
from ssrdsl.space.decisions import Dimension
from ssrdsl.space.graph import Graph
from ssrdsl.space.ranges.bounds import bounds
from ssrdsl.supernet import Supernet

RANDOM_PATHS = 2
EVOLUTION = Evolution()
"""The size of the selection at the end."""
DRAWN = 200
"""Random architectures of which the largest and the smallest are taken where the exact ones cannot be determined."""


@dataclass(frozen=True, slots=True)
class Sandwich(Gradient):
    """Paths instead of gates; memory holds the largest and the smallest one."""

    has_gates: bool = False

    def check(self, graph: Graph) -> None:
        """Raises `UserError` for a space whose input sizes are decided."""
        sizes = [decision.name for decision in graph.open_decisions if decision.dimension is Dimension.INPUT]
        if sizes:
            raise UserError(
                f"`sandwich` cannot search `{graph.name}`: it decides the size of its input (`{sizes[0]}`), and "
                "predictions at different sizes cannot be compared",
                help='take "ssr" or "random", which search input sizes, or give the input one size',
            )

    def begin(self, state: State, context: Context) -> None:
        """Finds the largest and the smallest architecture."""
        state.memory["smallest"], state.memory["largest"] = ends(state.net.graph)

    def weight_loss(self, step: Step) -> Tensor:
        """The loss of the largest path, and what the others are away from its predictions."""
        images, labels = step.batch
        with step.net.holding(step.memory["largest"]):
            output = step.net(images, auxiliary=True)
        loss = step.task.loss(output, labels)
        for path in (step.memory["smallest"], *_random_paths(step)):
            with step.net.holding(path):
                loss = loss + distillation(step.net(images), output[0].detach())
        return loss

    def is_finished(self, state: State) -> bool:
        """Not before the last epoch."""
        return False

    def select(self, state: State, context: Context) -> Survivors:
        """The best architecture that evolution finds at the target costs."""
        feasible = Feasible(context.reference, context.goal)

        def score(path: Assignment) -> float:
            return score_path(state.net, context.task, path)

        scored = evolve(feasible, score, EVOLUTION, context.seed)
        return {name: (index,) for name, index in scored[0].assignment.items()}


def _random_paths(step: Step) -> list[Assignment]:
    rng, space = step.random(), _space(step.net)
    return [space.random(rng) for _ in range(RANDOM_PATHS)]


def _space(net: Supernet) -> Feasible:
    """All architectures of a supernet, whatever they cost."""
    return Feasible(net.graph)


def distillation(output: Tensor, wanted: Tensor) -> Tensor:
    """The cross entropy, a scalar, between logits and wanted logits, [batch, classes, ...], both as distributions."""
    return -(F.softmax(wanted, 1) * F.log_softmax(output, 1)).sum(1).mean()


def ends(graph: Graph) -> tuple[dict[str, int], dict[str, int]]:
    """The architectures with the least and with the most MACs."""
    try:
        found = bounds(graph)["macs"]
    except TooWide:
        found = None
    if found is not None and found.minimum.assignment and found.maximum.assignment:
        return dict(found.minimum.assignment), dict(found.maximum.assignment)
    rng, space, cost = random.Random(0), Feasible(graph), Costs(graph)
    drawn: list[Mapping[str, int]] = [space.random(rng) for _ in range(DRAWN)]
    drawn.sort(key=lambda path: cost("macs", path))
    return dict(drawn[0]), dict(drawn[-1])
