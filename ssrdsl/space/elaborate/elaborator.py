"""Elaboration: evaluates scalar and tensor expressions, applies layers, and so grows the graph.

Every set and every `choose` that is evaluated is a decision. What is bound to a name is evaluated once; a layer is
evaluated again at each application.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import DiagnosticError, Label, suggest
from ssrdsl.language.source import Span
from ssrdsl.space.elaborate import choices, elements, layers, scalars
from ssrdsl.space.elaborate.arguments import bind_operator
from ssrdsl.space.elaborate.builder import Builder, Place
from ssrdsl.space.elaborate.faults import fail, led_from
from ssrdsl.space.elaborate.foreign import FOREIGN
from ssrdsl.space.elaborate.kinds import holds_tensors, kind, kind_of_value
from ssrdsl.space.elaborate.requirements import requirements
from ssrdsl.space.elaborate.values import (
    Ambiguous,
    BlockValue,
    Builtin,
    Environment,
    LayerValue,
    OperatorValue,
    PickedLayer,
    Silence,
    Tensors,
    Unknown,
    Value,
    described,
)
from ssrdsl.space.expressions import Scalar
from ssrdsl.space.graph import Bound, Port

LITERALS = (syntax.Number, syntax.String, syntax.Boolean)
UNKNOWN = 'define it before, or import it: `use std` for the prelude, `use "blocks.ssr"` for a file'
NOT_CALLED = "only operators, blocks and functions can be called; apply a layer with `x -> layer`"
LAYER_EXPRESSIONS = (syntax.Pipe, syntax.Call, syntax.ChooseAlternatives, syntax.ChooseOver)


@dataclass(slots=True)
class Elaborator:
    """Evaluates expressions in an environment, at a place of the network."""

    builder: Builder = field(default_factory=Builder)

    # Expressions

    def evaluate(
        self, expression: syntax.Expression, environment: Environment, place: Place, label: str = "set"
    ) -> Value:
        """The value of an expression. `label` names the decision of a set that is here."""
        if isinstance(expression, syntax.Name):
            return self.look_up(expression, environment)
        if isinstance(expression, LITERALS):
            return expression.value
        self.builder.spend(1, expression.span)
        if isinstance(expression, LAYER_EXPRESSIONS) and kind(expression, environment) == "layer":
            return LayerValue(expression, environment)
        match expression:
            case syntax.Pipe(stages=stages):
                tensors = self.tensors(self.evaluate(stages[0], environment, place), stages[0])
                for stage in stages[1:]:
                    tensors = self.apply(stage, environment, tensors, place)
                return self.unpacked(tensors)
            case syntax.Call():
                return self.call(expression, environment, place, label)
            case syntax.Conditional(then=then, condition=condition, otherwise=otherwise):
                holds = self.condition(condition, environment, place)
                return self.evaluate(then if holds else otherwise, environment, place, label)
            case syntax.Set():
                return choices.decide_set(self, expression, environment, place, label)
            case syntax.ChooseAlternatives() | syntax.ChooseOver():
                return choices.choose(self, expression, environment, None, place, None)
            case syntax.Tuple(items=items):
                return tuple(self.evaluate(item, environment, place, label) for item in items)
            case syntax.List():
                return self.items(expression.items, environment, place, label)
            case syntax.Comprehension():
                return self.comprehension(expression, environment, place, label)
            case syntax.Index():
                return elements.index(self, expression, environment, place, label)
            case syntax.Attribute():
                return self.attribute(expression, environment, place)
            case _:
                return scalars.evaluate(self, expression, environment, place, label)

    def look_up(self, name: syntax.Name, environment: Environment) -> Value:
        """The value that a name is bound to."""
        value = environment.get(name.name)
        if value is None:
            known = [*environment.local, *environment.file]
            help = FOREIGN.get(name.name) or suggest(name.name, known) or UNKNOWN
            fail("E0301", f"`{name.name}` is not defined", name.span, help=help)
        if isinstance(value, Ambiguous):
            fail("E0304", f"`{name.name}` is defined differently in two imported files", name.span,
                 help="also import the file that defines it")  # fmt: skip
        if isinstance(value, Unknown):
            raise Silence
        return value

    def items(
        self, items: Sequence[syntax.Expression], environment: Environment, place: Place, label: str = "set"
    ) -> list[Value]:
        """The elements of a list or set, ranges written out."""
        found: list[Value] = []
        for item in items:
            if isinstance(item, syntax.Range):
                found += scalars.written_out(self, item, environment, place)
            else:
                found.append(self.evaluate(item, environment, place, label))
        if items:
            self.builder.spend(len(found), items[0].span)
        return found

    def comprehension(
        self, expression: syntax.Comprehension, environment: Environment, place: Place, label: str
    ) -> list[Value]:
        """The list of a comprehension."""
        found = []
        for index, value in enumerate(self.sequence(expression.values, environment, place)):
            turn = self.builder.turn(place, index, frame=environment.frame, span=expression.span)
            names = self.destructure(expression.names, value, expression.values)
            inner = self.bind(environment.inside(turn.scope), names, expression.values)
            try:
                if expression.condition is None or self.condition(expression.condition, inner, turn):
                    found.append(self.evaluate(expression.element, inner, turn, label))
            except DiagnosticError as error:
                raise led_from(error, _heading(expression.names), choices.bound_texts(names)) from error
        return found

    def attribute(self, expression: syntax.Attribute, environment: Environment, place: Place) -> Scalar:
        """An extent of a tensor."""
        value = self.evaluate(expression.value, environment, place)
        if not isinstance(value, Port):
            fail(
                "E0404", f"{described(value)} has no attribute `{expression.name}`", expression.value.span,
                label="expected a tensor", help="only tensors have channels, height and width",
            )  # fmt: skip
        extents = self.builder.shape(value)._asdict()
        if expression.name not in extents:
            known = suggest(expression.name, extents)
            fail(
                "E0302", f"a tensor has no attribute `{expression.name}`", expression.span,
                help=known or "the attributes of a tensor are channels, height and width",
            )  # fmt: skip
        return cast(Scalar, extents[expression.name])

    def condition(self, expression: syntax.Expression, environment: Environment, place: Place) -> bool:
        """A condition that has one value over all decisions."""
        value = scalars.constant(self.evaluate(expression, environment, place), self.builder, expression.span)
        if isinstance(value, bool):
            return value
        if value is None:
            fail(
                "E0504", "a condition depends on a decision", expression.span,
                help="a condition of `if` must have the same value in every architecture; use `choose` for differences",
            )  # fmt: skip
        fail(
            "E0404",
            f"expected a condition, got {described(value)}",
            expression.span,
            help="write a comparison with `==`, `<` ...",
        )

    def sequence(self, expression: syntax.Expression, environment: Environment, place: Place) -> list[Value]:
        """The values that a loop runs over."""
        if isinstance(expression, syntax.Call) and isinstance(expression.function, syntax.Name):
            self.look_up(expression.function, environment)  # `range(3)` would be a layer that is never applied
        return self.listed(self.evaluate(expression, environment, place), expression)

    @staticmethod
    def listed(value: Value, expression: syntax.Expression) -> list[Value]:
        """A value as the list that it has to be."""
        if isinstance(value, list):
            return value
        help = "write `[a, b]`, or `[1..4]`"
        if isinstance(expression, syntax.Set):
            help = "braces make a decision; for a list write `[...]`"
        fail("E0404", f"expected a list, got {described(value)}", expression.span, help=help)

    # Names

    def destructure(self, names: tuple[syntax.Name, ...], value: Value, source: syntax.Expression) -> dict[str, Value]:
        """What each of several names is bound to."""
        if len(names) == 1:
            return {names[0].name: value}
        several = isinstance(value, (tuple, list)) and not isinstance(value, Port)
        if not several or len(value) != len(names):
            count = f"{len(value)} values" if several else described(value)
            fail("E0401", f"{len(names)} names for {count}", names[0].span.to(names[-1].span),
                 secondary=(Label(source.span, f"this returns {count}"),),
                 help="give each value a name, or `_` if it is not used")  # fmt: skip
        return {name.name: item for name, item in zip(names, value, strict=True)}

    def bind(
        self, environment: Environment, names: dict[str, Value], expression: syntax.Expression | None
    ) -> Environment:
        """Binds names and records them in the scope of the environment."""
        record = self.builder.scopes[environment.frame].names
        for name, value in names.items():
            record[name] = Bound(value, expression, environment.frame)
        return environment.bind(names)

    def bound(self, binding: syntax.Binding, environment: Environment, place: Place) -> Environment:
        """The environment after `names = value`."""
        if holds_tensors(kind(binding.value, environment)) and not environment.library:
            place = self.builder.enter(
                place, binding.names[0].name, "binding", frame=environment.frame, span=binding.span
            )
        return self.bind(environment, self.binding(binding, environment, place), binding.value)

    def binding(self, binding: syntax.Binding, environment: Environment, place: Place) -> dict[str, Value]:
        """What the names of a binding stand for; a decision takes the name that it is bound to."""
        names = [name.name for name in binding.names]
        label = names[0] if len(names) == 1 else f"({','.join(names)})"
        if isinstance(binding.value, syntax.Tuple) and len(binding.value.items) == len(names):
            self.builder.spend(1, binding.value.span)
            parts = zip(binding.value.items, names, strict=True)
            values = {name: self.evaluate(item, environment, place, name) for item, name in parts}
            return {name: self.named(value, name, binding, place) for name, value in values.items()}
        value = self.named(self.evaluate(binding.value, environment, place, label), label, binding, place)
        return self.destructure(binding.names, value, binding.value)

    def named(self, value: Value, label: str, binding: syntax.Binding, place: Place) -> Value:
        """A value that is bound to a name: a layer learns the name, and what ties its uses."""
        ties = binding.tied and not isinstance(value, Port)
        if isinstance(value, LayerValue):
            tie = self.builder.tie_key(place, label) if ties and value.tie is None else value.tie
            return replace(value, label=label, tie=tie)
        if not ties:
            return value
        if isinstance(value, BlockValue):
            return replace(value, tie=value.tie or self.builder.tie_key(place, label))
        if isinstance(value, PickedLayer):
            return replace(value, layers=tuple(self.named(list(value.layers), label, binding, place)))
        if isinstance(value, (list, tuple)):
            return type(value)(self.named(v, f"{label}[{i}]", binding, place) for i, v in enumerate(value))
        return value

    def block(self, block: syntax.Block, environment: Environment, place: Place) -> BlockValue:
        """The value of a block that is defined at a place."""
        tie = self.builder.tie_key(place, block.name) if block.tied else None
        return BlockValue(block, environment, tie)

    # Statements

    def suite(self, suite: syntax.Suite, environment: Environment, place: Place) -> tuple[Environment, Value]:
        """Runs the statements of a suite and gives the environment after them and the value (None: there is none)."""
        for statement in suite.statements:
            environment = self.statement(statement, environment, place)
        if suite.value is None:
            return environment, None
        if isinstance(suite.value, LAYER_EXPRESSIONS) and kind(suite.value, environment) == "layer":
            return environment, LayerValue(suite.value, environment)
        return environment, self.evaluate(suite.value, environment, place)

    def statement(self, statement: syntax.Statement, environment: Environment, place: Place) -> Environment:
        """Runs one statement of a body and gives the environment after it."""
        if isinstance(statement, syntax.Binding):
            return self.bound(statement, environment, place)
        if isinstance(statement, syntax.Block):
            return environment.bind({statement.name: self.block(statement, environment, place)})
        if isinstance(statement, syntax.For):
            return self.loop(statement, environment, place)
        if isinstance(statement, syntax.Require):
            self.builder.requirements.extend(requirements(self, statement.condition, environment, place))
            return environment
        fail("E0404", "this statement is only allowed in a space", statement.span, help="move it into `space ... { }`")

    def loop(self, statement: syntax.For, environment: Environment, place: Place) -> Environment:
        """Runs a loop; what its body binds outlives it."""
        outer = environment.frame
        values = self.sequence(statement.values, environment, place)
        for index, value in enumerate(values):
            left = self.builder.fuel
            turn = self.builder.turn(place, index, frame=outer, span=statement.span)
            names = self.destructure(statement.names, value, statement.values)
            inner = self.bind(environment.inside(turn.scope), names, statement.values)
            try:
                inner, value = self.suite(statement.body, inner, turn)
            except DiagnosticError as error:
                raise led_from(error, _heading(statement.names), choices.bound_texts(names)) from error
            if value is not None:
                fail("E0405", "the value of a loop body is not used", cast(Span, statement.body.value and
                     statement.body.value.span), help="bind it to a name")  # fmt: skip
            environment = inner.inside(outer)
            self.builder.scopes[outer].names.update(self.builder.scopes[turn.scope].names)
            # Turns differ: one that is a tenth of such a turn is reckoned with.
            self.builder.foresee(left - self.builder.fuel, (len(values) - index - 1) // 10, statement.span)
        return environment

    # Layers

    def call(self, call: syntax.Call, environment: Environment, place: Place, label: str) -> Value:
        """A call that gives a scalar or tensors: a function of the language, or an operator given its tensors."""
        function = self.evaluate(call.function, environment, place)
        if isinstance(function, Builtin):
            return function.function(self, call, environment, place, label)
        if isinstance(function, OperatorValue):
            given = bind_operator(self, function.operator, call, environment, place)
            tensors = [port for argument, value in given.tensors for port in self.flattened(value, argument)]
            return self.unpacked(layers.operate(self, given, tuple(tensors), environment, place, call))
        fail("E0404", f"{described(function)} cannot be called", call.function.span, help=NOT_CALLED)

    def flattened(self, value: Value, argument: syntax.Expression) -> Tensors:
        """The tensors of a value that may be a list of them."""
        if isinstance(value, list):
            return tuple(port for item in value for port in self.flattened(item, argument))
        return self.tensors(value, argument)

    def tensors(self, value: Value, expression: syntax.Expression) -> Tensors:
        """A value as the tensors that a layer is applied to."""
        parts = value if isinstance(value, tuple) and not isinstance(value, Port) else (value,)
        for part in parts:
            if not isinstance(part, Port):
                _refuse_tensor_first(part, expression)
                fail(
                    "E0404", f"expected a tensor, got {described(part)}", expression.span,
                    label=f"this is {described(part)}",
                    help="apply the layer first: `x -> layer`" if kind_of_value(part) == "layer" else None,
                )  # fmt: skip
        return tuple(parts)

    @staticmethod
    def unpacked(tensors: Tensors) -> Value:
        """A single tensor as itself, several as a tuple."""
        return tensors[0] if len(tensors) == 1 else tensors

    def apply(self, expression: syntax.Expression, environment: Environment, inputs: Tensors, place: Place) -> Tensors:
        """Applies a layer expression to tensors."""
        self.builder.spend(1, expression.span)
        match expression:
            case syntax.Pipe(stages=stages):
                for stage in stages:
                    inputs = self.apply(stage, environment, inputs, place)
                return inputs
            case syntax.Call():
                return layers.apply_call(self, expression, environment, inputs, place)
            case syntax.Conditional(then=then, condition=condition, otherwise=otherwise):
                holds = self.condition(condition, environment, place)
                return self.apply(then if holds else otherwise, environment, inputs, place)
            case syntax.ChooseAlternatives() | syntax.ChooseOver():
                return self.tensors(choices.choose(self, expression, environment, inputs, place, None), expression)
            case _:
                value = self.evaluate(expression, environment, place)
                return self.apply_value(value, inputs, place, expression, environment)

    def apply_value(
        self, value: Value, inputs: Tensors, place: Place, expression: syntax.Expression, environment: Environment
    ) -> Tensors:
        """Applies a layer value to tensors; `expression` is where it is applied."""
        match value:
            case LayerValue():
                return layers.apply_layer(self, value, inputs, place)
            case PickedLayer():
                return self.tensors(elements.pick(self, value, inputs, place, environment), expression)
            case BlockValue():
                return layers.instantiate(self, value, None, environment, inputs, place, expression)
            case OperatorValue(operator=operator):
                bare = syntax.Call(expression, (), span=expression.span)
                given = bind_operator(self, operator, bare, environment, place)
                return layers.operate(self, given, inputs, environment, place, expression)
        fail(
            "E0404", f"expected a layer, got {described(value)}", expression.span,
            label=f"this is {described(value)}",
            help="combine tensors with `add(...)` or `concat(...)`" if isinstance(value, Port) else None,
        )  # fmt: skip


def _heading(names: tuple[syntax.Name, ...]) -> Span:
    """Where a loop names what it runs over."""
    return names[0].span.to(names[-1].span)


def _refuse_tensor_first(value: Value, expression: syntax.Expression) -> None:
    """Fails at `conv(x, 16, 3)`, which gives a tensor to a call that makes a layer."""
    if not isinstance(value, LayerValue) or not isinstance(expression, syntax.Call) or not expression.arguments:
        return
    first, *others = expression.arguments
    if first.name is None and holds_tensors(kind(first.value, value.environment)):
        name, tensor = expression.function.span.text, first.value.span.text
        rest = f"({', '.join(argument.span.text for argument in others)})" if others else ""
        fail("E0404", f"a tensor cannot be an argument of the layer `{name}`", first.span,
             label="this is a tensor",
             help=f"apply the layer to it: `{tensor} -> {name}{rest}`")  # fmt: skip
