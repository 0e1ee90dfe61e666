"""The context of the cursor: the tokens before it, and the tokens that the grammar accepts next."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ssrdsl.language.balance import balance
from ssrdsl.language.diagnostics import DiagnosticError, Diagnostics
from ssrdsl.language.error_context import ErrorContext
from ssrdsl.language.grammar import keywords
from ssrdsl.language.lexer import Token, lay_out, read_words
from ssrdsl.language.recovering_parser import RecoveringParser
from ssrdsl.language.source import Source

_STAND_IN = "x"
_LINE = re.compile(r'(?:[^"#]|"[^"]*")*+(?:"(?P<string>[^"]*)|(?P<comment>#.*))?', re.DOTALL)


@dataclass(frozen=True, slots=True)
class CursorContext:
    """The place of a cursor: the partial word there, and the grammar at the token that replaces it."""

    word: str
    start: int
    grammar: ErrorContext

    @property
    def words(self) -> list[str]:
        """The reserved words that the grammar accepts here."""
        return sorted(word for word in keywords() if self.grammar.accepts(word))

    @property
    def call(self) -> tuple[Token, int] | None:
        """The name of the called function, and the index of the token after its parenthesis."""
        opening = self.grammar.opening
        if opening is None or self.grammar.place != "arguments":
            return None
        callee = self.grammar.tokens[opening - 1]
        return (callee, opening + 1) if callee.kind == "NAME" else None


def context_at(source: Source, offset: int) -> CursorContext | None:
    """The place of a cursor; None inside a comment or a string."""
    text = source.text
    if _line_before(source, offset).lastgroup is not None:
        return None
    start = offset
    while start and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    before = Source(source.name, text[:start] + _STAND_IN)
    # Close earlier brackets that were never closed, so that they do not include what follows.
    words = balance(read_words(before, Diagnostics()), before).words
    tokens = lay_out(words, len(before.text))
    index = next((place for place, token in enumerate(tokens) if token.kind == "NAME" and token.start == start), None)
    if index is None:  # after a quotation mark of the wrong kind
        return None
    grammar = ErrorContext(before, tokens[: index + 1], index, _parser(before, tokens[:index]))
    return CursorContext(text[start:offset], start, grammar)


def string_at(source: Source, offset: int) -> str | None:
    """The text before the cursor in the string around it; None outside of strings."""
    return _line_before(source, offset)["string"]


def _line_before(source: Source, offset: int) -> re.Match[str]:
    """A match of the line before an offset; its last group is the `comment` or the `string` that the offset is in."""
    number, column = source.position(offset)
    found = _LINE.fullmatch(source.line(number)[: column - 1])
    assert found is not None
    return found


def _parser(source: Source, tokens: list[Token]) -> RecoveringParser:
    """The parser after some tokens; statements with mistakes are skipped."""
    parser = RecoveringParser(source)
    try:
        for _ in parser.read(tokens):
            pass
    except DiagnosticError:  # nested too deeply: use a parser at the beginning
        return RecoveringParser(source)
    return parser
