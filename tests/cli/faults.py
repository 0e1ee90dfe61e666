"""Faults of file operations: the n-th one below a directory fails, as on a damaged, full or read-only disk."""

from __future__ import annotations

import errno
import os
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

EVENTS = frozenset({"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "os.listdir", "os.scandir"})
CODES = (errno.EIO, errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EMFILE)


class Faults:
    """Counts the file operations below a directory while active, and makes one of them fail."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        self.at: int | None = None
        self.seen: list[str] = []

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        """The audit hook: Python calls it before each operation, and passes on what it raises."""
        if self.folder is None or event not in EVENTS or not isinstance(arguments[0], str | bytes):
            return
        path = os.fsdecode(arguments[0])
        if not path.startswith(str(self.folder)):
            return
        self.seen.append(f"{event} {os.path.relpath(path, self.folder)}")
        if len(self.seen) - 1 == self.at:
            code = CODES[len(self.seen) % len(CODES)]
            raise OSError(code, os.strerror(code), path)


FAULTS = Faults()


@contextmanager
def failing(folder: Path, at: int | None, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """While the block runs, operation number `at` fails (None: no operation); yields the operations in order."""
    if not getattr(sys, "_ssrdsl_faults", None):
        sys.addaudithook(FAULTS)  # hooks stay until the process ends
        sys._ssrdsl_faults = True  # type: ignore[attr-defined]
    fsync = os.fsync

    def counted(descriptor: int) -> None:
        FAULTS("open", (str(FAULTS.folder) + "/fsync",))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", counted)
    FAULTS.folder, FAULTS.at, FAULTS.seen = folder, at, []
    try:
        yield FAULTS.seen
    finally:
        FAULTS.folder = None
        monkeypatch.setattr(os, "fsync", fsync)


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """While the block runs, no file can be written beyond `size` bytes, as on a full disk."""
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
