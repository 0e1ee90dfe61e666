"""Random paths of the supernet, scores of random architectures at the target cost, then trials of the best of them.

1. In the first part of the search every step trains one random path of the supernet, uniform in all decisions, so that
   all options of a decision are trained equally, and all widths share weights.
2. Random architectures inside the windows of the goal are scored with inherited weights and recalibrated batch norms,
   on training images that are not used to train weights.
3. In the second part the best of them, at most `selection.finalists`, are trained from scratch by successive halving.
   Shared weights exclude bad architectures, but hardly rank the good ones (benchmarks/search_quality.md). The score
   after a round is the mIoU on the images held out minus the training loss.

A short search, and one with `selection.finalists = 1`, takes the best architecture by its score: its inherited weights
are trained alone in the last fifth of the epochs.

Source: Guo et al., "Single Path One-Shot Neural Architecture Search with Uniform Sampling", ECCV 2020.
"""

from __future__ import annotations

from typing import Final

from torch import Tensor

from ssrdsl.search.evolution import Evolution
from ssrdsl.search.schedule import Schedule
from ssrdsl.search.scoring import score_trained, select
from ssrdsl.search.state import State, narrow
from ssrdsl.search.strategies.trials import (
    Halving,
    are_begun,
    are_over,
    begin_trials,
    check_input_sizes,
    end_epoch,
    random_path,
    trial_rate,
)
from ssrdsl.search.strategy import Context, Step, Strategy
from ssrdsl.space.decisions import only
from ssrdsl.space.graph import Graph

TRIALS: Final = 0.75
"""Share of the epochs for trials, at most; the others train the supernet."""
ALONE: Final = 0.2
"""Share of the epochs for the best architecture if there are no trials."""
FIRST_EPOCHS: Final = 4
"""Minimum number of epochs of a network in the first round: a shorter search has fewer finalists."""
ALL_EPOCHS: Final = 8
"""Minimum number of epochs of a network in all rounds."""
DRAWS: Final = 128
"""Architectures scored after a long search."""
STEPS_PER_DRAW: Final = 16
"""Steps of the search for each architecture scored: a short search has fewer."""
FEWEST_DRAWS: Final = 8
FINAL_RATE: Final = 0.5
"""Initial learning rate of inherited weights trained alone, relative to the peak rate of the supernet."""


class Paths(Strategy):
    """Paths instead of gates. Memory holds the number of steps that train the supernet, then the trials."""

    has_gates = False

    def check(self, graph: Graph) -> None:
        """Raise `UserError` for a space whose input sizes are decided."""
        check_input_sizes("paths", graph, "scores at different sizes cannot be compared")

    def begin(self, state: State, context: Context) -> None:
        """Divide the epochs between supernet and trials."""
        state.memory["shared"] = self.fair_steps(context.schedule, context.task.steps_per_epoch)

    def fair_steps(self, schedule: Schedule, per_epoch: int) -> int:
        """The steps that train the supernet."""
        epochs = schedule.steps // per_epoch
        alone = plan(schedule, per_epoch).epochs or round(ALONE * epochs)
        return max(1, epochs - alone) * per_epoch

    def weight_rate(self, schedule: Schedule, state: State) -> float:
        """The rate of the schedule, run through once for the supernet, then that of trials or of a single network."""
        shared = state.memory["shared"]
        if state.step < shared:
            return schedule.weight_rate(schedule.steps * state.step // shared)
        if are_begun(state):
            return trial_rate(schedule, state)
        done = (state.step - shared) / max(1, schedule.steps - shared)
        return FINAL_RATE * schedule.weight_rate(int(done * schedule.steps))

    def weight_loss(self, step: Step) -> Tensor:
        """The loss of a random path, later of a single network."""
        if not step.net.graph.open_decisions:
            return step.loss()
        with step.net.holding(random_path(step.net.graph, step.random())):
            return step.loss()

    def end_epoch(self, state: State, context: Context) -> None:
        """Select architectures after the last epoch of the supernet, later the best of their networks."""
        if are_begun(state):
            end_epoch(state, context, lambda: score_trained(state.net, context.task))
        elif state.step >= state.memory["shared"] and not state.converged:
            self._select(state, context)

    def _select(self, state: State, context: Context) -> None:
        """Begin the trials of the finalists, or keep the best architecture with its weights."""
        ranked = select(state, context, draws(context.schedule.steps))
        count = plan(context.schedule, context.task.steps_per_epoch).count
        best = [each.assignment for each in ranked[:count]]
        trials = Halving.within(len(best), context.epochs_left(state))
        if trials.rounds:
            begin_trials(state, context, best, trials.rounds)
        else:
            narrow(state, only(best[0]), context.schedule.settings)
            context.task.recalibrate(state.net)

    def is_finished(self, state: State) -> bool:
        """After the last trial; without trials never before the last epoch, since weights are still trained."""
        return are_begun(state) and are_over(state)


def plan(schedule: Schedule, per_epoch: int) -> Halving:
    """The trials of a search: as many finalists as there is time for."""
    epochs = int(TRIALS * (schedule.steps // per_epoch))
    plans = (Halving.within(count, epochs) for count in range(schedule.settings.selection.finalists, 1, -1))
    long = (each for each in plans if sum(each.rounds) >= ALL_EPOCHS and each.rounds[0] >= FIRST_EPOCHS)
    return next(long, Halving(1, ()))


def draws(steps: int) -> Evolution:
    """The selection after a search of this number of steps: draws alone; its share of the time is nearly constant."""
    return Evolution(population=min(DRAWS, max(FEWEST_DRAWS, steps // STEPS_PER_DRAW)), generations=0)
