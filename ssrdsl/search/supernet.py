"""The supernet as it is at the end of the warm-up: every option trained, none dropped.

It gives scores of architectures with inherited weights, which `ssrdsl rank` compares with what they score when trained
alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ssrdsl.errors import UserError
from ssrdsl.search.checkpoint import load_checkpoint, save_checkpoint

if TYPE_CHECKING:
    from ssrdsl.search.progress import EpochReport, StepReport
    from ssrdsl.search.search import Search
    from ssrdsl.search.state import State

SUPERNET_NAME = "supernet.pt"


@dataclass(frozen=True, slots=True)
class SupernetKeeper:
    """An observer that saves the state of a search in its directory after the last step of the warm-up."""

    path: Path
    search: Search
    state: State

    def step(self, report: StepReport) -> None:
        """Saves after the last step of the warm-up, or after the first step where there is no warm-up."""
        if report.step == max(1, self.search.schedule.warm_up):
            save_checkpoint(self.path / SUPERNET_NAME, self.state, self.search.identity())

    def epoch(self, report: EpochReport) -> None:
        """Does nothing."""


def load_supernet(path: Path, search: Search) -> State:
    """The state that a `SupernetKeeper` saved in a run directory. Raises `UserError`."""
    state = load_checkpoint(path / SUPERNET_NAME, search.identity(), search.begin)
    if state is None:
        raise UserError(f"{path} has no {SUPERNET_NAME}", help="search with --keep-supernet")
    return state
