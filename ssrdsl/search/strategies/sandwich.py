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

from torch import Tensor
from torch.nn import functional as F

from ssrdsl.search.evolution import Evolution
from ssrdsl.search.schedule import Schedule
from ssrdsl.search.scoring import select
from ssrdsl.search.shrink import Survivors
from ssrdsl.search.state import State
from ssrdsl.search.strategies.trials import check_input_sizes, random_path
from ssrdsl.search.strategy import Context, Step, Strategy
from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.cost import Costs
from ssrdsl.space.decisions import only
from ssrdsl.space.graph import Graph
from ssrdsl.space.ranges.bounds import bounds

RANDOM_PATHS = 2
EVOLUTION = Evolution()
"""The size of the selection at the end."""
DRAWN = 200
"""Random architectures among which the largest and the smallest are found if the exact ones cannot be determined."""


class Sandwich(Strategy):
    """Paths instead of gates; memory holds the largest and the smallest one."""

    has_gates = False

    def check(self, graph: Graph) -> None:
        """Raise `UserError` for a space whose input sizes are decided."""
        check_input_sizes("sandwich", graph, "predictions at different sizes cannot be compared")

    def begin(self, state: State, context: Context) -> None:
        """Find the largest and the smallest architecture."""
        state.memory["smallest"], state.memory["largest"] = ends(state.net.graph)

    def fair_steps(self, schedule: Schedule, per_epoch: int) -> int:
        """All steps: the selection comes after them."""
        return schedule.steps

    def weight_loss(self, step: Step) -> Tensor:
        """The loss of the largest path, and the distances of the others from its predictions."""
        images, labels = step.batch
        with step.net.holding(step.memory["largest"]):
            output = step.net(images, auxiliary=True)
        loss = step.task.loss(output, labels)
        rng = step.random()
        for path in (step.memory["smallest"], *(random_path(step.net.graph, rng) for _ in range(RANDOM_PATHS))):
            with step.net.holding(path):
                loss = loss + distillation(step.net(images), output[0].detach())
        return loss

    def is_finished(self, state: State) -> bool:
        """Never before the last epoch."""
        return False

    def select(self, state: State, context: Context) -> Survivors:
        """The best architecture that evolution finds at the target costs."""
        scored = select(state, context, EVOLUTION)
        return only(scored[0].assignment)


def distillation(output: Tensor, wanted: Tensor) -> Tensor:
    """The cross entropy, a scalar, between logits and target logits, [batch, classes, ...], both as distributions."""
    return -(F.softmax(wanted, 1) * F.log_softmax(output, 1)).sum(1).mean()


def ends(graph: Graph) -> tuple[dict[str, int], dict[str, int]]:
    """The architectures with the least and with the most MACs."""
    try:
        found = bounds(graph)["macs"]
    except TooWide:
        found = None
    if found is not None and found.minimum.assignment and found.maximum.assignment:
        return dict(found.minimum.assignment), dict(found.maximum.assignment)
    rng, cost = random.Random(0), Costs(graph)
    drawn: list[Mapping[str, int]] = [random_path(graph, rng) for _ in range(DRAWN)]
    drawn.sort(key=lambda path: cost("macs", path))
    return dict(drawn[0]), dict(drawn[-1])
