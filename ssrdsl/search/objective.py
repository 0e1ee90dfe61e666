"""The losses that a step minimises.

    weights        L = L_task(w; g)
    architecture   L = L_task(g; w) + ramp(step) * sum_dim weight_dim * SSR_dim(g) + cost(g)

Each is differentiated only with respect to its own variables. The SSR term is the strategy's, the cost term that of
`costs`: multipliers and a penalty on the relative violation of the windows, which do not depend on the size of the
network. With `target.weight = 0` the gates are trained without it.

Input extents are drawn for a batch, so that L_task has no gradient in their gates. Its expectation has one: that of
(L_task - baseline) * log P(drawn), for any baseline that does not depend on what was drawn (REINFORCE: Williams, 1992).
The loss of the weights in the same step serves as one, at other extents drawn in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ssrdsl.search.schedule import Schedule
from ssrdsl.search.state import State
from ssrdsl.search.strategy import Strategy
from ssrdsl.supernet import Expected


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of the loss of an architecture step, and the expected MACs at the size of the file."""

    total: Tensor
    regularization: float
    cost: float
    macs: float


def objective(
    strategy: Strategy, schedule: Schedule, state: State, expected: Expected, task_loss: Tensor, baseline: float
) -> Terms:
    """The terms of an architecture step, given the expected costs and the task losses of its two batches.

    `task_loss` is that of the architecture, `baseline` that of the weights. The multipliers of the state are updated.
    """
    gates = state.net.gates
    parts = strategy.regularization(gates, schedule, state.step)
    regularization = sum(parts.values(), expected.macs.new_zeros(()))
    weight = schedule.settings.target.weight
    cost = state.multipliers.loss(expected, weight) if weight else expected.macs.new_zeros(())
    state.multipliers.ascend(expected, weight * schedule.multiplier_rate)
    drawn = (task_loss.detach() - baseline) * gates.log_probability(state.net.drawn)
    total = task_loss.to(regularization.dtype) + drawn + regularization + cost
    return Terms(total, float(regularization.detach()), float(cost.detach()), float(expected.macs.detach()))
