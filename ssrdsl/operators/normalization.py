"""Batch norm and dropout."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from ssrdsl.operators.attributes import between
from ssrdsl.operators.construction import Call, Construction, applied, decimal, keywords
from ssrdsl.operators.definition import Operator, Scalar, Shape, Vector, attribute

_SHARE = between(0, 1)


@dataclass(frozen=True)
class Bn(Operator):
    """Batch norm with a learned scale and shift for every channel."""

    name: ClassVar[str] = "bn"
    eps: Scalar = attribute(Fraction(1, 100_000), takes=_SHARE)
    momentum: Scalar = attribute(Fraction(1, 10), takes=_SHARE)

    def parameters(self, inputs: tuple[Shape, ...]) -> Scalar:
        """A scale and a shift for every channel."""
        return 2 * inputs[0].channels

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`nn.BatchNorm2d`, or `nn.BatchNorm1d` after `linear`."""
        target = "nn.BatchNorm1d" if isinstance(inputs[0], Vector) else "nn.BatchNorm2d"
        named = keywords(("eps", self.eps, 1e-5), ("momentum", self.momentum, 0.1))
        return applied(Call(target, (inputs[0].channels,), named))


@dataclass(frozen=True)
class _Dropping(Operator):
    """What both share: a probability."""

    module: ClassVar[str]
    p: Scalar = attribute(takes=_SHARE, positional=True)

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """The module."""
        return applied(Call(self.module, (decimal(self.p),)))

    def is_neutral(self, inputs: tuple[Shape, ...]) -> bool:
        """With probability 0."""
        return bool(self.p == 0)


@dataclass(frozen=True)
class Dropout(_Dropping):
    """Zeroes single numbers with probability p in training, and scales the others up."""

    name: ClassVar[str] = "dropout"
    module: ClassVar[str] = "nn.Dropout"


@dataclass(frozen=True)
class Dropout2d(_Dropping):
    """Zeroes whole channels with probability p in training, and scales the others up."""

    name: ClassVar[str] = "dropout2d"
    module: ClassVar[str] = "nn.Dropout2d"
    spatial: ClassVar[bool] = True
