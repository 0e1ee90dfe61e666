"""The identity of stored files: a format such as `ssrdsl-search-3`, and plain values by name that must not change."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ssrdsl.errors import UserError

_LONGEST = 40
_MISSING = object()


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


def check_identity(run: Path, noun: str, stored: Any, wanted: Mapping[str, Any]) -> None:
    """Raise `UserError` naming the first value of the stored identity that differs from the current one."""
    held = stored if isinstance(stored, Mapping) else {}
    for name, value in wanted.items():
        if held.get(name, _MISSING) != value:
            raise UserError(
                f"{run} is a {noun} with different {name} ({_short(held.get(name))}, not {_short(value)})",
                help="resume it with the original one, or start a new run in another --out",
            )


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
