"""Adaptive pooling to a grid of a given size, for any extents of the input."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Self

from ssrdsl.operators.attributes import POSITIVES
from ssrdsl.operators.construction import Called, Construction, Operand, applied, compact
from ssrdsl.operators.definition import Operator, Scalar, Shape, attribute
from ssrdsl.operators.scalars import pair


@dataclass(frozen=True)
class _Grid(Operator):
    """Pooling to a grid of a given size, for any extents of the input."""

    spatial: ClassVar[bool] = True
    module: ClassVar[str]
    function: ClassVar[str]
    size: Scalar = attribute(takes=POSITIVES, positional=True)

    def complete(self, inputs: tuple[Shape, ...]) -> Self:
        """Make a pair."""
        return replace(self, size=pair(self.size))

    def shapes(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """The channels of the input, the extents of the grid."""
        return (Shape(inputs[0].channels, *pair(self.size)),)

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """The module, or the equivalent function."""
        size = compact(pair(self.size))
        return applied(Called(self.module, (size,)), Called(self.function, (Operand(0), size)))


class AdaptiveAvgpool(_Grid):
    """The means over the cells of a grid; `adaptive_avgpool(1)` is the mean over all positions."""

    name: ClassVar[str] = "adaptive_avgpool"
    module: ClassVar[str] = "nn.AdaptiveAvgPool2d"
    function: ClassVar[str] = "F.adaptive_avg_pool2d"


class AdaptiveMaxpool(_Grid):
    """The maxima over the cells of a grid."""

    name: ClassVar[str] = "adaptive_maxpool"
    module: ClassVar[str] = "nn.AdaptiveMaxPool2d"
    function: ClassVar[str] = "F.adaptive_max_pool2d"
