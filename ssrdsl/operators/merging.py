"""Operators that combine several tensors to one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from ssrdsl.operators.construction import Called, Construction, Infix, Listed, Operand
from ssrdsl.operators.definition import Operator, Rule, Shape, Vector, refusal
from ssrdsl.operators.rules import equal_channels, equal_extents
from ssrdsl.operators.scalars import is_one


class _Merging(Operator):
    """Their common base: any number of tensors; a single one is returned unchanged."""

    inputs: ClassVar[int | None] = None
    is_function: ClassVar[bool] = True

    def rules(self, inputs: tuple[Shape, ...]) -> Iterator[Rule]:
        """Either all tensors have height and width at run time, or none."""
        yield from super().rules(inputs)
        if len({isinstance(shape, Vector) for shape in inputs}) > 1:
            text = f"`{self.name}` combines a result of `linear` with a tensor that has height and width"
            yield refusal("E0207", text, "write `conv(c, 1)` instead of `linear(c)`")

    def is_neutral(self, inputs: tuple[Shape, ...]) -> bool:
        """Whether there is only one input."""
        return len(inputs) == 1


class Concat(_Merging):
    """Concatenates tensors along the channels."""

    name: ClassVar[str] = "concat"

    def shapes(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """The sum of the channels."""
        return (inputs[0]._replace(channels=sum(shape.channels for shape in inputs)),)

    def rules(self, inputs: tuple[Shape, ...]) -> Iterator[Rule]:
        """Equal heights and widths."""
        yield from super().rules(inputs)
        for other in inputs[1:]:
            yield from equal_extents(inputs[0], other)

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`torch.cat` along the channels."""
        return Construction(None, Called("torch.cat", (Listed(_operands(inputs)),), (("dim", 1),)))


class _Broadcasting(_Merging):
    """Elementwise; C x 1 x 1 and 1 x H x W are broadcast to C x H x W."""

    sign: ClassVar[str]

    def shapes(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """The shape of the tensors that are not broadcast."""
        return (inputs[_widest(inputs)],)

    def rules(self, inputs: tuple[Shape, ...]) -> Iterator[Rule]:
        """Equal shapes, or one of the two ways to broadcast."""
        yield from super().rules(inputs)
        widest = _widest(inputs)
        for index, shape in enumerate(inputs):
            if index != widest:
                pair = (inputs[widest], shape) if widest < index else (shape, inputs[widest])
                yield from _agreement(*pair, full=inputs[widest], part=shape)

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """The Python operator."""
        return Construction(None, Infix(self.sign, _operands(inputs)))


def _operands(inputs: tuple[Shape, ...]) -> tuple[Operand, ...]:
    return tuple(map(Operand, range(len(inputs))))


def _lacks_extents(shape: Shape) -> bool:
    return is_one(shape.height) and is_one(shape.width)


def _widest(inputs: tuple[Shape, ...]) -> int:
    """The first tensor that no other one exceeds in channels or extents, as far as ones show."""
    for lacks in ((_lacks_extents, _lacks_channels), (_lacks_extents,), (_lacks_channels,)):
        for index, shape in enumerate(inputs):
            if not any(lack(shape) for lack in lacks):
                return index
    return 0


def _lacks_channels(shape: Shape) -> bool:
    return is_one(shape.channels)


def _agreement(left: Shape, right: Shape, full: Shape, part: Shape) -> Iterator[Rule]:
    if _lacks_extents(part) and not _lacks_extents(full):
        yield equal_channels(left, right)
        return
    if not (_lacks_channels(part) and not _lacks_channels(full)):
        yield equal_channels(left, right)
    yield from equal_extents(left, right)


class Add(_Broadcasting):
    """The sum of tensors."""

    name: ClassVar[str] = "add"
    sign: ClassVar[str] = "+"


class Mul(_Broadcasting):
    """The elementwise product of tensors."""

    name: ClassVar[str] = "mul"
    sign: ClassVar[str] = "*"
