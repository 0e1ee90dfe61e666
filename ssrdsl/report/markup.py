"""Texts of files and names as parts of SVG and HTML."""

from __future__ import annotations

from html import escape

from ssrdsl.language.width import sanitized


def escaped(text: str, *, quote: bool = False) -> str:
    """A text without characters that XML forbids or that change how the rest is shown, and without markup."""
    return escape("\n".join(map(sanitized, text.split("\n"))), quote=quote)
