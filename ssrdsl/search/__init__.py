"""The search: gates and weights learn in turn, options fall away, until one network is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssrdsl.search.checkpoint import check_identity, load_checkpoint, save_checkpoint
    from ssrdsl.search.costs import same_decisions
    from ssrdsl.search.interrupts import held_back
    from ssrdsl.search.loop import Loop, Options, Stopped
    from ssrdsl.search.outcome import Gap, Outcome, conclude
    from ssrdsl.search.progress import EpochReport, Left, Observer, StepReport, count, what_is_left
    from ssrdsl.search.run import EventWriter, RunDirectory
    from ssrdsl.search.schedule import Schedule
    from ssrdsl.search.search import Search
    from ssrdsl.search.state import State, begin, narrow
    from ssrdsl.search.strategy import STRATEGIES, Strategy, find_strategy
    from ssrdsl.search.task import Log, Task
else:
    from ssrdsl.lazy import names_of

    # Loaded when asked for: much of this needs torch, but not what tells a mistake on the command line.
    __getattr__ = names_of(__name__, {
        "checkpoint": "check_identity load_checkpoint save_checkpoint",
        "costs": "same_decisions",
        "interrupts": "held_back",
        "loop": "Loop Options Stopped",
        "outcome": "Gap Outcome conclude",
        "progress": "EpochReport Left Observer StepReport count what_is_left",
        "run": "EventWriter RunDirectory",
        "schedule": "Schedule",
        "search": "Search",
        "state": "State begin narrow",
        "strategy": "STRATEGIES Strategy find_strategy",
        "task": "Log Task",
    })  # fmt: skip

__all__ = [
    "STRATEGIES", "EpochReport", "EventWriter", "Gap", "Left", "Log", "Loop", "Observer", "Options", "Outcome",
    "RunDirectory", "Schedule", "Search", "State", "StepReport", "Stopped", "Strategy", "Task", "begin",
    "check_identity", "conclude", "count", "find_strategy", "held_back", "load_checkpoint", "narrow",
    "same_decisions", "save_checkpoint", "what_is_left",
]  # fmt: skip
