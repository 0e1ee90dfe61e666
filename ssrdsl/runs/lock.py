"""The lock of a run directory: one process at a time writes to it."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ssrdsl.errors import UserError
from ssrdsl.files import file_error, reporting

LOCK_NAME = ".ssrdsl-lock"
_HELD = (errno.EAGAIN, errno.EACCES)
_UNSUPPORTED = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)
_LONGEST_OWNER = 200


@contextmanager
def locked(folder: Path) -> Iterator[int]:
    """Hold the lock of a directory while the block runs. Raises `UserError` if another process holds it.

    Yields the descriptor of the open file, which owns the lock: the lock ends with this process and all processes that
    inherit the descriptor. On a file system without locks the block runs unprotected.
    """
    descriptor = _acquire(folder)
    try:
        yield descriptor
    finally:
        # Remove the file while it is still locked: a process that waits for it notices that it is gone.
        with suppress(OSError):
            (folder / LOCK_NAME).unlink()
        os.close(descriptor)


def refuse_locked(folder: Path) -> None:
    """Raise `UserError` if another process holds the lock; leave no file behind."""
    try:
        descriptor = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:  # no lock, or one that only `locked` can report
        return
    try:
        _lock(descriptor, folder)
    finally:
        os.close(descriptor)


def _acquire(folder: Path) -> int:
    path = folder / LOCK_NAME
    while True:
        with reporting("write", path):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
        try:
            _lock(descriptor, folder)
            if _is_current(descriptor, path):
                _write_owner(descriptor)
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # the process before removed the file in the meantime


def _lock(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _HELD:
            raise UserError(
                f"{folder} is in use by another process{_owner(descriptor)}",
                help="wait until it ends, or use another --out",
            ) from error
        if error.errno not in _UNSUPPORTED:
            raise file_error("lock", folder / LOCK_NAME, error) from error


def _is_current(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except FileNotFoundError:
        return False


def _write_owner(descriptor: int) -> None:
    """Write the owner of the lock, for the message in other processes only."""
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()} on {socket.gethostname()}".encode(), 0)


def _owner(descriptor: int) -> str:
    try:
        owner = os.pread(descriptor, _LONGEST_OWNER, 0).decode("utf-8", "replace")
    except OSError:
        return ""
    return f" ({owner})" if owner.isprintable() and owner else ""
