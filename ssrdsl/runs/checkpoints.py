"""Read checkpoints, from which runs continue; content that does not fit raises `UserError`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ssrdsl.errors import UserError
from ssrdsl.runs.identity import check_format
from ssrdsl.runs.memory import is_out_of_memory
from ssrdsl.runs.tensors import load_tensors

NO_RESUMING = "restore it, or start a new run in another directory"


def read_checkpoint(path: Path, kind: str, format: str) -> dict[str, Any]:
    """The content of the checkpoint of a `search` or a `training`, read without executing code. Raises `UserError`."""
    try:
        content = load_tensors(path)
    except UserError as error:
        raise UserError(error.message, help=NO_RESUMING) from error
    other = UserError(f"{path} is not the checkpoint of a {kind}", help=f"give the --out directory of a {kind}")
    check_format(path, content, format, other)
    return content


@contextmanager
def restoring(path: Path) -> Iterator[None]:
    """Raise `UserError` if the content of a checkpoint does not fit the objects that are restored from it."""
    try:
        yield
    except (AttributeError, IndexError, KeyError, OverflowError, RuntimeError, TypeError, ValueError) as error:
        if is_out_of_memory(error):
            raise
        raise UserError(f"{path} is damaged", help=NO_RESUMING) from error
