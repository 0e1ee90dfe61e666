"""Values where there should be none, and none where there should be one: what the grammar lets through."""

from __future__ import annotations

from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import Diagnostic, Label
from ssrdsl.language.source import Span


def no_value(body: syntax.Suite, owner: str) -> Diagnostic:
    """What is said of a body that ends without a value."""
    brace = Span(body.span.source, body.span.end - 1, body.span.end)
    help = "end the body in an expression: a layer, or a tensor, on a line of its own"
    return Diagnostic("E0104", f"{owner} has no value", Label(brace, "the value is missing before this"), help=help)


def lost_value(value: syntax.Expression, last: syntax.Node) -> Diagnostic:
    """What is said of an expression in the middle of a body, where it has no effect."""
    message = "only the last line of a body can be its value"
    label = Label(value.span, "nothing uses this value")
    help = "bind it to a name, or write the steps as one: `x -> f -> g`"
    return Diagnostic("E0105", message, label, (Label(last.span, "the last line is this"),), help=help)


def value_in_loop(value: syntax.Expression) -> Diagnostic:
    """What is said of an expression in the body of a loop, which has no value."""
    label = Label(value.span, "nothing uses this value")
    return Diagnostic("E0105", "a loop has no value", label, help="bind it: `x = x -> f`; a binding outlives the loop")


def value_in_space(value: syntax.Expression) -> Diagnostic:
    """What is said of an expression among the statements of a space."""
    label = Label(value.span, "nothing uses this value")
    help = "write `output` in front of it, or bind it to a name"
    return Diagnostic("E0105", "a space has outputs, not a value", label, help=help)
