"""The fallback: the unexpected token, and what was expected."""

from __future__ import annotations

from ssrdsl.language.diagnostics import Diagnostic
from ssrdsl.language.error_context import ErrorContext
from ssrdsl.language.grammar import END, terminals
from ssrdsl.language.layout import NEWLINE
from ssrdsl.language.lexer import Token

_MANY = 6
_NAMES = {
    "NAME": "a name",
    "NUMBER": "a number",
    "STRING": "a string",
    "COMPARISON": "a comparison",
    NEWLINE: "the end of the line",
    END: "the end of the file",
}
_OPERATORS = frozenset(["+", "-", "*", "/", ".", "(", "[", "COMPARISON", "and", "or", "if", "->"])
_VALUES = frozenset(["NAME", "NUMBER", "STRING", "true", "false", "(", "[", "{", "-", "choose"])


def unexpected(context: ErrorContext) -> Diagnostic:
    """`unexpected X`, with a help line that lists the expected tokens."""
    token = context.token
    expected = [_described(kind) for kind in _expected(context)]
    help = f"expected {_listed(expected)}" if 0 < len(expected) <= _MANY else None
    return context.diagnostic("E0101", f"unexpected {_found(token)}", help=help)


def _expected(context: ErrorContext) -> list[str]:
    """The expected kinds of tokens; those that begin a value and those that continue one are each combined."""
    kinds = {kind for kind in (*terminals(), END) if context.accepts(kind)}
    taken: list[str] = []
    if kinds >= _VALUES:
        kinds -= _VALUES
        taken.append("a value")
    if kinds >= _OPERATORS - {"if", "->"}:
        kinds -= _OPERATORS
        taken.append("an operator")
    return taken + sorted(kinds)


def _described(kind: str) -> str:
    return kind if kind.startswith(("a ", "an ")) else _NAMES.get(kind, f"`{kind}`")


def _found(token: Token) -> str:
    return _NAMES[token.kind] if token.kind in (NEWLINE, END) else f"`{token.text}`"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
