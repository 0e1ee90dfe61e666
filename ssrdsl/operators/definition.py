"""What an operator is: signature, shape rule, cost and construction, in one place.

An operator is a frozen dataclass; its fields are the attributes of the language. (Here, a class that adds none goes
without the decorator; those of other packages are asked for it.) All arithmetic on attributes and extents is generic: a
number may be a Python number, an expression over decisions (`ssrdsl.space.expressions`) or a symbol with a text
(emission). Rules therefore use `+ - * //` only, and compare only what can never be decided; `==` on decided expressions
means "known to be equal".
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import MISSING, Field, dataclass, field, fields
from functools import cache
from typing import Any, ClassVar, NamedTuple, Self, TypeAlias

from ssrdsl.operators.attributes import AttributeFault, Takes
from ssrdsl.operators.construction import Construction

Scalar: TypeAlias = Any
"""An int, Fraction, bool or str, or a decided expression or symbol that behaves like one under arithmetic."""


class Shape(NamedTuple):
    """The extents of a tensor without its batch dimension."""

    channels: Scalar
    height: Scalar
    width: Scalar


class Vector(Shape):
    """The shape of a tensor (batch, channels) without height and width at run time: what `linear` gives.

    Height and width are 1. Only operators that are not `spatial` take it.
    """

    __slots__ = ()


class Indices(Shape):
    """The shape of the positions that `maxpool_indices` gives: whole numbers, which only `unpool` takes."""

    __slots__ = ()


class Rule(NamedTuple):
    """A fact that must hold in every architecture: `left relation right`.

    `relation` is `equal`, `at least` (left >= right), `multiple` (left % right == 0) or `integer` (right unused).
    `code` and `text` make the diagnostic when it does not hold; `help` says what to write instead.
    """

    code: str
    relation: str
    left: Scalar
    right: Scalar
    text: str
    help: str | None = None


def refusal(code: str, text: str, help: str | None = None) -> Rule:
    """A rule that holds in no architecture."""
    return Rule(code, "equal", 0, 1, text, help)


DIMENSIONS = ("channel", "kernel", "dilation", "input")
"""The dimensions of sets that may stand for attributes: their options share the weights of one operator."""


def attribute(
    default: Any = MISSING,
    *,
    takes: Takes | None = None,
    dimension: str | None = None,
    positional: bool = False,
    alternative: bool = False,
) -> Any:
    """A field of an operator.

    `takes` says which plain values it accepts; `dimension` names the dimension of a set that stands here (None: a set
    cannot stand here, weights would not be shared); `positional` admits the argument by position;
    `alternative` tells that another attribute may be given in its place.
    """
    if dimension not in {None, *DIMENSIONS}:
        raise ValueError(f"there is no dimension {dimension!r} of attributes, but {', '.join(DIMENSIONS)}")
    metadata = {"takes": takes, "dimension": dimension, "positional": positional, "alternative": alternative}
    return field(default=default, metadata=metadata) if default is not MISSING else field(metadata=metadata)


def remembered(default: Any) -> Any:
    """A field that `complete` fills and that is no attribute of the language."""
    return field(default=default, repr=False, metadata={"remembered": True})


@cache
def _taken(operator: type[Operator]) -> tuple[tuple[str, Any, Takes], ...]:
    """Name, default and admitted values of the attributes that are checked."""
    checked = ((item, item.metadata.get("takes")) for item in operator.signature())
    return tuple((item.name, item.default, takes) for item, takes in checked if takes is not None)


@dataclass(frozen=True)
class Operator:
    """A primitive operator with its attributes. Raises `AttributeFault` for a value that an attribute cannot have."""

    name: ClassVar[str]
    inputs: ClassVar[int | None] = 1
    """Number of tensors that it takes; None for any number from one on."""
    results: ClassVar[int] = 1
    takes_like: ClassVar[str | None] = None
    """The attribute that may be a tensor of which the shape alone is read (`resize`, `match`), if there is one. The
    attribute then is that `Shape`, and `Extent(inputs)` in a construction is the tensor's extent at run time."""
    is_function: ClassVar[bool] = False
    """Whether calls take the tensors first, `concat(a, b)`; given layers only, such a call makes a layer."""
    counts_in: ClassVar[int | None] = None
    """The input in which the positions that it gives (`Indices`) count, if it gives any."""
    reads_data: ClassVar[bool] = True
    """Whether the result depends on the numbers in its inputs; else on their shape alone, and nobody computes them."""
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
        """Fills in automatic values (padding), given the shapes of the inputs. Pairs are made of single numbers."""
        return self

    def detached(self) -> Self:
        """The operator with the numbers of its `takes_like` tensor in place of the tensor, where that is not alive."""
        return self

    def shapes(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """The shapes of the results; by default that of the first input."""
        return (inputs[0],)

    def rules(self, inputs: tuple[Shape, ...]) -> Iterator[Rule]:
        """The facts that must hold in every architecture; by default those about the kinds of the inputs."""
        for shape in inputs:
            if isinstance(shape, Indices):
                yield refusal(
                    "E0207", f"`{self.name}` takes no indices", "only `unpool` reads what is left of a maximum"
                )
            elif self.spatial and isinstance(shape, Vector):
                yield refusal(
                    "E0207",
                    f"`{self.name}` needs height and width, which the result of `linear` has not",
                    "write `conv(c, 1)` in place of `linear(c)`",
                )

    def macs(self, inputs: tuple[Shape, ...]) -> Scalar:
        """Multiply-accumulate operations of one image: convolutions and linear layers, biases not counted."""
        return 0

    def parameters(self, inputs: tuple[Shape, ...]) -> Scalar:
        """Trainable numbers."""
        return 0

    def elements(self, inputs: tuple[Shape, ...]) -> Scalar:
        """Numbers in the results for one image; times the size of one, these are the bytes of the activations."""
        total: Scalar = 0
        for shape in self.shapes(inputs):
            total += shape.channels * shape.height * shape.width
        return total

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """How the operator is made with torch."""
        raise NotImplementedError

    def is_neutral(self, inputs: tuple[Shape, ...]) -> bool:
        """Whether the operator, in every architecture, gives its first input unchanged."""
        return False


def application(operator: Operator, inputs: tuple[Shape, ...]) -> Hashable:
    """What is the same for two applications of an operator of which all the same can be said.

    Shapes of different kinds may be equal as tuples, so their kinds count too.
    """
    return (operator, inputs, *map(type, inputs))
