"""An instance of a block: its pieces, and its expressions as symbols over the parameters of the class it is printed in.

The elaborator evaluates them again, with names bound to symbols.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, NoReturn, Protocol, TypeAlias

from ssrdsl.emission.instances.network import IndexedNetwork, ScopePlace, reads
from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import DiagnosticError
from ssrdsl.operators.definition import Shape
from ssrdsl.space.binding.primitives import SCALAR_FUNCTIONS
from ssrdsl.space.elaborate.builder import GraphBuilder
from ssrdsl.space.elaborate.builtins import BUILTINS
from ssrdsl.space.elaborate.context import ElaborationContext
from ssrdsl.space.elaborate.rules import RULES
from ssrdsl.space.elaborate.values import Environment, Value
from ssrdsl.space.expressions import ExpressionLimit
from ssrdsl.space.expressions.symbols import (
    Formed,
    FormedList,
    SymbolicValue,
    either,
    is_range,
    named,
    value_of,
    with_form,
)
from ssrdsl.space.faults import AlreadyReported
from ssrdsl.space.graph import Bound, GraphNode, OperatorNode, Port, Scope

SCALARS = (int, Fraction, str)
NETWORK = (syntax.Set, syntax.Pipe, syntax.ChooseAlternatives, syntax.ChooseOver)
"""Expressions that would make decisions or nodes."""


class Untranslatable(KeyError):
    """The expression cannot be printed; its value is used instead."""


EVALUATION_ERRORS = (DiagnosticError, ExpressionLimit, AlreadyReported, KeyError)


def _refused(context: ElaborationContext, expression: syntax.Expression) -> NoReturn:
    raise Untranslatable


def _conditional(context: ElaborationContext, expression: syntax.Conditional) -> Value:
    """The branch that the instance takes; a number with a formula has both branches in it, if both have a value."""
    test = context.unnamed.evaluate(expression.condition)
    taken, other = (expression.then, expression.otherwise)[:: 1 if test else -1]
    value = context.evaluate(taken)
    if isinstance(test, SymbolicValue):
        with suppress(*EVALUATION_ERRORS):
            values = value, context.evaluate(other)
            return either(test, *values[:: 1 if test else -1])
    return value


READING = replace(
    RULES, evaluate={**RULES.evaluate, **dict.fromkeys(NETWORK, _refused), syntax.Conditional: _conditional}
)
"""The rules for a network that is complete: an expression that would make decisions or nodes is `Untranslatable`."""


@dataclass(slots=True)
class Shapes(GraphBuilder):
    """The shapes of the tensors of an instance, with widths as symbols."""

    instance: Instance | None = None

    def shape(self, port: Port) -> Shape:
        """The shape of a tensor."""
        assert self.instance is not None
        return self.instance.shape(port)


@dataclass(slots=True)
class FrameNames(Mapping[str, Value]):
    """The names visible in a frame of an instance, bound to symbols, and the functions of the language."""

    instance: Instance
    frame: str

    def __getitem__(self, name: str) -> Value:
        found = self.instance.found(name, self.frame)
        if found is None and name not in SCALAR_FUNCTIONS:
            raise KeyError(name)
        return BUILTINS[name] if found is None else found

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


Piece: TypeAlias = "OperatorNode | tuple[Instance, ...]"
"""A part of an instance: an operator, or consecutive instances of blocks."""


def inputs_of(piece: Piece) -> tuple[Port, ...]:
    """The tensors that a part of an instance needs."""
    return reads(piece) if isinstance(piece, OperatorNode) else tuple(piece[0].inputs.values())


def results_of(piece: Piece) -> tuple[Port, ...]:
    """The tensors that a part of an instance makes."""
    if isinstance(piece, OperatorNode):
        return tuple(Port(piece.id, index) for index in range(len(piece.shapes)))
    return piece[-1].results


@dataclass(frozen=True, slots=True)
class LoopVariable:
    """The variable of a loop: `turn` is the place, in its block, of the turn in which it has its value."""

    turn: tuple[Any, ...]
    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Side:
    """The height (`axis` 2) or width (3), at run time, of the last tensor that a part of a class takes."""

    unit: int
    axis: int

    def __str__(self) -> str:
        return f"shape[{self.axis}]"


class ClassParameters(Protocol):
    """The parameters of a class as its instances use them: `Parameters`, whose module imports this one."""

    def find(self, kind: str, source: Any) -> str | None:
        """The name of the parameter with this source."""

    def decision(self, instance: Instance, place: ScopePlace, name: str, hint: str, value: Any) -> Any:
        """The value of a decision inside the block, as a parameter."""


class InstanceClass(Protocol):
    """The class of instances as they use it: a `BlockClass`, whose module imports this one."""

    @property
    def parameters(self) -> ClassParameters:
        """The parameters of its constructor."""


BlockInput = tuple[str, int]
"""An input of a block: `declared` with its index among the block's inputs, or `captured` from around it."""


@dataclass(slots=True, eq=False)
class Instance:
    """One instance of a block: its pieces, and their numbers over the parameters of the class that it shares.

    `inputs` are tensors from outside, `results` those used outside. The keys of the pieces are their places in the text
    of the block, by which those of several instances match. `block` is the class that it is in (see `class_of`),
    `index` its number there. `widths` has what is known of the widths of its tensors, `loops` the values of the
    variables of its loops and of the sides of tensors. `wrapper` is the name of the innermost block that only consists
    of it, if there is one.
    """

    network: IndexedNetwork
    scope: str
    inputs: Mapping[BlockInput, Port]
    pieces: Mapping[ScopePlace, Piece]
    results: tuple[Port, ...]
    block: InstanceClass = field(init=False)
    index: int = field(init=False)
    widths: dict[Port, Any] = field(init=False, default_factory=dict)
    loops: dict[LoopVariable | Side, Any] = field(init=False, default_factory=dict)
    wrapper: str | None = field(init=False, default=None)
    _open_names: set[tuple[str, str]] = field(init=False, default_factory=set)

    def symbol(self, expression: syntax.Expression, frame: str) -> Any:
        """The symbol of an expression evaluated in a frame. Raises `Untranslatable`."""
        return _as_scalar(self._evaluated(expression, frame))

    def _evaluated(self, expression: syntax.Expression, frame: str) -> Value:
        """The value of an expression; lists are kept as lists, as the elaborator needs them."""
        builder, environment = Shapes(instance=self), Environment(FrameNames(self, frame), "")
        place = builder.root()
        try:
            return ElaborationContext(READING, builder, environment, place).evaluate(expression)
        except EVALUATION_ERRORS as error:
            raise Untranslatable from error

    def given(self, expression: syntax.Expression | None, frame: str, hint: str, value: Any) -> Any:
        """The symbol of an argument with a known value; the value itself if the text does not determine it."""
        if isinstance(expression, syntax.Set):
            if not self.inside(frame):
                return value
            place = self.network.place(frame, self.scope)
            return self.block.parameters.decision(self, place, f"{expression.span.start}", hint, value)
        if expression is not None:
            with suppress(Untranslatable):
                symbol = self.symbol(expression, frame)
                return symbol if value_of(symbol) == value else value
        return value

    # Names

    def found(self, name: str, frame: str) -> Value | None:
        """The value of a name visible from a frame; None if there is none that can be printed."""
        step: str | None = frame
        while step is not None:
            scope = self.network.scope(step)
            bound = scope.names.get(name) or scope.arguments.get(name)
            if bound is not None and (step, name) not in self._open_names:
                return bound.value if isinstance(bound.value, Port) else self._named(name, scope, bound)
            if isinstance(scope.definition, syntax.Block):
                declared = [item.name for item in scope.definition.inputs]
                if name in declared:
                    return scope.inputs[declared.index(name)]
            step = scope.frame
        return None

    def inside(self, scope: str) -> bool:
        """Whether a scope is inside this instance."""
        return any(step.id == self.scope for step in self.network.graph.ancestry(scope))

    def _named(self, name: str, scope: Scope, bound: Bound) -> Any:
        """The value of a name, as a symbol if it is bound inside the instance.

        It is then a parameter, a decision, the variable of a loop, or an expression over others.
        """
        value = self._value(bound)
        if not self.inside(scope.id):
            return value
        if scope.id == self.scope and name in scope.arguments and name not in scope.names:
            parameter = self.block.parameters.find("argument", name)
            return value if parameter is None else named(value, parameter)
        place = self.network.place(scope.id, self.scope)
        if isinstance(bound.expression, syntax.Set) or (scope.kind == "option" and bound.expression is None):
            return self.block.parameters.decision(self, place, name, name, value)
        self._open_names.add((scope.id, name))
        try:
            found = self._evaluated(bound.expression, bound.scope) if bound.expression is not None else value
        except Untranslatable:
            found = None
        finally:
            self._open_names.discard((scope.id, name))
        if found is not None and value_of(found) == value_of(value):
            return found
        if is_range(found) or (isinstance(found, (tuple, list)) and not isinstance(found, (Port, Formed))):
            parts = [part for part in found if value_of(part) == value_of(value)]
            if parts:
                return parts[0] if len(parts) == 1 else value
        if scope.kind == "turn":
            loop = LoopVariable(place, name)
            self.loops[loop] = value_of(value)
            return named(value, loop)
        return value

    def _value(self, bound: Bound) -> Any:
        """The value of a name, a list as a list. Raises `KeyError` for values that are not scalars."""
        value = self.network.value(bound.value)
        parts = value if isinstance(value, tuple) else (value,)
        if isinstance(value, Port) or not all(isinstance(part, (*SCALARS, tuple)) for part in parts):
            raise Untranslatable
        return list(value) if isinstance(bound.value, list) else value

    # Tensors

    def channels(self, port: Port) -> Any:
        """The width of a tensor, as a symbol if it is known in the class."""
        return self.widths[port] if port in self.widths else self.network.graph.shape(port).channels

    def shape(self, port: Port) -> Shape:
        """The shape of a tensor, its width as a symbol."""
        return self.network.graph.shape(port)._replace(channels=self.channels(port))

    def input_shapes(self, node: GraphNode) -> tuple[Shape, ...]:
        """The shapes of the inputs of a node, with widths as symbols."""
        return tuple(map(self.shape, node.inputs))


def _as_scalar(value: Any) -> Any:
    """A value as a scalar: lists are tuples. Raises `Untranslatable`."""
    if isinstance(value, FormedList):
        return with_form(tuple(value), value.form)
    if isinstance(value, (Formed, *SCALARS)):
        return value
    if isinstance(value, (tuple, list)) and not isinstance(value, Port):
        return tuple(map(_as_scalar, value))
    raise Untranslatable
