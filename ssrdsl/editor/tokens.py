"""The words of a text and the one under the cursor."""

from __future__ import annotations

from ssrdsl.language.diagnostics import Diagnostics
from ssrdsl.language.layout import NEWLINE
from ssrdsl.language.lexer import Token, read_words
from ssrdsl.language.source import Source


def words(source: Source) -> list[Token]:
    """The words of a text, the ends of lines left out; what is no word of the language is passed over or repaired."""
    return [token for token in read_words(source, Diagnostics()) if token.kind != NEWLINE]


def token_at(source: Source, offset: int) -> Token | None:
    """The word that an offset lies in or, failing that, the name or number that ends there."""
    touching = [token for token in words(source) if token.start <= offset <= token.end]
    inside = [token for token in touching if offset < token.end]
    ending = [token for token in touching if token.text[-1:].isalnum() or token.text[-1:] == "_"]
    if inside and not (ending and not inside[0].text[0].isalnum() and inside[0].text[0] != "_"):
        return inside[0]
    return (ending or inside or [None])[0]  # type: ignore[list-item]
