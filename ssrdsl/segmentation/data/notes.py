"""Notes to the user about how data were read."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Note"]


@dataclass(frozen=True, slots=True)
class Note:
    """A note, shown as a warning with a line of help."""

    message: str
    help: str
