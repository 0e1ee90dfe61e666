"""The formats of stored files: a name and the number of its version, such as `ssrdsl-search-3`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ssrdsl.errors import UserError


def check_format(path: Path, content: Mapping[str, Any], format: str, other: UserError, noun: str = "run") -> None:
    """Raise `UserError` if the content of a file has another version of the format, and `other` if it has another one.

    `noun` names what to start again.
    """
    found = str(content.get("format"))
    if found.rpartition("-")[0] != format.rpartition("-")[0]:
        raise other
    if found != format:
        raise UserError(
            f"{path} was written by another version of ssrdsl", help=f"start a new {noun} in another directory"
        )
