"""Texts of one line, which may be missing: None stands for what has to be broken."""

from __future__ import annotations

from collections.abc import Iterable


def whole(*texts: str | None) -> str | None:
    """The texts joined, None if one of them is missing."""
    return None if None in texts else "".join(text or "" for text in texts)


def separated(texts: Iterable[str | None]) -> str | None:
    """The texts with commas between them, None if one of them is missing."""
    parts = list(texts)
    return None if None in parts else ", ".join(text or "" for text in parts)
