"""The values of expressions of the language: scalars, tensors, layers, lists and tuples.

Scalars are those of `ssrdsl.space.expressions`, tensors are `Port`s, lists and tuples are Python's. The classes here
are the values that can be applied or called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias

from ssrdsl.language import syntax
from ssrdsl.operators.definition import Operator
from ssrdsl.space.binding.kinds import FunctionKind, KindOf, OperatorKind
from ssrdsl.space.elaborate.builder import Place
from ssrdsl.space.expressions import Decided
from ssrdsl.space.graph import Port

Value: TypeAlias = Any
Tensors: TypeAlias = tuple[Port, ...]
"""The inputs and results of a layer."""


class Environment(NamedTuple):
    """The names visible to an expression: local ones, then those of its file.

    Environments are immutable; a layer keeps the one of its definition. `frame` is the scope that records the local
    names; `library` is true for expressions of the prelude.
    """

    file: Mapping[str, Value]
    frame: str
    library: bool = False
    local: Mapping[str, Value] = {}

    def get(self, name: str) -> Value | None:
        """The value of a name, None if it is not bound."""
        return self.local.get(name, self.file.get(name))

    def kind(self, name: str) -> KindOf | FunctionKind | OperatorKind:
        """The kind of a name."""
        value = self.get(name)
        if isinstance(value, OperatorValue):
            return OperatorKind(value.operator)
        if isinstance(value, Builtin):
            return FunctionKind(value.result)
        return "unknown" if value is None else kind_of_value(value)

    def bind(self, names: Mapping[str, Value]) -> Environment:
        """The environment with additional local names."""
        return Environment(self.file, self.frame, self.library, {**self.local, **names})

    def inside(self, frame: str) -> Environment:
        """The environment with its names recorded in another scope."""
        return Environment(self.file, frame, self.library, self.local)


@dataclass(frozen=True, slots=True)
class LayerValue:
    """A layer: an expression and its environment, evaluated again at each application.

    `tie` is the decision path of a tied layer; `label` is the name that it was bound to. `home` is the place from which
    it was passed to a tied block: its decisions belong to that place and are not tied by the block.
    """

    expression: syntax.Expression
    environment: Environment
    label: str | None = None
    tie: str | None = None
    home: Place | None = None


@dataclass(frozen=True, slots=True)
class BlockValue:
    """A block with the environment of its definition; `tie` as for layers."""

    definition: syntax.Block
    environment: Environment
    tie: str | None = None


@dataclass(frozen=True, slots=True)
class OperatorValue:
    """A primitive operator."""

    operator: type[Operator]


@dataclass(frozen=True, slots=True)
class PickedLayer:
    """One of several layers, selected by a decided index: `layers[o]`."""

    position: Decided
    layers: tuple[Value, ...]
    expression: syntax.Expression


@dataclass(frozen=True, slots=True)
class Builtin:
    """A function of the language; `result` is the kind of its results."""

    name: str
    result: str
    function: Callable[..., Value]


class NoValue(Enum):
    """The reasons why a name has no value."""

    AMBIGUOUS = auto()
    """It is defined differently in two imported files."""
    ERROR = auto()
    """There was an error in its definition; its uses are not reported."""


_KINDS: dict[type, KindOf] = {
    Port: "tensor",
    **dict.fromkeys((LayerValue, BlockValue, OperatorValue, PickedLayer, Builtin), "layer"),
    NoValue: "unknown",
}


def kind_of_value(value: Value) -> KindOf:
    """The kind of a value, as in `ssrdsl.space.binding.kinds`."""
    if type(value) is list:
        return ("list", (kind_of_value(value[0]) if value else "unknown",))
    if type(value) is tuple:
        return ("tuple", tuple(map(kind_of_value, value)))
    return _KINDS.get(type(value), "scalar")


_WORDS: dict[type, str] = {
    Port: "a tensor",
    list: "a list",
    tuple: "a tuple",
    bool: "a boolean",
    str: "a string",
    int: "a number",
    Fraction: "a number",
    **dict.fromkeys((LayerValue, BlockValue, OperatorValue, PickedLayer), "a layer"),
}


def described(value: Value) -> str:
    """A description of a value, for messages."""
    return f"the function `{value.name}`" if isinstance(value, Builtin) else _WORDS.get(type(value), "a scalar")
