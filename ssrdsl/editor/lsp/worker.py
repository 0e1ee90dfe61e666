"""A separate thread for analyses, which may take long."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

_STACK = 256 * 2**20
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Worker:
    """Runs tasks one after another; of waiting tasks with the same key only the last one."""

    _waiting: dict[str, Callable[[], None]] = field(default_factory=dict)
    _ready: threading.Condition = field(default_factory=threading.Condition)
    _thread: threading.Thread | None = None

    def submit(self, key: str, task: Callable[[], None]) -> None:
        """Submit a task, which replaces a waiting one with the same key."""
        with self._ready:
            self._waiting[key] = task
            self._ready.notify()
            if self._thread is None:
                self._thread = self._start()

    def _start(self) -> threading.Thread:
        # Elaboration may nest deeper than the default stack of a thread allows.
        before = threading.stack_size(_STACK)
        try:
            thread = threading.Thread(target=self._run, name="analysis", daemon=True)
            thread.start()
        finally:
            threading.stack_size(before)
        return thread

    def _run(self) -> None:
        while True:
            with self._ready:
                while not self._waiting:
                    self._ready.wait()
                task = self._waiting.pop(next(iter(self._waiting)))
            try:
                task()
            except Exception:  # an internal error; the next text may not cause it
                _log.exception("an analysis failed")
