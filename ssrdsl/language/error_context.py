"""The context of a syntax error: the unexpected token, its neighbours, the expected ones, and the enclosing bracket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ssrdsl.language.diagnostics import Diagnostic, Label
from ssrdsl.language.grammar import END
from ssrdsl.language.layout import CLOSING, NEWLINE, OPENING
from ssrdsl.language.lexer import Token
from ssrdsl.language.recovering_parser import RecoveringParser
from ssrdsl.language.source import Source, Span

NOTHING = Token("", "", 0, 0)

# What a bracket turns out to be, by a rule that can follow it.
_PLACES = (
    ("element", "values"),
    ("argument", "arguments"),
    ("parameter", "parameters"),
    ("space_statement", "space"),
    ("statement", "body"),
    ("setting", "search"),
    ("expression", "parentheses"),
)


@dataclass(frozen=True, slots=True)
class ErrorContext:
    """`tokens[index]` is unexpected after the tokens that `parser` has read."""

    source: Source
    tokens: list[Token]
    index: int
    parser: RecoveringParser

    @property
    def token(self) -> Token:
        """The unexpected token."""
        return self.tokens[self.index]

    @property
    def previous(self) -> Token:
        """The token before it, `NOTHING` at the beginning."""
        return self.back(1)

    @property
    def next(self) -> Token:
        """The token after it, `NOTHING` at the end."""
        return self.tokens[self.index + 1] if self.index + 1 < len(self.tokens) else NOTHING

    def back(self, count: int) -> Token:
        """The token `count` places before the unexpected one."""
        return self.tokens[self.index - count] if self.index >= count else NOTHING

    def accepts(self, *kinds: str) -> bool:
        """Whether a token of one of these kinds is accepted."""
        return any(self.parser.accepts(kind) for kind in kinds)

    @property
    def wants_value(self) -> bool:
        """Whether an expression could begin here."""
        return self.accepts("NUMBER")

    @property
    def behind_value(self) -> bool:
        """Whether an expression could end here."""
        return self.accepts("+")

    @property
    def on_new_line(self) -> bool:
        """Whether the token is on a later line than the one before it."""
        return (
            self.index == 0
            or "\n" in self.source.text[self.previous.end : self.token.start]
            or self.previous.kind == NEWLINE
        )

    @property
    def at_statement(self) -> bool:
        """Whether the token is the first of a statement."""
        return self.index == 0 or (self.previous.kind in (NEWLINE, "{") and self.place not in ("values", "choose"))

    @property
    def opening(self) -> int | None:
        """The index of the innermost bracket that is open here."""
        return next((index for index, depth in self._backwards() if depth < 0), None)

    @property
    def place(self) -> str:
        """The kind of that bracket: `values`, `arguments`, `body` ..., `choose` for options; `file` outside of all."""
        opening = self.opening
        if opening is None:
            return "file"
        bracket = self.tokens[opening]
        if bracket.kind == "{" and opening and self.tokens[opening - 1].kind == "choose":
            return "choose"
        rules = self.parser.rules_behind(bracket)
        return next((place for rule, place in _PLACES if rule in rules), "")

    @property
    def statement(self) -> list[Token]:
        """The tokens of the statement before the unexpected one, without bracketed ones."""
        tokens: list[Token] = []
        for index, depth in self._backwards():
            token = self.tokens[index]
            if depth < 0 or (depth == 0 and token.kind == NEWLINE):
                break
            if depth == 0 and token.kind not in OPENING:
                tokens.append(token)
        return tokens[::-1]

    def _backwards(self) -> Iterator[tuple[int, int]]:
        """The indices of the tokens before the unexpected one, and how deep in closed brackets they are."""
        depth = 0
        for index in range(self.index - 1, -1, -1):
            kind = self.tokens[index].kind
            depth += (kind in CLOSING) - (kind in OPENING)
            yield index, depth

    def span(self, first: Token | None = None, last: Token | None = None) -> Span:
        """The span from one token to another; by default that of the unexpected token.

        The ends of lines and of the file have no extent: the token before them is used.
        """
        first = self.token if first is None else first
        first, last = self._visible(first), self._visible(first if last is None else last)
        return Span(self.source, first.start, last.end)

    def diagnostic(
        self,
        code: str,
        message: str,
        first: Token | None = None,
        last: Token | None = None,
        *,
        label: str = "",
        help: str | None = None,
    ) -> Diagnostic:
        """A diagnostic at the place of some tokens; see `span`."""
        return Diagnostic(code, message, Label(self.span(first, last), label), help=help)

    def _visible(self, token: Token) -> Token:
        if token.kind not in (NEWLINE, END) or self.index == 0:
            return token
        return next((other for other in reversed(self.tokens[: self.index]) if other.kind != NEWLINE), token)
