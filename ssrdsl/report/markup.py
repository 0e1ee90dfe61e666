"""Escape texts of files and names for SVG and HTML."""

from __future__ import annotations

from html import escape

from ssrdsl.language.width import sanitized


def escaped(text: str, *, quote: bool = False) -> str:
    """A text with markup escaped, without characters that XML forbids or that change how the rest is displayed."""
    return escape("\n".join(map(sanitized, text.split("\n"))), quote=quote)
