"""Operators: signs of other languages, `=` beside `==` and `:`, and lines that begin in the middle of an expression."""

from __future__ import annotations

from ssrdsl.language.diagnostics import Diagnostic
from ssrdsl.language.situation import Situation

_PAIRS = {
    ("*", "*"): ("there is no power", "multiply, or list the values: `[1, 2, 4, 8]`"),
    ("/", "/"): ("there is no `//`", "write `floor(a / b)`; `a / b` is an exact ratio"),
    ("+", "="): ("there is no `+=`", "write `x = x + ...`"),
    ("-", "="): ("there is no `-=`", "write `x = x - ...`"),
    ("*", "="): ("there is no `*=`", "write `x = x * ...`"),
    ("/", "="): ("there is no `/=`", "write `x = x / ...`"),
    ("=", ">"): ("there is no `=>`", "write the arrow as `->`, the comparison as `>=`"),
    (":", "="): ("there is no `:=`", "write `=`"),
    ("-", "-"): ("there is no `--`", "write `-`"),
    ("|", "|"): ("there is no `||`", "write `or`"),
    ("|", ">"): ("there is no `|>`", "write `->`"),
    (".", "."): ("a range has two points", "write `1..5`; both ends are included"),
    ("..", "."): ("a range has two points", "write `1..5`; both ends are included"),
    ("..", "="): ("a range includes its end", "write `1..5`"),
}
_CONDITIONS = frozenset(["if", "require", "and", "or"])


def doubled_sign(situation: Situation) -> Diagnostic | None:
    """`**`, `//`, `+=`, `=>`, `...`: signs that other languages have."""
    for first, second in ((situation.previous, situation.token), (situation.token, situation.next)):
        if (first.text, second.text) in _PAIRS and first.end == second.start:
            message, help = _PAIRS[first.text, second.text]
            return situation.diagnostic("E0109", message, span=situation.span(first, second), help=help)
    return None


def equals_in_condition(situation: Situation) -> Diagnostic | None:
    """`a if n = 1 else b`: a comparison takes two signs."""
    kinds = [token.kind for token in situation.statement]
    if situation.token.kind != "=" or not _CONDITIONS.intersection(kinds) or not situation.behind_value:
        return None
    return situation.diagnostic("E0109", "`=` binds a name; a comparison is written `==`", help="write `==`")


def second_equals(situation: Situation) -> Diagnostic | None:
    """`x = y = 3`, or `x =` with nothing behind it and another binding below."""
    kinds = [token.kind for token in situation.statement]
    if situation.token.kind != "=" or "=" not in kinds:
        return None
    first = situation.statement[kinds.index("=")]
    between = situation.source.text[first.end : situation.token.start]
    if "\n" in between:
        message = f"a value is missing behind `{_last_before_newline(situation)}`"
        return situation.diagnostic(
            "E0104", message, span=situation.span(first), help="the next line is a binding of its own"
        )
    return situation.diagnostic(
        "E0109", "a binding has one `=`", help="bind the names one after the other, or compare with `==`"
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
        return situation.diagnostic("E0109", "an argument's keyword is a name", help="to compare, write `==`")
    if not situation.behind_value and not situation.accepts(","):
        return None
    message = "only a name can be bound"
    if situation.previous.kind == ")":
        return situation.diagnostic("E0109", message, help="with parameters it is a block: `block f(c) = layer`")
    return situation.diagnostic("E0109", message, help="bind a new name: `ys = xs + [y]`; to compare, write `==`")


def colon(situation: Situation) -> Diagnostic | None:
    """`f(k: 3)`, `x: 3`, `{1:5}`, `for x in xs:`, `target.macs: 7G`."""
    if situation.token.kind != ":" or situation.previous.kind in ("input", "auxiliary"):
        return None
    place, text = situation.place, "`:` stands only behind `input name`, `output name` and `auxiliary name`"
    if place in ("values", "parentheses") or situation.previous.kind == "NUMBER":
        return situation.diagnostic(
            "E0109", "a range is written with two points", help="write `1..5`; both ends are included"
        )
    if place in ("arguments", "parameters", "search"):
        return situation.diagnostic("E0109", text, help="write `name=value`")
    if situation.accepts("{"):
        return situation.diagnostic(
            "E0113", "a body stands in braces", help="write `{` in place of `:`, and `}` at the end"
        )
    if situation.accepts("="):
        return situation.diagnostic("E0109", text, help="a binding is written `name = value`")
    return situation.diagnostic("E0109", text)


def leading_operator(situation: Situation) -> Diagnostic | None:
    """A line that begins with an operator other than `->` and `|`."""
    token = situation.token
    if token.kind not in ("+", "*", "/", "and", "or", "COMPARISON", ",") or not situation.on_new_line:
        return None
    if not situation.at_statement:
        return None
    message = f"a line does not begin with `{token.text}`"
    return situation.diagnostic(
        "E0101", message, help=f"end the line above with `{token.text}`, or put parentheses around both"
    )


def decimal_point(situation: Situation) -> Diagnostic | None:
    """`.5` and `1.`: a point stands between digits."""
    token = situation.token
    if token.kind == "." and situation.next.kind == "NUMBER" and situation.wants_value:
        help = f"write `0.{situation.next.text}`"
        return situation.diagnostic(
            "E0107", "a number begins with a digit", span=situation.span(token, situation.next), help=help
        )
    previous = situation.previous
    if previous.kind == "." and situation.back(2).kind == "NUMBER" and token.kind != "NUMBER":
        number = situation.back(2)
        span = situation.span(number, previous)
        return situation.diagnostic(
            "E0107", "a number ends in a digit", span=span, help=f"write `{number.text}` or `{number.text}.0`"
        )
    if previous.kind == "." and situation.back(2).kind == "NUMBER":
        span = situation.span(situation.back(2), token)
        return situation.diagnostic(
            "E0107", "a number has one point at most", span=span, help="a range has two: `1..5`"
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
