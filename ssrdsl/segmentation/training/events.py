"""The log of a run: one JSON object a line, and TensorBoard's files where it is installed."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Any

from ssrdsl.files import file_error, write_atomically

__all__ = ["EventLog", "read_events"]

FILE_NAME = "events.jsonl"


class EventLog:
    """Appends to `events.jsonl` in a run directory; a context manager.

    `resume_step` None begins anew. Otherwise what was logged after that step is dropped: the resumed run does these
    steps again.
    """

    def __init__(self, run_dir: str | Path, resume_step: int | None = None, *, tensorboard: bool = True) -> None:
        self._path = Path(run_dir) / FILE_NAME
        kept = [] if resume_step is None else [event for event in read_events(run_dir) if event["step"] <= resume_step]
        write_atomically(self._path, "".join(map(_line, kept)))
        self._file = self._path.open("a", encoding="utf-8")
        self._board = _summary_writer(Path(run_dir), resume_step) if tensorboard else None

    def write(self, step: int, **values: Any) -> None:
        """Log plain values at a step. Numbers, and numbers by name one level down, also go to TensorBoard."""
        try:
            self._file.write(_line({"step": step, **values}))
            self._file.flush()
        except OSError as error:
            raise file_error("write", self._path, error) from error
        if self._board is not None:
            for name, value in _numbers(values):
                self._board.add_scalar(name, value, step)

    def __enter__(self) -> EventLog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if self._board is not None:
            self._board.close()


def read_events(run_dir: str | Path) -> list[dict[str, Any]]:
    """The events of a run, in order. A last line that a killed process left half-written is left out."""
    path = Path(run_dir) / FILE_NAME
    if not path.exists():
        return []
    events = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and isinstance(event.get("step"), int):
            events.append(event)
    return events


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


def _summary_writer(run_dir: Path, resume_step: int | None) -> Any:
    """A writer of TensorBoard's files, or None where it is not installed."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None
    purge = None if resume_step is None else resume_step + 1
    return SummaryWriter(log_dir=str(run_dir / "tensorboard"), purge_step=purge)
