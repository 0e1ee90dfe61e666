"""The log of a run: one JSON object per line, and TensorBoard files if it is installed."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ssrdsl.files import read_json_lines, reporting
from ssrdsl.runs.directory import EVENTS_NAME, TENSORBOARD_NAME, RunDirectory


class EventLog:
    """Appends to the events of a run; a context manager.

    `resume_step` None starts a new log. Otherwise the events after that step are dropped: the resumed run repeats these
    steps. Failures of TensorBoard files are passed to `warn` and end these files, not the run.
    """

    def __init__(
        self,
        run: RunDirectory,
        resume_step: int | None = None,
        *,
        tensorboard: bool = True,
        warn: Callable[[str], None] = lambda message: None,
    ) -> None:
        self._path = run.file(EVENTS_NAME)
        self._warn = warn
        kept = [event for event in read_events(run.path) if event["step"] <= resume_step] if resume_step else []
        run.write(EVENTS_NAME, "".join(map(_line, kept)))
        with reporting("write", self._path):
            self._file = self._path.open("a", encoding="utf-8")
        self._board = self._open_board(run, resume_step) if tensorboard else None

    def write(self, step: int, **values: Any) -> None:
        """Log plain values at a step. Numbers, and dictionaries of numbers, are also written to TensorBoard."""
        with reporting("write", self._path):
            self._file.write(_line({"step": step, **values}))
            self._file.flush()
        if self._board is not None:
            self._write_board(self._board, step, values)

    def _open_board(self, run: RunDirectory, resume_step: int | None) -> Any:
        """A TensorBoard writer, or None if it is not installed or cannot write."""
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            return None
        purge = None if resume_step is None else resume_step + 1
        try:
            return SummaryWriter(log_dir=str(run.file(TENSORBOARD_NAME)), purge_step=purge)
        except Exception as error:
            self._give_up_board(error)
            return None

    def _write_board(self, board: Any, step: int, values: dict[str, Any]) -> None:
        try:
            for name, value in _numbers(values):
                board.add_scalar(name, value, step)
        except Exception as error:
            self._give_up_board(error)

    def _give_up_board(self, error: Exception) -> None:
        # Ignore all errors of its file layer (some have odd types): the run does not need these files.
        self._board = None
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        self._warn(f"cannot write TensorBoard files: {reason}")

    def __enter__(self) -> EventLog:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # every event was flushed when it was written
            self._file.close()
        if self._board is not None:
            with suppress(Exception):
                self._board.close()


def read_events(run_dir: str | Path) -> list[dict[str, Any]]:
    """The events of a run, in order. Raises `UserError`."""
    events = read_json_lines(Path(run_dir) / EVENTS_NAME)
    return [event for event in events if isinstance(event, dict) and isinstance(event.get("step"), int)]


def _line(event: dict[str, Any]) -> str:
    return json.dumps(event) + "\n"


def _numbers(values: dict[str, Any]) -> list[tuple[str, float]]:
    found = []
    for name, value in values.items():
        inner = value.items() if isinstance(value, dict) else [("", value)]
        found += [
            (f"{name}/{key}" if key else name, float(number))
            for key, number in inner
            if isinstance(number, int | float) and not isinstance(number, bool)
        ]
    return found
