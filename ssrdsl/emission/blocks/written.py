"""Conditions and numbers of iterations as the source has them, over the constructor's parameters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from ssrdsl.emission.instances.instance import Instance, Piece, Untranslatable
from ssrdsl.language import syntax
from ssrdsl.language.walk import walk
from ssrdsl.space.expressions import Apply, ExactScalar, add
from ssrdsl.space.expressions.algebra import apply, as_linear
from ssrdsl.space.expressions.formulas import is_application
from ssrdsl.space.expressions.symbols import Formed
from ssrdsl.space.graph import OperatorNode, Scope

OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def written_conditions(instance: Instance, piece: Piece) -> Iterator[ExactScalar]:
    """The conditions under which the source makes a piece: of conditionals around it, and of the depth of `repeat`."""
    spans = [span for span in [_origin(instance, piece).span] if span is not None]
    for scope in _around(instance, piece):
        for conditional in _conditionals(scope.definition):
            for span in spans:
                in_then = conditional.then.span.holds(span)
                if in_then or conditional.otherwise.span.holds(span):
                    for test in _form(instance, conditional.condition, scope.id):
                        yield test if in_then else negated(test)
        for depth in _depth(instance, scope):
            constant = as_linear(depth)[0]
            yield apply(">", add(depth, -constant), int(scope.label) - constant)
        if scope.span is not None:
            spans.append(scope.span)


def written_depths(instance: Instance, piece: Piece) -> Iterator[ExactScalar]:
    """The depths of `repeat` around a piece, innermost first."""
    return (depth for scope in _around(instance, piece) for depth in _depth(instance, scope))


def _origin(instance: Instance, piece: Piece) -> OperatorNode | Scope:
    return piece if isinstance(piece, OperatorNode) else instance.network.scope(piece[0].scope)


def _around(instance: Instance, piece: Piece) -> Iterator[Scope]:
    """The scopes around a piece, innermost first, up to that of the instance."""
    origin = _origin(instance, piece)
    start = origin.scope if isinstance(origin, OperatorNode) else origin.parent
    for scope in instance.network.graph.ancestry(start or ""):
        yield scope
        if scope.id == instance.scope:
            return


def _conditionals(definition: syntax.Node | None) -> Iterator[syntax.Conditional]:
    for node in walk(definition) if definition is not None else ():
        if isinstance(node, syntax.Conditional):
            yield node


def _depth(instance: Instance, scope: Scope) -> Iterator[ExactScalar]:
    """The depth of the `repeat` that a scope is an iteration of."""
    depth = scope.arguments.get("depth") if scope.kind == "turn" else None
    if depth is not None and depth.expression is not None:
        yield from _form(instance, depth.expression, depth.scope)


def _form(instance: Instance, expression: syntax.Expression, frame: str) -> Iterator[ExactScalar]:
    """The form of an expression, if it has one."""
    with suppress(Untranslatable):
        symbol = instance.symbol(expression, frame)
        if isinstance(symbol, Formed):
            yield symbol.form


def negated(form: ExactScalar) -> ExactScalar:
    """The negation of a condition, without `not` where it has an opposite."""
    if isinstance(form, Apply) and form.function in OPPOSITE:
        return apply(OPPOSITE[form.function], *form.arguments)
    if is_application(form, "and", "or"):
        return apply("or" if form.function == "and" else "and", *map(negated, form.arguments))
    return form.arguments[0] if is_application(form, "not") else apply("not", form)
