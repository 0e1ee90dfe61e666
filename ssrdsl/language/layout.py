"""Layout: which newlines end a statement.

A newline ends a statement unless it is inside parentheses or brackets, after an opening brace, or after a word that
cannot end a line. (Newlines before `->`, `|`, `else` and `}` are not tokens; see the grammar.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from lark import Token
from lark.lark import PostLex

NEWLINE = "_NEWLINE"
OPENING = {"(": ")", "[": "]", "{": "}"}
CLOSING = {closing: opening for opening, closing in OPENING.items()}

# A statement continues after a line that ends with one of these.
JOINING = frozenset(
    ["->", "+", "-", "*", "/", "=", "COMPARISON", "|", ",", ":", "..", "and", "or", "if", "else", "in", "step", "with"]
)
AnyToken = TypeVar("AnyToken", bound=Token)


@dataclass(frozen=True, slots=True)
class NewlineFilter(PostLex):
    """Lark's step between lexer and parser: it removes newlines inside statements."""

    kind_of: Callable[[Token], str]
    always_accept = ("FOREIGN_NAME", "GLUED", "OPEN_STRING", "QUOTED", "STRAY")
    """The terminals for mistakes, which are in no rule."""

    def process(self, stream: Iterator[AnyToken]) -> Iterator[AnyToken]:
        """The tokens without newlines inside statements. Lazy: each is returned before the next one is read."""
        open_brackets: list[str] = []
        previous = NEWLINE
        for token in stream:
            kind = self.kind_of(token)
            if kind == NEWLINE:
                inside = bool(open_brackets) and open_brackets[-1] != "{"
                if inside or previous in JOINING or previous in (NEWLINE, "{"):
                    continue
            elif kind in OPENING:
                open_brackets.append(kind)
            elif kind in CLOSING:
                _close(open_brackets, kind)
            previous = kind
            yield token


def _close(open_brackets: list[str], kind: str) -> None:
    """Close the innermost bracket of a kind and those left open inside it, if there is one."""
    opening = CLOSING[kind]
    if opening in open_brackets:
        while open_brackets.pop() != opening:
            pass
