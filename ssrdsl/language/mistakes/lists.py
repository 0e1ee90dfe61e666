"""What is in brackets: commas, bars, ranges and comprehensions."""

from __future__ import annotations

from ssrdsl.language.diagnostics import Diagnostic
from ssrdsl.language.situation import Situation

_BEGINNING = frozenset(["NAME", "NUMBER", "STRING", "true", "false", "(", "[", "{", "choose"])
_SIMPLE = frozenset(["NAME", "NUMBER", "STRING", "true", "false"])


def choose_with_commas(situation: Situation) -> Diagnostic | None:
    """`choose { f, g }`."""
    if situation.token.kind not in (",", "or") or situation.place != "choose":
        return None
    return situation.diagnostic(
        "E0109", "the options of `choose` are separated by `|`", help="write `choose { f | g }`"
    )


def set_with_bars(situation: Situation) -> Diagnostic | None:
    """`{8 | 16}`, and `f | g` outside of any `choose`."""
    if situation.token.kind != "|":
        return None
    if situation.place == "values":
        opening = situation.tokens[situation.opening or 0]
        message = (
            "the values of a set are separated by commas"
            if opening.kind == "{"
            else "the elements of a list are separated by commas"
        )
        return situation.diagnostic("E0109", message, help="write `,`; for sub-networks write `choose { f | g }`")
    return situation.diagnostic("E0109", "`|` separates the options of `choose`", help="write `choose { f | g }`")


def choose_without_braces(situation: Situation) -> Diagnostic | None:
    """`choose (f | g)`, `choose f | g`, `choose [f, g]`."""
    if situation.previous.kind == "choose" and situation.token.kind in _BEGINNING - {"NAME"}:
        help = "write `choose { f | g }`, or `choose n in {1, 2} { ... }`"
        return situation.diagnostic("E0113", "the options of `choose` must be in braces", help=help)
    if situation.back(2).kind == "choose" and situation.previous.kind == "NAME":
        help = "write `choose { f | g }`, or `choose n in {1, 2} { ... }`"
        return situation.diagnostic("E0113", "`choose` takes options in braces, or a name and its values", help=help)
    return None


def bare_range(situation: Situation) -> Diagnostic | None:
    """`for i in 1..4`, `repeat(f, 1..5)`, `choose n in 1..4 { ... }`, `xs[..2]`."""
    if situation.token.kind != "..":
        return None
    if situation.previous.kind == "[":
        return situation.diagnostic("E0104", "a range needs a start", help="write `[0..2]`; positions count from 0")
    if situation.previous.kind == "{":
        return situation.diagnostic("E0104", "a range needs a start", help="write `{1..5}`")
    help = "write `[1..5]` for a list, `{1..5}` for a decision"
    if situation.statement and situation.statement[0].kind == "for":
        help = "write `for i in [1..4] { ... }`"
    return situation.diagnostic("E0113", "a range must be in brackets or braces", help=help)


def comprehension_in_parentheses(situation: Situation) -> Diagnostic | None:
    """`add(f(n) for n in nodes)`, `{c for c in xs}`, `[for n in nodes]`."""
    if situation.token.kind != "for":
        return None
    if situation.previous.kind in ("[", "(", "{") and not situation.at_statement:
        return situation.diagnostic(
            "E0104", "a list comprehension starts with its element", help="write `[f(n) for n in nodes]`"
        )
    if situation.place in ("arguments", "parentheses", "values", "choose"):
        return situation.diagnostic(
            "E0113", "a list comprehension must be in brackets", help="write `[f(n) for n in nodes]`"
        )
    return None


def empty_brackets(situation: Situation) -> Diagnostic | None:
    """`{}`, `()`, `choose {}`."""
    if situation.token.kind not in (")", "}") or situation.previous.kind not in ("(", "{"):
        return None
    span = situation.span(situation.previous, situation.token)
    if situation.place == "choose":
        return situation.diagnostic("E0104", "a `choose` without options", span=span, help="write `choose { f | g }`")
    if situation.previous.kind == "{":
        return situation.diagnostic(
            "E0104", "a set without values", span=span, help="write `{1, 2}` or `{1..5}`; an empty list is `[]`"
        )
    return situation.diagnostic("E0104", "empty parentheses", span=span, help="an empty list is `[]`")


def second_for(situation: Situation) -> Diagnostic | None:
    """`[f(a, b) for a in xs for b in ys]`."""
    kinds = [token.kind for token in situation.statement]
    if situation.token.kind != "for" or kinds.count("for") != 1 or situation.place != "values":
        return None
    return situation.diagnostic(
        "E0101", "a list comprehension has one `for`", help="build it in two steps, or use a loop: `xs = xs + [x]`"
    )


def step_by_another_word(situation: Situation) -> Diagnostic | None:
    """`{8..32 by 8}`."""
    if situation.token.text not in ("by", "stride") or not situation.accepts("step"):
        return None
    help = f"write `step {situation.next.text}`" if situation.next.kind in _SIMPLE else "write `step`"
    return situation.diagnostic("E0109", "the step of a range follows `step`", help=help)


def missing_comma(situation: Situation) -> Diagnostic | None:
    """`conv(64 3)`, `[1 2]`, `choose { f g }`."""
    if situation.token.kind not in _BEGINNING or situation.place in ("file", "body", "space", "search", ""):
        return None
    separator = "|" if situation.place == "choose" else ","
    if not situation.accepts(separator) or not (situation.behind_value or situation.place == "parameters"):
        return None
    name = "`|`" if separator == "|" else "comma"
    others = "" if situation.place == "parameters" else " or an operator"
    return situation.diagnostic("E0113", f"missing {name}{others} before this", help=_between(situation, separator))


def _between(situation: Situation, separator: str) -> str | None:
    previous, token = situation.previous, situation.token
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
