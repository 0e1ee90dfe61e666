"""The tokens of a text and the one under the cursor."""

from __future__ import annotations

from ssrdsl.language.diagnostics import Diagnostics
from ssrdsl.language.layout import NEWLINE
from ssrdsl.language.lexer import Token, read_words
from ssrdsl.language.source import Source


def words(source: Source) -> list[Token]:
    """The tokens of a text without newlines; invalid ones are skipped or repaired."""
    return [token for token in read_words(source, Diagnostics()) if token.kind != NEWLINE]


def token_at(source: Source, offset: int) -> Token | None:
    """The token under the cursor; of two adjacent ones, the name or number is preferred."""
    touching = [token for token in words(source) if token.start <= offset <= token.end]
    plain = [token for token in touching if token.text.replace("_", "a").isalnum()]
    inside = [token for token in touching if offset < token.end]
    return next(iter([*reversed(plain), *inside]), None)
