"""The base class of operators: signature, shape rule, cost and construction, in one place.

An operator is a frozen dataclass; its fields are the attributes of the language. (In this package a class without new
fields omits the decorator; operators of other packages require it.) All arithmetic on attributes and extents is
generic: a number may be a Python number, an expression over decisions (`ssrdsl.space.expressions`) or a symbol with a
text (emission). Rules therefore use `+ - * //` only, and compare only values that are never decided; `==` on decided
expressions means "known to be equal".
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import MISSING, Field, dataclass, field, fields
from functools import cache
from typing import Any, ClassVar, NamedTuple, Self, TypeAlias

from ssrdsl.operators.attributes import AttributeFault, Takes
from ssrdsl.operators.construction import Construction

Scalar: TypeAlias = Any
"""An int, Fraction, bool or str, or a decided expression or symbol that supports the same arithmetic."""


class Shape(NamedTuple):
    """The extents of a tensor without its batch dimension."""

    channels: Scalar
    height: Scalar
    width: Scalar


class Vector(Shape):
    """The shape of a tensor (batch, channels) without height and width at run time: the result of `linear`.

    Height and width are 1. Only operators that are not `spatial` accept it.
    """

    __slots__ = ()


class Indices(Shape):
    """The shape of the positions returned by `maxpool_indices`: integers, which only `unpool` accepts."""

    __slots__ = ()


class Rule(NamedTuple):
    """A fact that must hold in every architecture: `left relation right`.

    `relation` is `equal`, `at least` (left >= right), `multiple` (left % right == 0) or `integer` (right unused).
    `code`, `text` and `help` are those of the diagnostic if it does not hold.
    """

    code: str
    relation: str
    left: Scalar
    right: Scalar
    text: str
    help: str | None = None


def refusal(code: str, text: str, help: str | None = None) -> Rule:
    """A rule that never holds."""
    return Rule(code, "equal", 0, 1, text, help)


DIMENSIONS = ("channel", "kernel", "dilation", "input")
"""The dimensions of sets that can be attributes: their options share the weights of one operator."""


def attribute(
    default: Any = MISSING,
    *,
    takes: Takes | None = None,
    dimension: str | None = None,
    positional: bool = False,
    alternative: bool = False,
) -> Any:
    """A field of an operator.

    `takes` are the plain values that it accepts; `dimension` is the dimension of a set as its value (None: sets are
    not allowed, since weights could not be shared); `positional` allows the argument by position; `alternative`:
    another attribute can be given instead.
    """
    if dimension not in {None, *DIMENSIONS}:
        raise ValueError(f"unknown dimension {dimension!r} of an attribute; known: {', '.join(DIMENSIONS)}")
    metadata = {"takes": takes, "dimension": dimension, "positional": positional, "alternative": alternative}
    return field(default=default, metadata=metadata) if default is not MISSING else field(metadata=metadata)


def remembered(default: Any) -> Any:
    """A field that `complete` fills and that is not an attribute of the language."""
    return field(default=default, repr=False, metadata={"remembered": True})


@cache
def _taken(operator: type[Operator]) -> tuple[tuple[str, Any, Takes], ...]:
    """Name, default and accepted values of the attributes that are checked."""
    checked = ((item, item.metadata.get("takes")) for item in operator.signature())
    return tuple((item.name, item.default, takes) for item, takes in checked if takes is not None)


@dataclass(frozen=True)
class Operator:
    """A primitive operator with its attributes. Raises `AttributeFault` for an invalid value of an attribute."""

    name: ClassVar[str]
    inputs: ClassVar[int | None] = 1
    """The number of input tensors; None for any number of at least one."""
    results: ClassVar[int] = 1
    takes_like: ClassVar[str | None] = None
    """The attribute that may be a tensor of which the shape alone is read (`resize`, `match`), if there is one. The
    attribute then is that `Shape`, and `Extent(inputs)` in a construction is the tensor's extent at run time."""
    is_function: ClassVar[bool] = False
    """Whether calls take tensors as arguments, `concat(a, b)`; with layers as arguments, such a call makes a layer."""
    counts_in: ClassVar[int | None] = None
    """The input that its positions (`Indices`) refer to, if it returns any."""
    reads_data: ClassVar[bool] = True
    """Whether the result depends on the values of its inputs; else only on their shapes, and they are not computed."""
    spatial: ClassVar[bool] = False
    """Whether the inputs must have height and width at run time."""

    def __post_init__(self) -> None:
        for name, default, takes in _taken(type(self)):  # type: ignore[arg-type]
            value = getattr(self, name)
            if value is not default and not takes.admits(value):
                raise AttributeFault(self.name, name, takes.text, value)

    @classmethod
    def signature(cls) -> tuple[Field[Any], ...]:
        """The attributes in order, as dataclass fields with `dimension` and `positional` in their metadata."""
        return tuple(item for item in fields(cls) if not item.metadata.get("remembered"))

    def complete(self, inputs: tuple[Shape, ...]) -> Self:
        """Fill in automatic values (padding) from the shapes of the inputs, and expand single numbers to pairs."""
        return self

    def detached(self) -> Self:
        """The operator with the numbers of its `takes_like` tensor in place of the tensor, if that is not alive."""
        return self

    def shapes(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """The shapes of the results; by default that of the first input."""
        return (inputs[0],)

    def rules(self, inputs: tuple[Shape, ...]) -> Iterator[Rule]:
        """The facts that must hold in every architecture; by default those about the types of the inputs."""
        for shape in inputs:
            if isinstance(shape, Indices):
                help = "only `unpool` takes positions of maxima"
                yield refusal("E0207", f"`{self.name}` cannot be applied to indices", help)
            elif self.spatial and isinstance(shape, Vector):
                text = f"`{self.name}` needs height and width, which the result of `linear` does not have"
                yield refusal("E0207", text, "write `conv(c, 1)` instead of `linear(c)`")

    def macs(self, inputs: tuple[Shape, ...]) -> Scalar:
        """Multiply-accumulate operations for one image: convolutions and linear layers, without biases."""
        return 0

    def parameters(self, inputs: tuple[Shape, ...]) -> Scalar:
        """Trainable numbers."""
        return 0

    def elements(self, inputs: tuple[Shape, ...]) -> Scalar:
        """Number of elements of the results for one image; times the element size, the bytes of activations."""
        return sum(shape.channels * shape.height * shape.width for shape in self.shapes(inputs))

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """The construction of the operator in torch."""
        raise NotImplementedError

    def is_neutral(self, inputs: tuple[Shape, ...]) -> bool:
        """Whether the operator returns its first input unchanged in every architecture."""
        return False


def application(operator: Operator, inputs: tuple[Shape, ...]) -> Hashable:
    """A key that is equal for two applications of an operator with the same properties.

    Shapes of different types may be equal as tuples, so the key includes their types.
    """
    return (operator, inputs, *map(type, inputs))
