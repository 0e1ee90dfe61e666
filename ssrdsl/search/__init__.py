"""The search: gates and weights learn in turn, options fall away, until one network is left."""

from __future__ import annotations

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

__all__ = [
    "STRATEGIES", "EpochReport", "EventWriter", "Gap", "Left", "Log", "Loop", "Observer", "Options", "Outcome",
    "RunDirectory", "Schedule", "Search", "State", "StepReport", "Stopped", "Strategy", "Task", "begin",
    "check_identity", "conclude", "count", "find_strategy", "held_back", "load_checkpoint", "narrow",
    "same_decisions", "save_checkpoint", "what_is_left",
]  # fmt: skip
