"""Operators: those of other languages, `=` versus `==` and `:`, and lines that begin inside an expression."""

from __future__ import annotations

from ssrdsl.language.diagnostics import Diagnostic
from ssrdsl.language.error_context import ErrorContext

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


def doubled_sign(context: ErrorContext) -> Diagnostic | None:
    """`**`, `//`, `+=`, `=>`, `...`: operators of other languages."""
    for first, second in ((context.previous, context.token), (context.token, context.next)):
        if (first.text, second.text) in _PAIRS and first.end == second.start:
            message, help = _PAIRS[first.text, second.text]
            return context.diagnostic("E0109", message, first, second, help=help)
    return None


def equals_in_condition(context: ErrorContext) -> Diagnostic | None:
    """`a if n = 1 else b`: a comparison is written `==`."""
    kinds = [token.kind for token in context.statement]
    if context.token.kind != "=" or not _CONDITIONS.intersection(kinds) or not context.can_end_value:
        return None
    return context.diagnostic("E0109", "`=` binds a name; `==` compares", help="write `==`")


def second_equals(context: ErrorContext) -> Diagnostic | None:
    """`x = y = 3`, or `x =` with nothing after it and another binding below."""
    kinds = [token.kind for token in context.statement]
    if context.token.kind != "=" or "=" not in kinds:
        return None
    first = context.statement[kinds.index("=")]
    between = context.source.text[first.end : context.token.start]
    if "\n" in between:
        message = f"missing value after `{_last_before_newline(context)}`"
        return context.diagnostic("E0104", message, first, help="the next line is another binding")
    return context.diagnostic(
        "E0109", "a binding has only one `=`", help="bind the names in separate statements, or compare with `==`"
    )


def _last_before_newline(context: ErrorContext) -> str:
    """The last token of the line above the binding: `=` or an operator."""
    for first, second in zip(
        context.tokens[context.index - 2 :: -1], context.tokens[context.index - 1 :: -1], strict=False
    ):
        if "\n" in context.source.text[first.end : second.start]:
            return first.text
    return "="


def assigned_expression(context: ErrorContext) -> Diagnostic | None:
    """`x.y = 3`, `xs[0] = 3`: only names are bound."""
    if context.token.kind != "=" or (context.previous.kind == "NAME" and len(context.statement) == 1):
        return None
    if context.place == "arguments":
        return context.diagnostic("E0109", "the keyword of an argument must be a name", help="to compare, write `==`")
    if not context.can_end_value and not context.accepts(","):
        return None
    message = "only a name can be bound"
    if context.previous.kind == ")":
        return context.diagnostic(
            "E0109", message, help="to define a block with parameters, write `block f(c) = layer`"
        )
    return context.diagnostic("E0109", message, help="bind a new name: `ys = xs + [y]`; to compare, write `==`")


def colon(context: ErrorContext) -> Diagnostic | None:
    """`f(k: 3)`, `x: 3`, `{1:5}`, `for x in xs:`, `target.macs: 7G`."""
    if context.token.kind != ":" or context.previous.kind in ("input", "auxiliary"):
        return None
    place, text = context.place, "`:` is only allowed after `input name`, `output name` and `auxiliary name`"
    if place in ("values", "parentheses") or context.previous.kind == "NUMBER":
        return context.diagnostic("E0109", "a range has two dots", help="write `1..5`; both ends are included")
    if place in ("arguments", "parameters", "search"):
        return context.diagnostic("E0109", text, help="write `name=value`")
    if context.accepts("{"):
        return context.diagnostic(
            "E0113", "a body must be in braces", help="write `{` instead of `:`, and `}` at the end"
        )
    if context.accepts("="):
        return context.diagnostic("E0109", text, help="to bind a name, write `name = value`")
    return context.diagnostic("E0109", text)


def leading_operator(context: ErrorContext) -> Diagnostic | None:
    """A line that begins with an operator other than `->` and `|`."""
    token = context.token
    if token.kind not in ("+", "*", "/", "and", "or", "COMPARISON", ",") or not context.on_new_line:
        return None
    if not context.at_statement:
        return None
    message = f"a line cannot begin with `{token.text}`"
    return context.diagnostic(
        "E0101", message, help=f"end the line above with `{token.text}`, or put both lines in parentheses"
    )


def decimal_point(context: ErrorContext) -> Diagnostic | None:
    """`.5` and `1.`: a decimal point must be between digits."""
    token = context.token
    if token.kind == "." and context.next.kind == "NUMBER" and context.can_begin_value:
        help = f"write `0.{context.next.text}`"
        return context.diagnostic("E0107", "a number must begin with a digit", token, context.next, help=help)
    previous, number = context.previous, context.back(2)
    if previous.kind == "." and number.kind == "NUMBER" and token.kind != "NUMBER":
        help = f"write `{number.text}` or `{number.text}.0`"
        return context.diagnostic("E0107", "a number must end with a digit", number, previous, help=help)
    if previous.kind == "." and number.kind == "NUMBER":
        message = "a number has at most one decimal point"
        return context.diagnostic("E0107", message, number, token, help="for a range, write `1..5`")
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
