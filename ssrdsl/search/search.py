"""A complete search: from a space and a task to a network, started or resumed in a run directory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from ssrdsl.errors import UserError
from ssrdsl.runs.directory import CHECKPOINT_NAME
from ssrdsl.runs.names import SUPERNET_NAME
from ssrdsl.search.checkpoint import load_checkpoint, save_checkpoint
from ssrdsl.search.costs import Multipliers
from ssrdsl.search.goal import goal
from ssrdsl.search.loop import Loop, Options
from ssrdsl.search.outcome import Outcome, conclude
from ssrdsl.search.progress import EpochReport, SearchObserver, StepReport
from ssrdsl.search.run import SearchDirectory
from ssrdsl.search.schedule import Schedule
from ssrdsl.search.shrink import Survivors
from ssrdsl.search.state import State, begin
from ssrdsl.search.strategies.registry import default_strategy, find_strategy
from ssrdsl.search.strategy import Context, Strategy
from ssrdsl.search.task import Task
from ssrdsl.space.arguments import argument_values
from ssrdsl.space.graph import Graph
from ssrdsl.space.program import Program
from ssrdsl.space.windows.window import Window

CPU = torch.device("cpu")


@dataclass(frozen=True)
class Searcher:
    """A search: a space, a task and a length.

    `program` is the space at the size of the images, `reference` its graph at the size in the file, which defines the
    costs. Both have the same decisions.
    """

    program: Program
    reference: Graph
    task: Task
    options: Options
    seed: int = 0
    device: torch.device = CPU

    @property
    def schedule(self) -> Schedule:
        """The schedule over all epochs."""
        return Schedule(self.options.epochs * self.task.steps_per_epoch, self.program.settings)

    @cached_property
    def goal(self) -> tuple[Window, ...]:
        """The costs required of the network found. Raises `UserError` if no architecture has them."""
        return goal(self.reference, self.program.settings.target)

    @property
    def strategy(self) -> Strategy:
        """The strategy of the search."""
        return find_strategy(self.strategy_name)

    @property
    def strategy_name(self) -> str:
        """The strategy of the search block, or the default for the space."""
        return self.program.settings.strategy or default_strategy(self.program.graph)

    @property
    def context(self) -> Context:
        """The input of the strategy."""
        return Context(self.program.graph, self.reference, self.task, self.schedule, self.goal, self.seed, self.device)

    def identity(self) -> dict[str, Any]:
        """The identity of this search for checkpoints: plain values that differ between searches."""
        return {
            "space": self.program.sha256,
            "parameters": {name: str(value) for name, value in argument_values(self.program.graph).items()},
            "strategy": self.strategy_name,
            "search block": self.program.settings.model_dump_json(),
            "decisions": len(self.program.graph.decisions),
            "data": self.task.fingerprint(),
            "number of steps per epoch": self.task.steps_per_epoch,
            "seed": self.seed,
        }

    def resume(self, run: SearchDirectory) -> State | None:
        """The state of a run, None if it has none yet. Raises `UserError` for a run of another search."""
        return load_checkpoint(run.checkpoint, self.identity(), self.begin)

    def load_supernet(self, path: Path) -> State:
        """The state that a `SupernetKeeper` saved in a run directory. Raises `UserError`."""
        state = load_checkpoint(path / SUPERNET_NAME, self.identity(), self.begin)
        if state is None:
            raise UserError(f"{path} has no {SUPERNET_NAME}", help="search with --keep-supernet")
        if state.survivors:
            raise UserError(
                f"the search in {path} has no supernet with all options: its strategy is "
                f"`{self.program.settings.strategy}`",
                help="search with another strategy, such as --search strategy=paths",
            )
        return state

    def begin(self, survivors: Survivors | None = None) -> State:
        """The state of a new search, with all options or only the `survivors`.

        Raises `UserError` for a space that the strategy cannot search.
        """
        graph, settings, strategy = self.program.graph, self.program.settings, self.strategy
        strategy.check(graph)
        state = begin(graph, strategy.relaxation, settings, self.seed, self.device, survivors)
        state.multipliers = Multipliers(self.goal)
        if survivors is None:
            strategy.begin(state, self.context)
        return state

    def run(
        self,
        run: SearchDirectory,
        state: State,
        observers: Iterable[SearchObserver] = (),
        stop: Callable[[], bool] = lambda: False,
        scored: Callable[[int, float], None] = lambda count, best: None,
    ) -> State:
        """Search from a state to the end; `scored` as in `Context`. Raises what the loop raises."""
        identity = self.identity()

        def save(current: State) -> None:
            save_checkpoint(run.file(CHECKPOINT_NAME), current, identity)

        context = replace(self.context, scored=scored)
        loop = Loop(state, context, self.strategy, self.options, save, tuple(observers), stop)
        return loop.run()

    def conclude(self, run: SearchDirectory, state: State, facts: Mapping[str, Any]) -> Outcome:
        """Discretize and score the network, and write the results with further `facts`. Raises `UserError`.

        The time of a strategy's own selection is included in that of the search.
        """
        began = time.monotonic()
        selected = self.strategy.select(state, self.context)
        state.seconds += time.monotonic() - began
        outcome = conclude(state, self.task, self.reference, selected)
        run.write_results(self.program, self.task, outcome, {"strategy": self.strategy_name, **facts})
        return outcome


@dataclass(frozen=True, slots=True)
class SupernetKeeper:
    """An observer that saves the supernet, all of whose options are trained and none removed, in the run directory.

    `ssrdsl rank` uses it to score architectures with inherited weights.
    """

    run: SearchDirectory
    search: Searcher
    state: State

    def step(self, report: StepReport) -> None:
        """Save after the last step in which all options are trained equally, or after the first step."""
        search = self.search
        if report.step == max(1, search.strategy.fair_steps(search.schedule, search.task.steps_per_epoch)):
            save_checkpoint(self.run.file(SUPERNET_NAME), self.state, search.identity())

    def epoch(self, report: EpochReport) -> None:
        """Do nothing."""
