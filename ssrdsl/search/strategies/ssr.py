"""Solution space regularization: a loss that turns the supernet into a discrete network.

For a decision with n options left and gates g_i

    R = (1/n) sum_i log g_i + log n,     minimised: w(step) * sum over dimensions of weight_dim * mean of R

The gates sum to one, so a small sum of logarithms means that all but one go to zero: the log-sum is a surrogate of the
L0 norm. After each epoch the options with g_i <= t * max_j g_j are dropped. Decisions that share the cost of a target
may balance this loss against the costs; those that are open when the plan ends are decided jointly at the target, so
that the last epochs train the weights of the network found.

Source: Ye et al., "Efficient Joint-Dimensional Search with Solution Space Regularization for Real-Time Semantic
Segmentation", IJCV 130 (2022). The plan for decisions is ours (see `schedule`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from torch import Tensor

from ssrdsl.search.schedule import PLAN_END, Schedule
from ssrdsl.search.shrink import Survivors, decided_together
from ssrdsl.search.state import State, narrow
from ssrdsl.search.strategy import Context, Strategy
from ssrdsl.space.decisions import Dimension
from ssrdsl.space.restrict import restrict
from ssrdsl.supernet import SSR, Gates

SMALLEST_GATE = 1e-300


class SolutionSpaceRegularization(Strategy):
    """Normalised sigmoids, the SSR loss, and a threshold relative to the largest gate."""

    relaxation = SSR()

    def regularization(self, gates: Gates, schedule: Schedule, step: int) -> Mapping[Dimension, Tensor]:
        """The weighted SSR loss per dimension; decisions that lag behind the plan count more."""
        below, weights = schedule.settings.shrink.below, schedule.settings.ssr
        factors = {
            name: schedule.ssr_factor(step, certainty(values.values(), below))
            for name, values in gates.values().items()
        }
        ramp = schedule.ramp(step)
        return {
            dimension: ramp * weights.weight(dimension) * loss for dimension, loss in gates.ssr(factors=factors).items()
        }

    def survivors(self, state: State, context: Context) -> Survivors:
        """The options with g_i > t * max_j g_j."""
        below = context.schedule.settings.shrink.below
        return {name: above(values, below) for name, values in state.net.gates.values().items()}

    def end_epoch(self, state: State, context: Context) -> None:
        """When the plan has ended, decide what is open at the target; memory then holds that this was done."""
        windows, graph = state.multipliers.windows, context.reference
        if windows and not state.converged and PLAN_END <= context.schedule.progress(state.step) < 1:
            together = decided_together(restrict(graph, state.survivors), state.net.gates.values(), windows)
            if together is not None:
                narrow(state, together, context.schedule.settings)
                state.memory["decided_jointly"] = True

    def is_finished(self, state: State) -> bool:
        """After convergence; if decisions were made jointly, never before the last epoch, since weights are trained."""
        return state.converged and "decided_jointly" not in state.memory


def certainty(gates: Iterable[float], below: float) -> float:
    """log(g_2 / g_1) / log(below) for the two largest gates of a decision: 0 undecided, 1 at the threshold."""
    first, second, *_ = sorted(gates, reverse=True)
    return math.log(max(second, SMALLEST_GATE) / first) / math.log(below)


def above(gates: Mapping[int, float], below: float) -> tuple[int, ...]:
    """The options whose gates are more than `below` times the largest."""
    bound = below * max(gates.values())
    return tuple(index for index, gate in gates.items() if gate > bound)
