"""Random paths of the supernet, then evolution under the exact costs.

1. In the first part of the search every step trains one random path of the supernet, all decisions uniform, so that
   every option learns as much as its alternatives, and widths of all sizes share their weights.
2. Evolution looks for the architecture within the windows of the goal that scores best with inherited weights and
   recalibrated batch norms, on training images that weights do not learn on.
3. In the last part the weights of that network learn alone.

Source: Guo et al., "Single Path One-Shot Neural Architecture Search with Uniform Sampling", ECCV 2020.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from torch import Tensor

from ssrdsl.search.evolution import Evolution
from ssrdsl.search.schedule import Schedule
from ssrdsl.search.state import State, narrow
from ssrdsl.search.strategies.gradient import Gradient
from ssrdsl.search.strategies.selection import select
from ssrdsl.search.strategies.trials import check_input_sizes, random_path
from ssrdsl.search.strategy import Context, Step
from ssrdsl.space.graph import Graph

SHARED: Final = 0.8
"""Share of the epochs in which the supernet learns."""
EVOLUTION: Final = Evolution(population=32, parents=10, generations=6)
"""The selection after a long search."""
STEPS_PER_MEMBER: Final = 20
"""Steps of the search for each member of the population: a short search has a smaller one."""
SMALLEST_POPULATION: Final = 8
FINAL_RATE: Final = 0.5
"""Rate at which the network selected begins, relative to the highest of the supernet."""


@dataclass(frozen=True, slots=True)
class Paths(Gradient):
    """Paths instead of gates. Memory holds the number of steps in which the supernet learns."""

    has_gates: bool = False

    def check(self, graph: Graph) -> None:
        """Raises `UserError` for a space whose input sizes are decided."""
        check_input_sizes("paths", graph, "scores at different sizes cannot be compared")

    def begin(self, state: State, context: Context) -> None:
        """Divides the epochs."""
        state.memory["shared"] = shared_steps(context.schedule.steps, context.task.steps_per_epoch)

    def fair_steps(self, schedule: Schedule, per_epoch: int) -> int:
        """The steps of the supernet."""
        return shared_steps(schedule.steps, per_epoch)

    def weight_rate(self, schedule: Schedule, state: State) -> float:
        """The rate of the schedule, run through once for the supernet and once for the network selected."""
        shared = state.memory["shared"]
        if state.step < shared:
            return schedule.weight_rate(schedule.steps * state.step // shared)
        done = (state.step - shared) / max(1, schedule.steps - shared)
        return FINAL_RATE * schedule.weight_rate(int(done * schedule.steps))

    def weight_loss(self, step: Step) -> Tensor:
        """The loss of a random path, later of the network selected."""
        if not step.net.graph.open_decisions:
            return step.loss()
        with step.net.holding(random_path(step.net.graph, step.random())):
            return step.loss()

    def end_epoch(self, state: State, context: Context) -> None:
        """Selects the network after the last epoch of the supernet."""
        if state.step >= state.memory["shared"] and not state.converged:
            best = select(state, context, evolution(context.schedule.steps))[0]
            narrow(state, {name: (index,) for name, index in best.assignment.items()}, context.schedule.settings)
            context.task.recalibrate(state.net)

    def is_finished(self, state: State) -> bool:
        """Not before the last epoch: the weights of the network selected still learn."""
        return False


def evolution(steps: int) -> Evolution:
    """The selection after a search of so many steps: it takes a share of the time that hardly depends on them."""
    population = min(EVOLUTION.population, max(SMALLEST_POPULATION, steps // STEPS_PER_MEMBER))
    return replace(EVOLUTION, population=population, parents=min(EVOLUTION.parents, population // 2))


def shared_steps(steps: int, per_epoch: int) -> int:
    """The steps of the epochs in which the supernet learns."""
    return max(1, round(SHARED * steps / per_epoch)) * per_epoch
