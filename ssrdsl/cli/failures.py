"""System failures from any library: files, memory, and loading code."""

from __future__ import annotations

import errno
import os

from ssrdsl.errors import UserError
from ssrdsl.files import file_error
from ssrdsl.runs.memory import is_out_of_memory

_NOT_MAPPED = "failed to map segment"
_SMALLER = "reduce --batch or --size, or free some memory"


def system_failure(error: BaseException) -> UserError | None:
    """The user error for a failure of files or memory; None for any other failure."""
    if isinstance(error, OSError) and error.filename is not None:
        return file_error("use", error.filename, error)
    if isinstance(error, OSError) and error.errno is not None:
        failure = file_error("use", "a file or the output", error)
        return UserError(failure.message, help="check the disk, and where the output goes")
    if is_out_of_memory(error):
        return UserError("not enough memory", help=_SMALLER)
    if isinstance(error, ImportError):
        return _unloadable(error)
    return None


def _unloadable(error: ImportError) -> UserError | None:
    """Why a library could not be loaded, if the system is the cause."""
    library, text = error.name or str(error).partition(":")[0], str(error)
    if os.strerror(errno.EMFILE) in text:
        return UserError(
            f"cannot load {library}: too many files are open", help="raise the limit of open files (ulimit -n)"
        )
    if _NOT_MAPPED in text or os.strerror(errno.ENOMEM) in text:
        return UserError(f"cannot load {library}: not enough memory", help="free some memory, or raise its limit")
    return None
