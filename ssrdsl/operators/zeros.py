"""Zeros of a given shape: what is left of a sum of no tensors. No file can name it; restriction makes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ssrdsl.operators.construction import Call, Construction, Operand
from ssrdsl.operators.definition import Operator, Scalar, Shape


@dataclass(frozen=True)
class Zeros(Operator):
    """Zeros of `channels` x `height` x `width`, as many images of them as its input has."""

    name: ClassVar[str] = "zeros"
    channels: Scalar
    height: Scalar
    width: Scalar

    def shapes(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """The attributes."""
        return (Shape(self.channels, self.height, self.width),)

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`x.new_zeros((x.size(0), channels, height, width))`."""
        size = (Call(".size", (Operand(0), 0)), self.channels, self.height, self.width)
        return Construction(None, Call(".new_zeros", (Operand(0), size)))
