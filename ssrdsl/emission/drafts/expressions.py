"""Source expressions as symbols over the constructor's parameters of the class in which they are printed.

The elaborator evaluates them again, with names bound to symbols.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, NoReturn

from ssrdsl.emission.drafts.parameters import LoopVariable, Parameters, Side
from ssrdsl.emission.instances.bodies import Body
from ssrdsl.emission.instances.network import IndexedNetwork, ScopePlace
from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import DiagnosticError
from ssrdsl.operators.definition import Shape
from ssrdsl.space.elaborate.builder import MAX_FUEL, GraphBuilder
from ssrdsl.space.elaborate.builtins import BUILTINS
from ssrdsl.space.elaborate.context import ElaborationContext
from ssrdsl.space.elaborate.rules import RULES
from ssrdsl.space.elaborate.values import Environment, Value
from ssrdsl.space.expressions import ExpressionLimit
from ssrdsl.space.expressions.algebra import name as name_of
from ssrdsl.space.expressions.symbols import Formed, FormedList, FormedTuple, SymbolicValue, named, value_of
from ssrdsl.space.faults import AlreadyReported
from ssrdsl.space.graph import Bound, GraphNode, Port, Scope

SCALARS = (int, Fraction, str)
FUNCTIONS = frozenset({"ceil", "floor", "len", "max", "min", "round", "round_to", "sum"})
NETWORK = (syntax.Set, syntax.Pipe, syntax.ChooseAlternatives, syntax.ChooseOver)
"""Expressions that would make decisions or nodes."""


class Untranslatable(Exception):
    """The expression cannot be printed; its value is used instead."""


def _refused(context: ElaborationContext, expression: syntax.Expression) -> NoReturn:
    raise Untranslatable


READING = replace(RULES, evaluate={**RULES.evaluate, **dict.fromkeys(NETWORK, _refused)})
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
    hint: str

    def __getitem__(self, name: str) -> Value:
        found = self.instance.found(name, self.frame, self.hint)
        if found is None and name in FUNCTIONS:
            return BUILTINS[name]
        if found is None:
            raise Untranslatable
        return found

    def get(self, name: str, default: Any = None) -> Value:
        """The value of a name; the variables of a comprehension are bound elsewhere."""
        try:
            return self[name]
        except Untranslatable:
            return default

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@dataclass(slots=True, eq=False)
class Instance:
    """One instance of a block: its body, and its number among those that share a class with these parameters.

    `widths` has what is known of the widths of its tensors, `loops` the values of the variables of its loops and of the
    sides of tensors.
    """

    network: IndexedNetwork
    body: Body
    index: int
    parameters: Parameters
    widths: dict[Port, Any] = field(default_factory=dict)
    loops: dict[LoopVariable | Side, Any] = field(default_factory=dict)
    open_names: set[tuple[str, str]] = field(default_factory=set)
    builder: Shapes = field(init=False)

    def __post_init__(self) -> None:
        self.builder = Shapes(instance=self)

    @property
    def scope(self) -> str:
        """The scope of the instance."""
        return self.body.scope

    @property
    def is_network(self) -> bool:
        """Whether it is the network itself."""
        return not self.scope

    def symbol(self, expression: syntax.Expression, frame: str, hint: str) -> Any:
        """The symbol of an expression evaluated in a frame. Raises `Untranslatable`."""
        return _as_scalar(self._evaluated(expression, frame, hint))

    def _evaluated(self, expression: syntax.Expression, frame: str, hint: str) -> Value:
        """The value of an expression; lists are kept as lists, as the elaborator needs them."""
        builder, environment = self.builder, Environment(FrameNames(self, frame, hint), "")
        builder.fuel, builder.is_exhausted = MAX_FUEL, False
        place = builder.root("", syntax.Space("", (), (), span=expression.span))
        try:
            return ElaborationContext(READING, builder, environment, place, hint).evaluate(expression)
        except (DiagnosticError, ExpressionLimit, AlreadyReported, KeyError) as error:
            raise Untranslatable from error

    def given(self, expression: syntax.Expression | None, frame: str, hint: str, value: Any) -> Any:
        """The symbol of an argument with a known value; the value itself if the text does not determine it."""
        if isinstance(expression, syntax.Set):
            if not self.inside(frame):
                return value
            place, key = self.network.place(frame, self.scope), f"{expression.span.start}"
            return _named(value, self.parameters.decision(self, place, key, hint, value))
        if expression is None:
            return value
        try:
            symbol = self.symbol(expression, frame, hint)
        except Untranslatable:
            return value
        return symbol if value_of(symbol) == value else value

    # Names

    def found(self, name: str, frame: str, hint: str) -> Value | None:
        """The value of a name visible from a frame; None if there is none that can be printed."""
        step: str | None = frame
        while step is not None:
            scope = self.network.scope(step)
            for names in (scope.names, scope.arguments):
                if name in names and (step, name) not in self.open_names:
                    bound = names[name]
                    return bound.value if isinstance(bound.value, Port) else self._name(name, scope, bound, hint)
            if isinstance(scope.definition, syntax.Block):
                declared = [item.name for item in scope.definition.inputs]
                if name in declared:
                    return scope.inputs[declared.index(name)]
            step = scope.frame
        return None

    def value_at(self, place: ScopePlace, name: str) -> Any:
        """The value of a name at a place; None if nothing of this place is alive."""
        for scope in self.network.scopes_at(self.scope, place):
            value = self.network.scalar(scope.names.get(name) or scope.arguments.get(name))
            if value is not None:
                return value
        return None

    def inside(self, scope: str) -> bool:
        """Whether a scope lies in this instance."""
        return any(step.id == self.scope for step in self.network.graph.ancestry(scope))

    def _name(self, name: str, scope: Scope, bound: Bound, hint: str) -> Any:
        value = self._value(bound)
        if not self.inside(scope.id):
            return value
        if scope.id == self.scope and name in scope.arguments and name not in scope.names:
            return _named(value, self.parameters.arguments.get(name))
        return self._local(name, scope, bound, value, hint)

    def _local(self, name: str, scope: Scope, bound: Bound, value: Any, hint: str) -> Any:
        """A name bound inside the instance: by a decision, a loop, a statement, or a call of a dissolved block."""
        place = self.network.place(scope.id, self.scope)
        if scope.kind == "option" and bound.expression is None:
            return _named(value, self.parameters.decision(self, place, name, name, value))
        if isinstance(bound.expression, syntax.Set):
            return _named(value, self.parameters.decision(self, place, name, name, value))
        self.open_names.add((scope.id, name))
        try:
            found = self._evaluated(bound.expression, bound.scope, name) if bound.expression is not None else value
        except Untranslatable:
            found = None
        finally:
            self.open_names.discard((scope.id, name))
        if found is not None and value_of(found) == value_of(value):
            return found
        if isinstance(found, (tuple, list)) and not isinstance(found, (Port, Formed)):
            parts = [part for part in found if value_of(part) == value_of(value)]
            if parts:
                return parts[0] if len(parts) == 1 else value
        if scope.kind == "turn":
            loop = LoopVariable(place, name)
            self.loops[loop] = value_of(value)
            return _named(value, loop)
        return value

    def _value(self, bound: Bound) -> Any:
        """The value of a name, a list as a list. Raises `Untranslatable` for values that are not scalars."""
        try:
            value = self.network.value(bound.value)
        except KeyError as error:
            raise Untranslatable from error
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


def _named(value: Any, key: str | LoopVariable | None) -> Any:
    if key is None:
        return value
    if isinstance(value, (tuple, list)):
        return (FormedTuple if isinstance(value, tuple) else FormedList).of(value, name_of(key))
    return named(value, key)


def _as_scalar(value: Any) -> Any:
    """A value as a scalar: lists are tuples, and symbols if they have a form. Raises `Untranslatable`."""
    if isinstance(value, (FormedTuple, FormedList)):
        return SymbolicValue(tuple(value), value.form)
    if isinstance(value, (tuple, list)) and not isinstance(value, Port):
        return tuple(map(_as_scalar, value))
    if isinstance(value, (SymbolicValue, *SCALARS)):
        return value
    raise Untranslatable
