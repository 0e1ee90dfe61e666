"""Source expressions as symbols over the constructor's parameters of the class in which they are printed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ssrdsl.emission.instances.network import Network
from ssrdsl.emission.symbols.forms import Loop, Side
from ssrdsl.emission.symbols.symbol import applied, floor, named, value_of
from ssrdsl.language import syntax
from ssrdsl.operators.definition import Shape
from ssrdsl.space.expressions import number
from ssrdsl.space.functions import FUNCTIONS
from ssrdsl.space.graph import Bound, Node, Port, Scope

if TYPE_CHECKING:
    from ssrdsl.emission.drafts.draft import Draft

SCALARS = (int, Fraction, str)


class Untranslatable(Exception):
    """The expression says nothing that could be printed in its place; its value stands there instead."""


@dataclass(slots=True)
class Instance:
    """One instance of a block: `index` among those that share a class, whose scope is `scope`.

    `widths` has what is known of the widths of its tensors, `loops` the values of the variables of its loops and of
    the sides of tensors.
    """

    index: int
    scope: str
    network: Network
    draft: Draft
    widths: dict[Port, Any] = field(default_factory=dict)
    loops: dict[Loop | Side, Any] = field(default_factory=dict)
    open_names: set[tuple[str, str]] = field(default_factory=set)

    def symbol(self, expression: syntax.Expression, frame: str, hint: str) -> Any:
        """The symbol of an expression evaluated in a frame. Raises `Untranslatable`."""
        match expression:
            case syntax.Number(value=value) | syntax.String(value=value) | syntax.Boolean(value=value):
                return value
            case syntax.Name(name=name):
                return self._name(name, frame, hint)
            case syntax.Attribute(value=tensor, name=extent):
                return self._extent(self.tensor(tensor, frame), extent)
            case syntax.Arithmetic(operator=operator, left=left, right=right):
                return _arithmetic(operator, self.symbol(left, frame, hint), self.symbol(right, frame, hint))
            case syntax.Negation(operand=operand):
                return -self.symbol(operand, frame, hint)
            case syntax.Conditional(then=then, condition=condition, otherwise=otherwise):
                return self.symbol(then if self._truth(condition, frame) else otherwise, frame, hint)
            case syntax.Comparison() | syntax.Junction():
                return self._truth(expression, frame)
            case syntax.Tuple(items=items):
                return tuple(self.symbol(item, frame, hint) for item in items)
            case syntax.List(items=items):
                return tuple(part for item in items for part in self._items(item, frame, hint))
            case syntax.Index(value=value, index=syntax.Number(value=int(index))):
                return self._element(self.symbol(value, frame, hint), index)
            case syntax.Call(function=syntax.Name(name=name), arguments=arguments):
                return _function(name, [self.symbol(a.value, frame, hint) for a in arguments])
        raise Untranslatable

    def given(self, expression: syntax.Expression | None, frame: str, hint: str, value: Any) -> Any:
        """The symbol of an argument whose value is known; the value itself where the text does not say it."""
        if isinstance(expression, syntax.Set):
            if not self.inside(frame):
                return value
            place, key = self.network.place(frame, self.scope), f"{expression.span.start}"
            return _named(value, self.draft.decision(self, place, key, hint, value))
        if expression is None:
            return value
        try:
            symbol = self.symbol(expression, frame, hint)
        except Untranslatable:
            return value
        return symbol if value_of(symbol) == value else value

    def _items(self, item: syntax.Expression, frame: str, hint: str) -> tuple[Any, ...]:
        if not isinstance(item, syntax.Range):
            return (self.symbol(item, frame, hint),)
        if item.stop is None:
            raise Untranslatable
        start, stop = (value_of(self.symbol(end, frame, hint)) for end in (item.start, item.stop))
        step = value_of(self.symbol(item.step, frame, hint)) if item.step is not None else 1
        values = (start + index * step for index in range(math.floor(Fraction(stop - start) / step) + 1))
        return tuple(number(value) for value in values)

    @staticmethod
    def _element(value: Any, index: int) -> Any:
        if isinstance(value, tuple):
            return value[index]
        raise Untranslatable

    def _truth(self, expression: syntax.Expression, frame: str) -> bool:
        match expression:
            case syntax.Comparison(operands=operands, operators=operators):
                values = [value_of(self.symbol(operand, frame, "")) for operand in operands]
                tests = zip(operators, values, values[1:], strict=False)
                return all(FUNCTIONS[operator](left, right) for operator, left, right in tests)
            case syntax.Junction(operator=operator, operands=parts):
                return (all if operator == "and" else any)(self._truth(part, frame) for part in parts)
        return bool(value_of(self.symbol(expression, frame, "")))

    # Names

    def find(self, name: str, frame: str) -> tuple[Scope, Bound] | None:
        """The binding of a name seen from a frame, and the scope that holds it."""
        step: str | None = frame
        while step is not None:
            scope = self.network.scope(step)
            for names in (scope.names, scope.arguments):
                if name in names and (step, name) not in self.open_names:
                    return scope, names[name]
            step = scope.frame
        return None

    def inside(self, scope: str) -> bool:
        """Whether a scope lies in this instance."""
        return any(step.id == self.scope for step in self.network.graph.ancestry(scope))

    def _name(self, name: str, frame: str, hint: str) -> Any:
        found = self.find(name, frame)
        if found is None:
            raise Untranslatable
        scope, bound = found
        value = self._value(bound)
        if not self.inside(scope.id):
            return value
        if scope.id == self.scope and name in scope.arguments and name not in scope.names:
            return _named(value, self.draft.arguments.get(name))
        return self._local(name, scope, bound, value, hint)

    def _local(self, name: str, scope: Scope, bound: Bound, value: Any, hint: str) -> Any:
        """A name bound inside the instance: by a decision, a loop, a statement, or a call of a dissolved block."""
        place = self.network.place(scope.id, self.scope)
        if scope.kind == "option" and bound.expression is None:
            return _named(value, self.draft.decision(self, place, name, name, value))
        if isinstance(bound.expression, syntax.Set):
            return _named(value, self.draft.decision(self, place, name, name, value))
        self.open_names.add((scope.id, name))
        try:
            symbol = self.symbol(bound.expression, bound.scope, name) if bound.expression is not None else value
        except Untranslatable:
            symbol = None
        finally:
            self.open_names.discard((scope.id, name))
        if symbol is not None and value_of(symbol) == value:
            return symbol
        if isinstance(symbol, tuple) and (parts := [part for part in symbol if value_of(part) == value]):
            return parts[0] if len(parts) == 1 else value
        if scope.kind == "turn":
            loop = Loop(place, name)
            self.loops[loop] = value
            return named(value, loop)
        return value

    def _value(self, bound: Bound) -> Any:
        try:
            value = self.network.value(bound.value)
        except KeyError as error:
            raise Untranslatable from error
        parts = value if isinstance(value, tuple) else (value,)
        if isinstance(value, Port) or not all(isinstance(part, (*SCALARS, tuple)) for part in parts):
            raise Untranslatable
        return value

    # Tensors

    def tensor(self, expression: syntax.Expression, frame: str) -> Port:
        """The tensor that a name or an element of a list stands for. Raises `Untranslatable`."""
        if isinstance(expression, syntax.Name):
            step: str | None = frame
            while step is not None:
                scope = self.network.scope(step)
                found = scope.names.get(expression.name) or scope.arguments.get(expression.name)
                if found is not None and isinstance(found.value, Port):
                    return found.value
                if isinstance(scope.definition, syntax.Block):
                    declared = [name.name for name in scope.definition.inputs]
                    if expression.name in declared:
                        return scope.inputs[declared.index(expression.name)]
                step = scope.frame
        raise Untranslatable

    def channels(self, port: Port) -> Any:
        """The width of a tensor, as a symbol where it is known in the class."""
        return self.widths[port] if port in self.widths else self.network.graph.shape(port).channels

    def shape(self, port: Port) -> Shape:
        """The shape of a tensor, its width as a symbol."""
        return self.network.graph.shape(port)._replace(channels=self.channels(port))

    def input_shapes(self, node: Node) -> tuple[Shape, ...]:
        """The shapes of what a node takes, widths as symbols."""
        return tuple(map(self.shape, node.inputs))

    def _extent(self, port: Port, extent: str) -> Any:
        if port.node not in self.network.graph.nodes:
            raise Untranslatable
        if extent == "channels":
            return self.channels(port)
        return getattr(self.network.graph.shape(port), extent)


def _named(value: Any, name: str | None) -> Any:
    return value if name is None else named(value, name)


def _arithmetic(operator: str, left: Any, right: Any) -> Any:
    if isinstance(left, tuple):
        return left + right if operator == "+" else left * int(right)
    if isinstance(left, str) or isinstance(right, (str, tuple)):
        raise Untranslatable
    operations: dict[str, Callable[[Any, Any], Any]] = {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a * (Fraction(1) / b) if isinstance(b, (int, Fraction)) else a / b,
    }
    return operations[operator](left, right)


def _function(name: str, arguments: list[Any]) -> Any:
    if name != "len" and any(isinstance(argument, tuple) for argument in arguments):
        raise Untranslatable
    match name, arguments:
        case "floor", [value]:
            return floor(value)
        case (("max" | "min"), [_, _]):
            return applied(name, *arguments)
        case "round_to", [_, _]:
            return applied(name, *arguments)
        case "ceil", [value] if not hasattr(value, "form"):
            return math.ceil(value)
        case "len", [tuple() as items]:
            return len(items)
    raise Untranslatable
