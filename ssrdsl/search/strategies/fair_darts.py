"""Fair DARTS: candidates do not compete; each has its own sigmoid, pushed to zero or one.

    L = L_task - w * mean over candidates of (sigmoid(alpha_i) - 1/2)^2

At the end candidates below a threshold are dropped, unless all of a decision are; of the others the largest is chosen.
This applies to decisions between candidates (`choose`). Numbers (widths, kernels, depths) are mutually exclusive, so
they keep normalised sigmoids. Expected costs are those of the gates divided by their sum.

Source: Chu et al., "Fair DARTS: Eliminating Unfair Advantages in Differentiable Architecture Search", ECCV 2020. The
weight 10 and the threshold 0.85 are from the paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from ssrdsl.errors import UserError
from ssrdsl.search.schedule import Schedule
from ssrdsl.search.shrink import Survivors
from ssrdsl.search.state import State
from ssrdsl.search.strategy import Context, Strategy
from ssrdsl.space.decisions import Decision, Dimension, Kind
from ssrdsl.space.graph import Graph
from ssrdsl.supernet import SSR, Gates, Relaxation
from ssrdsl.supernet.gates import Layout

WEIGHT = 10.0
THRESHOLD = 0.85


def is_independent(decision: Decision) -> bool:
    """Whether the options of a decision are candidates that do not compete."""
    return decision.kind is Kind.CHOOSE


class IndependentSigmoids(Relaxation):
    """sigmoid(a_i) for candidates, normalised sigmoids for all other decisions."""

    normalised: ClassVar[bool] = False

    def log_gates(self, alpha: Tensor, layout: Layout) -> Tensor:
        """The logarithms of the gates."""
        return torch.where(_independent(layout), F.logsigmoid(alpha), SSR().log_gates(alpha, layout))

    def gates(self, alpha: Tensor, layout: Layout) -> Tensor:
        """The gates."""
        return torch.where(_independent(layout), torch.sigmoid(alpha), SSR().gates(alpha, layout))

    def gauge(self, alpha: Tensor, layout: Layout) -> Tensor:
        """Only parameters of normalised sigmoids can be shifted without changing the gates."""
        return torch.where(_independent(layout), alpha, SSR().gauge(alpha, layout))


def _independent(layout: Layout) -> Tensor:
    """Which options are those of independent candidates, [options]."""
    flags = [is_independent(decision) for decision in layout.decisions]
    return torch.tensor(flags, dtype=torch.bool, device=layout.owner.device)[layout.owner]


class FairDarts(Strategy):
    """Independent sigmoids, the zero-one loss, and a threshold at the end."""

    relaxation = IndependentSigmoids()

    def check(self, graph: Graph) -> None:
        """Raise `UserError` for a space without a decision between candidates."""
        if not any(map(is_independent, graph.open_decisions)):
            raise UserError(
                f"`fair_darts` cannot search `{graph.name}`: it has no `choose`; independent gates are only defined "
                "for candidates",
                help='use another strategy, such as "ssr", "darts" or "sandwich", which search any decision',
            )

    def regularization(self, gates: Gates, schedule: Schedule, step: int) -> Mapping[Dimension, Tensor]:
        """The weighted zero-one loss of the candidates of each dimension; its weight grows as that of SSR does."""
        values = gates()
        parts: dict[Dimension, list[Tensor]] = {}
        for decision in filter(is_independent, gates.layout.decisions):
            parts.setdefault(decision.dimension, []).append((values[gates.slices[decision.name]] - 0.5).square())
        candidates = sum(len(part) for squares in parts.values() for part in squares)
        factor = -WEIGHT * schedule.ramp(step) / max(1, candidates)
        return {dimension: factor * torch.cat(squares).sum() for dimension, squares in parts.items()}

    def survivors(self, state: State, context: Context) -> Survivors:
        """All options; after the last epoch the candidates above the threshold, if a decision has any."""
        kept = super().survivors(state, context)
        if context.epochs_left(state):
            return kept
        gates = state.net.gates.values()
        for decision in filter(is_independent, state.net.graph.open_decisions):
            above = tuple(index for index, gate in gates[decision.name].items() if gate >= THRESHOLD)
            kept[decision.name] = above or kept[decision.name]
        return kept
