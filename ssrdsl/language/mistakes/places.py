"""Misplaced statements."""

from __future__ import annotations

from ssrdsl.language.diagnostics import Diagnostic
from ssrdsl.language.error_context import ErrorContext

_OF_A_SPACE = frozenset(["input", "output", "auxiliary"])
_OF_A_FILE = frozenset(["use", "space", "search"])
_OF_A_BODY = frozenset(["for", "require"])


def misplaced_statement(context: ErrorContext) -> Diagnostic | None:
    """`output` in a block, `space` in a body, `for` at file level."""
    kind, place = context.token.kind, context.place
    if not context.at_statement:
        return None
    if kind in _OF_A_SPACE and place in ("body", "file"):
        help = (
            "a block lists its inputs after `of` and ends with its value"
            if place == "body"
            else "write `space name { ... }`"
        )
        return context.diagnostic("E0105", f"`{kind}` is only allowed directly in a space", help=help)
    if kind in _OF_A_FILE and place in ("body", "space"):
        return context.diagnostic("E0105", f"`{kind}` is only allowed at top level", help="move it out of the braces")
    if kind in _OF_A_BODY and place == "file":
        return context.diagnostic(
            "E0105", f"`{kind}` is only allowed in a block or a space", help="move it into a body"
        )
    return None


def value_in_file(context: ErrorContext) -> Diagnostic | None:
    """`conv(64, 3)` at top level, where only definitions are allowed."""
    if context.place != "file":
        return None
    statement = context.statement
    if context.at_statement or (statement and all(token.kind in ("NAME", ",", "tied") for token in statement)):
        first = statement[0] if statement else context.token
        help = "bind it: `name = value`, or move it into a `block` or a `space`"
        return context.diagnostic("E0105", "only definitions are allowed at top level", first, context.token, help=help)
    return None


def several_settings(context: ErrorContext) -> Diagnostic | None:
    """`search { batch=8, epochs=3 }`."""
    if context.place != "search" or context.token.kind != "," or not context.can_end_value:
        return None
    help = "omit the comma, and write every setting on its own line"
    return context.diagnostic("E0101", "settings are separated by newlines, not by commas", help=help)


def value_in_search(context: ErrorContext) -> Diagnostic | None:
    """Anything but `name = value` in `search { ... }`."""
    if context.place != "search" or context.accepts("NUMBER") or "=" in [token.kind for token in context.statement]:
        return None
    place = context.previous if context.token.kind == "}" else None
    help = "write settings such as `target.macs = 7.8G`, one per line"
    return context.diagnostic("E0105", "only settings are allowed in `search`", place, help=help)


RULES = (misplaced_statement, value_in_file, value_in_search, several_settings)
