"""Mistakes inside brackets: commas, bars, ranges and comprehensions."""

from __future__ import annotations

from ssrdsl.language.diagnostics import Diagnostic
from ssrdsl.language.error_context import ErrorContext

_BEGINNING = frozenset(["NAME", "NUMBER", "STRING", "true", "false", "(", "[", "{", "choose"])
_SIMPLE = frozenset(["NAME", "NUMBER", "STRING", "true", "false"])


def choose_with_commas(context: ErrorContext) -> Diagnostic | None:
    """`choose { f, g }`."""
    if context.token.kind not in (",", "or") or context.place != "choose":
        return None
    return context.diagnostic("E0109", "the options of `choose` are separated by `|`", help="write `choose { f | g }`")


def set_with_bars(context: ErrorContext) -> Diagnostic | None:
    """`{8 | 16}`, and `f | g` outside of any `choose`."""
    if context.token.kind != "|":
        return None
    if context.place == "values":
        opening = context.tokens[context.opening or 0]
        message = (
            "the values of a set are separated by commas"
            if opening.kind == "{"
            else "the elements of a list are separated by commas"
        )
        return context.diagnostic("E0109", message, help="write `,`; for sub-networks write `choose { f | g }`")
    return context.diagnostic("E0109", "`|` separates the options of `choose`", help="write `choose { f | g }`")


def choose_without_braces(context: ErrorContext) -> Diagnostic | None:
    """`choose (f | g)`, `choose f | g`, `choose [f, g]`."""
    if context.previous.kind == "choose" and context.token.kind in _BEGINNING - {"NAME"}:
        help = "write `choose { f | g }`, or `choose n in {1, 2} { ... }`"
        return context.diagnostic("E0113", "the options of `choose` must be in braces", help=help)
    if context.back(2).kind == "choose" and context.previous.kind == "NAME":
        help = "write `choose { f | g }`, or `choose n in {1, 2} { ... }`"
        return context.diagnostic("E0113", "`choose` takes options in braces, or a name and its values", help=help)
    return None


def bare_range(context: ErrorContext) -> Diagnostic | None:
    """`for i in 1..4`, `repeat(f, 1..5)`, `choose n in 1..4 { ... }`, `xs[..2]`."""
    if context.token.kind != "..":
        return None
    if context.previous.kind == "[":
        return context.diagnostic("E0104", "a range needs a start", help="write `[0..2]`; positions count from 0")
    if context.previous.kind == "{":
        return context.diagnostic("E0104", "a range needs a start", help="write `{1..5}`")
    help = "write `[1..5]` for a list, `{1..5}` for a decision"
    if context.statement and context.statement[0].kind == "for":
        help = "write `for i in [1..4] { ... }`"
    return context.diagnostic("E0113", "a range must be in brackets or braces", help=help)


def comprehension_in_parentheses(context: ErrorContext) -> Diagnostic | None:
    """`add(f(n) for n in nodes)`, `{c for c in xs}`, `[for n in nodes]`."""
    if context.token.kind != "for":
        return None
    if context.previous.kind in ("[", "(", "{") and not context.at_statement:
        return context.diagnostic(
            "E0104", "a list comprehension starts with its element", help="write `[f(n) for n in nodes]`"
        )
    if context.place in ("arguments", "parentheses", "values", "choose"):
        return context.diagnostic(
            "E0113", "a list comprehension must be in brackets", help="write `[f(n) for n in nodes]`"
        )
    return None


def empty_brackets(context: ErrorContext) -> Diagnostic | None:
    """`{}`, `()`, `choose {}`."""
    if context.token.kind not in (")", "}") or context.previous.kind not in ("(", "{"):
        return None
    message, help = "empty parentheses", "an empty list is `[]`"
    if context.place == "choose":
        message, help = "a `choose` without options", "write `choose { f | g }`"
    elif context.previous.kind == "{":
        message, help = "a set without values", "write `{1, 2}` or `{1..5}`; an empty list is `[]`"
    return context.diagnostic("E0104", message, context.previous, context.token, help=help)


def second_for(context: ErrorContext) -> Diagnostic | None:
    """`[f(a, b) for a in xs for b in ys]`."""
    kinds = [token.kind for token in context.statement]
    if context.token.kind != "for" or kinds.count("for") != 1 or context.place != "values":
        return None
    return context.diagnostic(
        "E0101", "a list comprehension has one `for`", help="build it in two steps, or use a loop: `xs = xs + [x]`"
    )


def step_by_another_word(context: ErrorContext) -> Diagnostic | None:
    """`{8..32 by 8}`."""
    if context.token.text not in ("by", "stride") or not context.accepts("step"):
        return None
    help = f"write `step {context.next.text}`" if context.next.kind in _SIMPLE else "write `step`"
    return context.diagnostic("E0109", "the step of a range follows `step`", help=help)


def missing_comma(context: ErrorContext) -> Diagnostic | None:
    """`conv(64 3)`, `[1 2]`, `choose { f g }`."""
    if context.token.kind not in _BEGINNING or context.place in ("file", "body", "space", "search", ""):
        return None
    separator = "|" if context.place == "choose" else ","
    if not context.accepts(separator) or not (context.can_end_value or context.place == "parameters"):
        return None
    name = "`|`" if separator == "|" else "comma"
    others = "" if context.place == "parameters" else " or an operator"
    return context.diagnostic("E0113", f"missing {name}{others} before this", help=_between(context, separator))


def _between(context: ErrorContext, separator: str) -> str | None:
    previous, token = context.previous, context.token
    if previous.kind not in _SIMPLE or token.kind not in _SIMPLE:
        return None
    blank = " " if separator == "|" else ""
    return f"write `{previous.text}{blank}{separator} {token.text}`"


RULES = (
    choose_with_commas,
    choose_without_braces,
    set_with_bars,
    bare_range,
    second_for,
    comprehension_in_parentheses,
    empty_brackets,
    step_by_another_word,
    missing_comma,
)
