"""Failures that must not end a command: of the standard streams, and in threads of libraries.

The standard streams may be closed, full, or gone with their terminal.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import IO, Any


class Messages:
    """Standard error: messages that cannot be written are dropped."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text if possible."""
        with suppress(OSError, ValueError):
            return self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush if possible."""
        with suppress(OSError, ValueError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def sheltered() -> Iterator[None]:
    """While the block runs, output to closed standard streams is discarded, and messages that fail are dropped.

    Failures of files in other threads are left to the code that waits for those threads.
    """
    _occupy_descriptors()
    before, hook = (sys.stdout, sys.stderr), threading.excepthook

    def in_thread(arguments: threading.ExceptHookArgs) -> None:
        if not isinstance(arguments.exc_value, OSError):
            hook(arguments)

    threading.excepthook = in_thread
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = Messages(sys.stderr or _nowhere())
    if before[0] is None:
        sys.stderr.write("warning: standard output is closed; results are not printed\n")
    try:
        yield
    finally:
        threading.excepthook = hook
        if before[0] is not None:
            sys.stdout = before[0]
        sys.stderr.flush()
        if before[1] is not None:
            sys.stderr = before[1]


def _occupy_descriptors() -> None:
    """Open closed descriptors 0 to 2: otherwise the next file opened gets one, and messages of libraries."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            with suppress(OSError):
                os.open(os.devnull, os.O_RDWR)  # takes the lowest that is free, which is this one


def _nowhere() -> TextIOWrapper:
    return open(os.devnull, "w", encoding="utf-8")
