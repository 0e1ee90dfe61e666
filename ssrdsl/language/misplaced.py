"""Superfluous and missing values that the grammar does not detect."""

from __future__ import annotations

from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import Diagnostic, Label
from ssrdsl.language.source import Span


def no_value(body: syntax.Suite, owner: str) -> Diagnostic:
    """The diagnostic for a body that ends without a value."""
    brace = Span(body.span.source, body.span.end - 1, body.span.end)
    help = "end the body with an expression: a layer or a tensor, on its own line"
    return Diagnostic("E0104", f"{owner} has no value", Label(brace, "missing value before this"), help=help)


def lost_value(value: syntax.Expression, last: syntax.Node) -> Diagnostic:
    """The message for an expression that is not the last line of a body, if it has no effect."""
    message = "only the last line of a body can be its value"
    label = Label(value.span, "this value is not used")
    help = _binding_help(value) or _joining_help(last)
    return Diagnostic("E0105", message, label, (Label(last.span, "the last line is this"),), help=help)


def _joining_help(last: syntax.Node) -> str:
    """A hint how to join a value with the following line."""
    if isinstance(last, syntax.Statement):
        return "move it after the last statement, or bind it to a name"
    if isinstance(last, syntax.Negation):
        return "to continue an expression, end the line with the operator"
    return "bind it to a name, or combine the steps: `x -> f -> g`"


def _binding_help(value: syntax.Expression) -> str | None:
    """A hint for `y == 3` as a statement, which is probably a binding."""
    if (
        isinstance(value, syntax.Comparison)
        and value.operators == ("==",)
        and isinstance(value.operands[0], syntax.Name)
    ):
        return f"write `{value.operands[0].name} = ...` to bind a name"
    return None


def value_in_loop(value: syntax.Expression) -> Diagnostic:
    """The diagnostic for an expression in the body of a loop, which has no value."""
    label = Label(value.span, "this value is not used")
    return Diagnostic(
        "E0105", "a loop has no value", label, help="bind it: `x = x -> f`; bindings are kept after the loop"
    )


def value_in_space(value: syntax.Expression) -> Diagnostic:
    """The diagnostic for an expression among the statements of a space."""
    label = Label(value.span, "this value is not used")
    help = _binding_help(value) or "write `output` in front of it, or bind it to a name"
    return Diagnostic("E0105", "a space has outputs, not a value", label, help=help)
