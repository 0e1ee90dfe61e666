"""The last line of an emitted file: a hash of the lines above it, which shows whether the file was edited."""

from __future__ import annotations

from hashlib import sha256

LINE = "# Written by ssrdsl emit. The sha256 of the lines above begins with "
DIGITS = 16


def hashed(text: str) -> str:
    """A file with its last line."""
    return f"{text}{LINE}{_digest(text)}\n"


def is_as_emitted(text: str) -> bool:
    """Whether a text is an emitted file that was not edited."""
    lines, found, digest = text.rpartition(LINE)
    return bool(found) and digest == f"{_digest(lines)}\n"


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]
