"""Files of tensors: saved atomically, and loaded without executing code."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any
from zipfile import is_zipfile

import torch

from ssrdsl.errors import UserError
from ssrdsl.files import atomic_path, read_bytes
from ssrdsl.runs.memory import is_out_of_memory

ZIP_BEGINS = b"PK\x03\x04"
"""The first bytes of archives written by torch.save; their table of contents is at the end."""
PICKLE_BEGINS = b"\x80"
"""The first bytes of files in the older format of torch.save."""
_EXPECTED = "use a weights file such as weights.pt"
_REPLACE = "restore it, or write it again"


def save_tensors(path: str | Path, content: Mapping[str, Any]) -> None:
    """Write a dictionary of tensors and plain values with torch.save. Raises `UserError`."""
    # Pass a file object: given a name, torch reports all failures alike, and accepts only UTF-8 names.
    with atomic_path(path) as partial, partial.open("wb") as file:
        torch.save(dict(content), file)


def load_tensors(path: Path) -> dict[str, Any]:
    """Load the dictionary that torch.save wrote to a file, on the CPU, without executing code. Raises `UserError`."""
    data = read_bytes(path)
    try:
        content = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except Exception as error:  # unpickling can raise any exception
        if is_out_of_memory(error):
            raise
        raise _unloadable(path, data, error) from error
    if not isinstance(content, dict):
        raise UserError(f"{path} contains a {type(content).__name__}, not weights", help=_EXPECTED)
    return content


def _unloadable(path: Path, data: bytes, error: Exception) -> UserError:
    """The error for a file that torch cannot load; torch's own messages are about seeking and pickling."""
    if not data:
        return UserError(f"{path} is empty", help=_REPLACE)
    if isinstance(error, UnpicklingError) and is_zipfile(io.BytesIO(data)):
        return UserError(
            f"{path} contains objects that execute code when loaded",
            help="save only the tensors: torch.save(model.state_dict(), PATH)",
        )
    if data.startswith(ZIP_BEGINS) and not is_zipfile(io.BytesIO(data)):
        return UserError(f"{path} is truncated: it ends after {len(data):,} bytes", help=_REPLACE)
    if not data.startswith((ZIP_BEGINS, PICKLE_BEGINS)):
        return UserError(f"{path} is not a PyTorch file", help=_EXPECTED)
    return UserError(f"{path} is damaged", help=_REPLACE)
