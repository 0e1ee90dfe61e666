"""Missing values, and several values in place of one."""

from __future__ import annotations

from ssrdsl.language.diagnostics import Diagnostic
from ssrdsl.language.error_context import ErrorContext
from ssrdsl.language.grammar import END
from ssrdsl.language.layout import CLOSING, NEWLINE

_BEGINNING = frozenset(["NAME", "NUMBER", "STRING", "true", "false", "(", "[", "{", "choose", "tied", "for"])
_STATEMENTS = frozenset(["block", "space", "search", "use", "for", "input", "output", "auxiliary", "require", "tied"])


def missing_else(context: ErrorContext) -> Diagnostic | None:
    """`a if p`."""
    if not context.accepts("else"):
        return None
    conditions = [token for token in context.statement if token.kind == "if"]
    if not conditions:
        return None
    help = "write `a if condition else b`"
    return context.diagnostic("E0104", "`if` without `else`", conditions[-1], context.previous, help=help)


def missing_value(context: ErrorContext) -> Diagnostic | None:
    """`x = ` and nothing after it, `f(a, , b)`, `a -> )`."""
    token, previous = context.token, context.previous
    if not context.can_begin_value or token.kind in _BEGINNING - {"for", "tied"}:
        return None
    if previous.kind in ("", NEWLINE, "{", "(", "["):
        help = "`->` continues the expression before it: `x -> conv(64, 3)`" if token.kind == "->" else None
        return context.diagnostic("E0104", f"missing value before `{token.text}`", help=help)
    if token.kind in (NEWLINE, END, ",", "|", "->", *CLOSING) or token.kind in _STATEMENTS:
        message = f"missing value after `{previous.text}`"
        return context.diagnostic("E0104", message, previous, help=f"remove `{previous.text}`, or add the value")
    return context.diagnostic("E0104", f"missing value between `{previous.text}` and `{token.text}`")


def several_values(context: ErrorContext) -> Diagnostic | None:
    """`a, b` as the value of a body, a binding or an output."""
    message = "several values must be in parentheses"
    names = [token.kind for token in context.statement]
    if context.token.kind in (NEWLINE, "}") and context.place == "body" and set(names) == {"NAME", ","}:
        first, last = context.statement[0], context.previous
        return context.diagnostic("E0101", message, first, last, help="write `(a, b)`")
    if context.token.kind != "," or not context.can_end_value or not context.accepts(NEWLINE, END, "}"):
        return None
    if context.statement and context.statement[0].kind == "output":
        return context.diagnostic("E0101", "an output is one value", help="write another `output` on its own line")
    return context.diagnostic("E0101", message, help="write `(a, b)`")


def several_statements(context: ErrorContext) -> Diagnostic | None:
    """`x = 3 y = 4`, `2 c`: an operator or the end of a line is missing."""
    token, previous = context.token, context.previous
    if token.kind not in _BEGINNING | _STATEMENTS or not context.can_end_value:
        return None
    if (token.kind == "NAME" and context.next.kind == "=") or token.kind in _STATEMENTS:
        return context.diagnostic(
            "E0113", "a statement must begin on a new line", help="insert a line break before this"
        )
    help = (
        f"write `{previous.text} * {token.text}` for a product"
        if previous.kind == "NUMBER" and token.kind == "NAME"
        else None
    )
    if token.kind == "{":
        help = "braces contain the values of a set: `conv({16, 32}, 3)`, or the body of a block, a loop or a `choose`"
    message = "missing operator or newline before this"
    return context.diagnostic("E0113", message, help=help)


RULES = (missing_else, missing_value, several_values, several_statements)
