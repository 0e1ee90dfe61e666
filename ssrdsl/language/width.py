"""The width of text on a terminal, and its printable form."""

from __future__ import annotations

from unicodedata import category, combining, east_asian_width

_TAB = "    "
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def displayed(text: str) -> str:
    """A piece of a source line as it is shown: a tab becomes four spaces, control characters become `\ufffd`."""
    return sanitized(text.replace("\t", _TAB))


def sanitized(text: str) -> str:
    """A text without control characters, which could change how a terminal shows the rest."""
    if text.isascii() and text.isprintable():
        return text
    return "".join("\ufffd" if category(character) in _UNSEEN else character for character in text)


def visible(text: str) -> str:
    r"""A text with control characters written out, `\u001b`, so that different texts stay different."""
    return "".join(f"\\u{ord(character):04x}" if category(character) in _UNSEEN else character for character in text)


def cells(text: str) -> int:
    """The number of terminal cells of a piece of a source line, as shown by `displayed`."""
    if text.isascii():
        return len(text) + (len(_TAB) - 1) * text.count("\t")
    return sum(_cells_of(character) for character in displayed(text))


def _cells_of(character: str) -> int:
    if combining(character):
        return 0
    return 2 if east_asian_width(character) in ("W", "F") else 1
