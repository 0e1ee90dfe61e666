"""What a user should know about how data were read."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Note"]


@dataclass(frozen=True, slots=True)
class Note:
    """Shown as a warning with a line of help."""

    message: str
    help: str
