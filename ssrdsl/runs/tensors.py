"""Files of tensors: saved whole or not at all, and loaded without executing anything in them."""

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
"""How the archives begin that torch.save writes; their table of contents is at the end."""
PICKLE_BEGINS = b"\x80"
"""How the files begin that torch.save wrote before there were archives."""


def save_tensors(path: str | Path, content: Mapping[str, Any]) -> None:
    """Writes a dictionary of tensors and plain values with torch.save. Raises `UserError`."""
    # Through a file object: by name torch reports every failure alike, and takes only names in UTF-8.
    with atomic_path(path) as partial, partial.open("wb") as file:
        torch.save(dict(content), file)


def load_tensors(path: Path) -> dict[str, Any]:
    """The dictionary that torch.save wrote to a file, on the CPU, without executing anything. Raises `UserError`."""
    data = read_bytes(path)
    try:
        content = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except Exception as error:  # unpicklers raise whatever the bytes make them stumble on
        if is_out_of_memory(error):
            raise
        raise _unloadable(path, data, error) from error
    if not isinstance(content, dict):
        raise UserError(f"{path} holds a {type(content).__name__}, not weights", help="name a weights.pt")
    return content


def _unloadable(path: Path, data: bytes, error: Exception) -> UserError:
    """Why torch cannot load what a file holds: its own words are about seeking and pickling."""
    anew = "restore it, or write it again"
    if not data:
        return UserError(f"{path} is empty", help=anew)
    if isinstance(error, UnpicklingError) and is_zipfile(io.BytesIO(data)):
        return UserError(
            f"{path} holds more than tensors, which would be executed to be read",
            help="save the tensors alone: torch.save(model.state_dict(), PATH)",
        )
    if data.startswith(ZIP_BEGINS) and not is_zipfile(io.BytesIO(data)):
        return UserError(f"{path} is cut short: it ends after {len(data):,} bytes", help=anew)
    if not data.startswith((ZIP_BEGINS, PICKLE_BEGINS)):
        return UserError(f"{path} is not a file of PyTorch", help="name a weights.pt")
    return UserError(f"{path} is damaged", help=anew)
