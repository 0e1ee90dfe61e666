"""The context of an evaluation: the rules of the language, the graph builder, the visible names, and the place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import DiagnosticError
from ssrdsl.language.source import Span
from ssrdsl.space.binding.kinds import kind
from ssrdsl.space.binding.unknown import unknown
from ssrdsl.space.elaborate.builder import GraphBuilder, Place
from ssrdsl.space.elaborate.values import Environment, LayerValue, NoValue, Tensors, Value, described
from ssrdsl.space.faults import AlreadyReported, fail
from ssrdsl.space.graph import Bound, Port

UNNAMED = "set"
"""The label of a decision that has no better name."""
LITERALS = (syntax.Number, syntax.String, syntax.Boolean)
LAYER_EXPRESSIONS = (syntax.Pipe, syntax.Call, syntax.ChooseAlternatives, syntax.ChooseOver)


@dataclass(frozen=True, slots=True)
class Rules:
    """The functions for each class of nodes or values, listed in `ssrdsl.space.elaborate.rules`.

    `evaluate` returns the value of an expression, `apply` the results of a layer expression for its inputs,
    `apply_value` those of a layer, `run` the context after a statement.
    """

    evaluate: Mapping[type[syntax.Node], Callable[[ElaborationContext, Any], Value]]
    apply: Mapping[type[syntax.Node], Callable[[ElaborationContext, Any, Tensors], Tensors]]
    apply_value: Mapping[type, Callable[[ElaborationContext, Any, Tensors, syntax.Expression], Tensors]]
    run: Mapping[type[syntax.Node], Callable[[ElaborationContext, Any], ElaborationContext]]


@dataclass(slots=True)
class ElaborationContext:
    """The context of an evaluation. It is immutable; `label` names the decision of a set evaluated in it."""

    rules: Rules
    builder: GraphBuilder
    environment: Environment
    place: Place
    label: str = UNNAMED

    @property
    def frame(self) -> str:
        """The scope in which bound names are recorded."""
        return self.environment.frame

    def label_or(self, label: str) -> str:
        """The name for a decision; `label` if the context has none."""
        return label if self.label == UNNAMED else self.label

    # Other contexts

    @property
    def unnamed(self) -> ElaborationContext:
        """The context without a name for decisions."""
        return self if self.label == UNNAMED else self.labelled(UNNAMED)

    def labelled(self, label: str) -> ElaborationContext:
        """The context with a name for decisions."""
        return ElaborationContext(self.rules, self.builder, self.environment, self.place, label)

    def at(self, place: Place) -> ElaborationContext:
        """The context at another place of the network."""
        return ElaborationContext(self.rules, self.builder, self.environment, place, self.label)

    def seeing(self, environment: Environment) -> ElaborationContext:
        """The context with another environment."""
        return ElaborationContext(self.rules, self.builder, environment, self.place, self.label)

    @property
    def framed(self) -> ElaborationContext:
        """The context in which names are recorded in the scope of its place."""
        return self.seeing(self.environment.inside(self.place.scope))

    def turn(self, index: int, span: Span) -> ElaborationContext:
        """The context in an iteration of a loop; names are recorded in the same scope as before."""
        return self.at(self.builder.turn(self.place, index, frame=self.frame, span=span))

    # Names

    def look_up(self, name: syntax.Name) -> Value:
        """The value of a name."""
        value = self.environment.get(name.name)
        if value is None:
            raise DiagnosticError((unknown(name, [*self.environment.local, *self.environment.file]),))
        if value is NoValue.AMBIGUOUS:
            fail("E0304", f"`{name.name}` is defined differently in two imported files", name.span,
                 help="also import the file that defines it")  # fmt: skip
        if value is NoValue.ERROR:
            raise AlreadyReported
        return value

    def bind(self, names: Mapping[str, Value], expression: syntax.Expression | None) -> ElaborationContext:
        """The context with additional names, which are recorded in the scope of the environment."""
        record = self.builder.scopes[self.frame].names
        for name, value in names.items():
            record[name] = Bound(value, expression, self.frame)
        return self.seeing(self.environment.bind(names))

    # Evaluation

    def evaluate(self, expression: syntax.Expression) -> Value:
        """Evaluate an expression."""
        if isinstance(expression, syntax.Name):
            return self.look_up(expression)
        if isinstance(expression, LITERALS):
            return expression.value
        self.builder.spend(1, expression.span)
        if isinstance(expression, LAYER_EXPRESSIONS) and kind(expression, self.environment.kind) == "layer":
            return LayerValue(expression, self.environment)
        return self.rules.evaluate[type(expression)](self, expression)

    def apply(self, expression: syntax.Expression, inputs: Tensors) -> Tensors:
        """Apply a layer expression to tensors."""
        self.builder.spend(1, expression.span)
        context = self.unnamed
        rule = self.rules.apply.get(type(expression))
        if rule is None:
            return context.apply_value(context.evaluate(expression), inputs, expression)
        return rule(context, expression, inputs)

    def apply_value(self, value: Value, inputs: Tensors, expression: syntax.Expression) -> Tensors:
        """Apply a layer to tensors; `expression` is the place of the application."""
        rule = self.rules.apply_value.get(type(value))
        if rule is None:
            fail(
                "E0404", f"expected a layer, got {described(value)}", expression.span,
                label=f"this is {described(value)}",
                help="combine tensors with `add(...)` or `concat(...)`" if isinstance(value, Port) else None,
            )  # fmt: skip
        return rule(self, value, inputs, expression)

    def run(self, statement: syntax.Statement) -> ElaborationContext:
        """Run a statement of a body; return the context after it."""
        return self.rules.run[type(statement)](self, statement)

    def suite(self, suite: syntax.Suite) -> tuple[ElaborationContext, Value]:
        """Run the statements of a suite; return the context after them and the value, None if there is none."""
        context = self.unnamed
        for statement in suite.statements:
            context = context.run(statement)
        return context, None if suite.value is None else context.evaluate(suite.value)
