"""Statements where they do not belong."""

from __future__ import annotations

from ssrdsl.language.diagnostics import Diagnostic
from ssrdsl.language.situation import Situation

_OF_A_SPACE = frozenset(["input", "output", "auxiliary"])
_OF_A_FILE = frozenset(["use", "space", "search"])
_OF_A_BODY = frozenset(["for", "require"])


def misplaced_statement(situation: Situation) -> Diagnostic | None:
    """`output` in a block, `space` in a body, `for` at file level."""
    kind, place = situation.token.kind, situation.place
    if not situation.at_statement:
        return None
    if kind in _OF_A_SPACE and place in ("body", "file"):
        help = (
            "a block names its inputs behind `of` and ends in its value"
            if place == "body"
            else "write `space name { ... }`"
        )
        return situation.diagnostic("E0105", f"`{kind}` stands only in a space, and in none of its loops", help=help)
    if kind in _OF_A_FILE and place in ("body", "space"):
        return situation.diagnostic(
            "E0105", f"`{kind}` stands only outside of all braces", help="move it to the margin"
        )
    if kind in _OF_A_BODY and place == "file":
        return situation.diagnostic("E0105", f"`{kind}` stands only in a block or a space", help="move it into a body")
    return None


def value_in_file(situation: Situation) -> Diagnostic | None:
    """`conv(64, 3)` at the margin: a file consists of definitions."""
    if situation.place != "file":
        return None
    statement = situation.statement
    if situation.at_statement or (statement and all(token.kind in ("NAME", ",", "tied") for token in statement)):
        first = statement[0] if statement else situation.token
        help = "bind it: `name = value`, or write it in a `block` or a `space`"
        return situation.diagnostic(
            "E0105", "a file consists of definitions", span=situation.span(first, situation.token), help=help
        )
    return None


def several_settings(situation: Situation) -> Diagnostic | None:
    """`search { batch=8, epochs=3 }`."""
    if situation.place != "search" or situation.token.kind != "," or not situation.behind_value:
        return None
    help = "leave the comma out, and write every setting on a line of its own"
    return situation.diagnostic("E0101", "settings are separated by the ends of lines, not by commas", help=help)


def value_in_search(situation: Situation) -> Diagnostic | None:
    """Anything but `name = value` in `search { ... }`."""
    if (
        situation.place != "search"
        or situation.accepts("NUMBER")
        or "=" in [token.kind for token in situation.statement]
    ):
        return None
    place = situation.span(situation.previous) if situation.token.kind == "}" else None
    help = "write `target.macs = 7.8G`, one on a line"
    return situation.diagnostic("E0105", "`search` holds settings", span=place, help=help)


RULES = (misplaced_statement, value_in_file, value_in_search, several_settings)
