"""Zeros of a given shape, for an empty sum. Not available in files; created by restriction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ssrdsl.operators.construction import Called, Construction, Operand
from ssrdsl.operators.definition import Operator, Scalar, Shape, Vector


@dataclass(frozen=True)
class Zeros(Operator):
    """Zeros of `channels` x `height` x `width`, with the batch size of the input; a vector has channels only."""

    name: ClassVar[str] = "zeros"
    reads_data: ClassVar[bool] = False
    channels: Scalar
    height: Scalar
    width: Scalar
    is_vector: bool = False

    @classmethod
    def of(cls, shape: Shape) -> Zeros:
        """Zeros of a shape."""
        return cls(*shape, is_vector=isinstance(shape, Vector))

    def shapes(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """The attributes."""
        kind = Vector if self.is_vector else Shape
        return (kind(self.channels, self.height, self.width),)

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`x.new_zeros(x.size(0), channels, height, width)`, of a vector `x.new_zeros(x.size(0), channels)`."""
        extents = (self.channels,) if self.is_vector else (self.channels, self.height, self.width)
        return Construction(None, Called(".new_zeros", (Operand(0), Called(".size", (Operand(0), 0)), *extents)))
