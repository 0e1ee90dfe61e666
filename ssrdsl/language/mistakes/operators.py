"""Operators: those of other languages, `=` versus `==` and `:`, and lines that begin inside an expression."""

from __future__ import annotations

from ssrdsl.language.diagnostics import Diagnostic
from ssrdsl.language.situation import Situation

_PAIRS = {
    ("*", "*"): ("powers are not supported", "multiply, or list the values: `[1, 2, 4, 8]`"),
    ("/", "/"): ("`//` is not supported", "write `floor(a / b)`; `a / b` is an exact fraction"),
    ("+", "="): ("`+=` is not supported", "write `x = x + ...`"),
    ("-", "="): ("`-=` is not supported", "write `x = x - ...`"),
    ("*", "="): ("`*=` is not supported", "write `x = x * ...`"),
    ("/", "="): ("`/=` is not supported", "write `x = x / ...`"),
    ("=", ">"): ("`=>` is not supported", "write `->` for a pipe, `>=` for a comparison"),
    (":", "="): ("`:=` is not supported", "write `=`"),
    ("-", "-"): ("`--` is not supported", "write `-`"),
    ("|", "|"): ("`||` is not supported", "write `or`"),
    ("|", ">"): ("`|>` is not supported", "write `->`"),
    (".", "."): ("a range has two dots", "write `1..5`; both ends are included"),
    ("..", "."): ("a range has two dots", "write `1..5`; both ends are included"),
    ("..", "="): ("a range includes its end", "write `1..5`"),
}
_CONDITIONS = frozenset(["if", "require", "and", "or"])


def doubled_sign(situation: Situation) -> Diagnostic | None:
    """`**`, `//`, `+=`, `=>`, `...`: operators of other languages."""
    for first, second in ((situation.previous, situation.token), (situation.token, situation.next)):
        if (first.text, second.text) in _PAIRS and first.end == second.start:
            message, help = _PAIRS[first.text, second.text]
            return situation.diagnostic("E0109", message, span=situation.span(first, second), help=help)
    return None


def equals_in_condition(situation: Situation) -> Diagnostic | None:
    """`a if n = 1 else b`: a comparison is written `==`."""
    kinds = [token.kind for token in situation.statement]
    if situation.token.kind != "=" or not _CONDITIONS.intersection(kinds) or not situation.behind_value:
        return None
    return situation.diagnostic("E0109", "`=` binds a name; `==` compares", help="write `==`")


def second_equals(situation: Situation) -> Diagnostic | None:
    """`x = y = 3`, or `x =` with nothing after it and another binding below."""
    kinds = [token.kind for token in situation.statement]
    if situation.token.kind != "=" or "=" not in kinds:
        return None
    first = situation.statement[kinds.index("=")]
    between = situation.source.text[first.end : situation.token.start]
    if "\n" in between:
        message = f"missing value after `{_last_before_newline(situation)}`"
        return situation.diagnostic(
            "E0104", message, span=situation.span(first), help="the next line is another binding"
        )
    return situation.diagnostic(
        "E0109", "a binding has only one `=`", help="bind the names in separate statements, or compare with `==`"
    )


def _last_before_newline(situation: Situation) -> str:
    """The sign that joins the line above to the binding: `=` or an operator."""
    for first, second in zip(
        situation.tokens[situation.index - 2 :: -1], situation.tokens[situation.index - 1 :: -1], strict=False
    ):
        if "\n" in situation.source.text[first.end : second.start]:
            return first.text
    return "="


def assigned_expression(situation: Situation) -> Diagnostic | None:
    """`x.y = 3`, `xs[0] = 3`: only names are bound."""
    if situation.token.kind != "=" or (situation.previous.kind == "NAME" and len(situation.statement) == 1):
        return None
    if situation.place == "arguments":
        return situation.diagnostic("E0109", "the keyword of an argument must be a name", help="to compare, write `==`")
    if not situation.behind_value and not situation.accepts(","):
        return None
    message = "only a name can be bound"
    if situation.previous.kind == ")":
        return situation.diagnostic(
            "E0109", message, help="to define a block with parameters, write `block f(c) = layer`"
        )
    return situation.diagnostic("E0109", message, help="bind a new name: `ys = xs + [y]`; to compare, write `==`")


def colon(situation: Situation) -> Diagnostic | None:
    """`f(k: 3)`, `x: 3`, `{1:5}`, `for x in xs:`, `target.macs: 7G`."""
    if situation.token.kind != ":" or situation.previous.kind in ("input", "auxiliary"):
        return None
    place, text = situation.place, "`:` is only allowed after `input name`, `output name` and `auxiliary name`"
    if place in ("values", "parentheses") or situation.previous.kind == "NUMBER":
        return situation.diagnostic("E0109", "a range has two dots", help="write `1..5`; both ends are included")
    if place in ("arguments", "parameters", "search"):
        return situation.diagnostic("E0109", text, help="write `name=value`")
    if situation.accepts("{"):
        return situation.diagnostic(
            "E0113", "a body must be in braces", help="write `{` instead of `:`, and `}` at the end"
        )
    if situation.accepts("="):
        return situation.diagnostic("E0109", text, help="to bind a name, write `name = value`")
    return situation.diagnostic("E0109", text)


def leading_operator(situation: Situation) -> Diagnostic | None:
    """A line that begins with an operator other than `->` and `|`."""
    token = situation.token
    if token.kind not in ("+", "*", "/", "and", "or", "COMPARISON", ",") or not situation.on_new_line:
        return None
    if not situation.at_statement:
        return None
    message = f"a line cannot begin with `{token.text}`"
    return situation.diagnostic(
        "E0101", message, help=f"end the line above with `{token.text}`, or put both lines in parentheses"
    )


def decimal_point(situation: Situation) -> Diagnostic | None:
    """`.5` and `1.`: a point is between digits."""
    token = situation.token
    if token.kind == "." and situation.next.kind == "NUMBER" and situation.wants_value:
        help = f"write `0.{situation.next.text}`"
        return situation.diagnostic(
            "E0107", "a number must begin with a digit", span=situation.span(token, situation.next), help=help
        )
    previous = situation.previous
    if previous.kind == "." and situation.back(2).kind == "NUMBER" and token.kind != "NUMBER":
        number = situation.back(2)
        span = situation.span(number, previous)
        return situation.diagnostic(
            "E0107", "a number must end with a digit", span=span, help=f"write `{number.text}` or `{number.text}.0`"
        )
    if previous.kind == "." and situation.back(2).kind == "NUMBER":
        span = situation.span(situation.back(2), token)
        return situation.diagnostic(
            "E0107", "a number has at most one decimal point", span=span, help="for a range, write `1..5`"
        )
    return None


RULES = (
    doubled_sign,
    equals_in_condition,
    second_equals,
    colon,
    assigned_expression,
    leading_operator,
    decimal_point,
)
