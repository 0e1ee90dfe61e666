"""The supernet before options are removed: all trained, none dropped.

`ssrdsl rank` uses it to score architectures with inherited weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ssrdsl.errors import UserError
from ssrdsl.runs.names import SUPERNET_NAME
from ssrdsl.search.checkpoint import load_checkpoint, save_checkpoint
from ssrdsl.search.run import SearchDirectory

if TYPE_CHECKING:
    from ssrdsl.search.progress import EpochReport, StepReport
    from ssrdsl.search.search import Searcher
    from ssrdsl.search.state import State


@dataclass(frozen=True, slots=True)
class SupernetKeeper:
    """An observer that saves the state of a search in its directory before options are removed."""

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


def load_supernet(path: Path, search: Searcher) -> State:
    """The state that a `SupernetKeeper` saved in a run directory. Raises `UserError`."""
    state = load_checkpoint(path / SUPERNET_NAME, search.identity(), search.begin)
    if state is None:
        raise UserError(f"{path} has no {SUPERNET_NAME}", help="search with --keep-supernet")
    if state.survivors:
        raise UserError(
            f"the search in {path} has no supernet with all options: its strategy is "
            f"`{search.program.settings.strategy}`",
            help="search with another strategy, such as --search strategy=paths",
        )
    return state
