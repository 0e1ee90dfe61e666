"""Random search: networks that meet the targets are drawn, each is trained briefly, and the best one is kept.

The epochs are divided among the trials. Each step of the loop has as many optimizer steps of the network, with a
batch each, as cost the MACs of a step on the weights and one on the gates of the whole supernet. So the search costs
about as much as a gradient-based one without dropped options.

Source: Li and Talwalkar, "Random Search and Reproducibility for Neural Architecture Search", UAI 2019.
"""

from __future__ import annotations

import random

from ssrdsl.search.feasible import Feasible
from ssrdsl.search.schedule import Schedule
from ssrdsl.search.shrink import Survivors
from ssrdsl.search.state import State
from ssrdsl.search.strategies.trials import are_over, begin_trials, end_epoch, trial_rate
from ssrdsl.search.strategy import Context, Strategy
from ssrdsl.space import cost
from ssrdsl.supernet.draws import seed_for

TRIALS = 16
"""The largest number of trials; a search ends early if the epochs cannot be divided evenly."""
MOST_STEPS = 32
"""The largest number of optimizer steps in one step of the loop."""


class RandomSearch(Strategy):
    """No supernet is trained: the state holds the network of the current trial, memory the best one so far."""

    has_gates = False

    def begin(self, state: State, context: Context) -> None:
        """Draw the architectures and begin the first trial."""
        feasible = Feasible(context.reference, context.goal)
        epochs = context.epochs_left(state)
        each = -(-epochs // TRIALS)
        count = epochs // each
        draws = (random.Random(seed_for(context.seed, "trial", trial)) for trial in range(count))
        begin_trials(state, context, [feasible.draw(rng) for rng in draws], [each])
        ratio = 2 * cost.supernet_macs(context.graph) / max(1, cost.macs(state.net.graph))
        state.memory["steps"] = min(MOST_STEPS, max(1, round(ratio)))

    def weight_steps(self, state: State) -> int:
        """The number of steps that cost as much as one step of a gradient-based search."""
        return int(state.memory["steps"])

    def weight_rate(self, schedule: Schedule, state: State) -> float:
        """The rate of a schedule as long as the training of a network."""
        return trial_rate(schedule, state, self.weight_steps(state))

    def survivors(self, state: State, context: Context) -> Survivors:
        """The network of a trial has no options."""
        return {}

    def end_epoch(self, state: State, context: Context) -> None:
        """At the end of a trial score its network on images that train no weights, and begin the next one."""
        end_epoch(state, context, lambda: context.task.choose(state.net))

    def is_finished(self, state: State) -> bool:
        """After the last trial."""
        return are_over(state)
