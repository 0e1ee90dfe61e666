"""Norms and dropout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from ssrdsl.operators.attributes import POSITIVE, between
from ssrdsl.operators.construction import Called, Construction, Operand, Self_, applied, decimal, keywords
from ssrdsl.operators.definition import Operator, Rule, Scalar, Shape, Vector, attribute, refusal
from ssrdsl.operators.scalars import is_decided

_SHARE = between(0, 1)


class _Norm(Operator):
    """The common base of norms."""

    def parameters(self, inputs: tuple[Shape, ...]) -> Scalar:
        """A scale and a shift for every channel."""
        return 2 * inputs[0].channels


@dataclass(frozen=True)
class Bn(_Norm):
    """Batch norm with a learned scale and shift for every channel."""

    name: ClassVar[str] = "bn"
    eps: Scalar = attribute(Fraction(1, 100_000), takes=_SHARE)
    momentum: Scalar = attribute(Fraction(1, 10), takes=_SHARE)

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`nn.BatchNorm2d`, or `nn.BatchNorm1d` after `linear`."""
        target = "nn.BatchNorm1d" if isinstance(inputs[0], Vector) else "nn.BatchNorm2d"
        named = keywords(("eps", self.eps, 1e-5), ("momentum", self.momentum, 0.1))
        return applied(Called(target, (inputs[0].channels,), named))


class _AcrossChannels(_Norm):
    """Norms over several channels: their means would include the zeros beyond a decided width."""

    def rules(self, inputs: tuple[Shape, ...]) -> Iterator[Rule]:
        """The number of channels is the same in every architecture."""
        yield from super().rules(inputs)
        if is_decided(inputs[0].channels):
            example = f"choose c in {{16, 32}} {{ conv(c, 3) -> {self.name}(...) }}"
            help = f"write `{example}`: each width has its own weights"
            yield refusal("E0502", f"the input channels of `{self.name}` depend on decisions", help)


@dataclass(frozen=True)
class GroupNorm(_AcrossChannels):
    """Norm over the positions and the channels of a group, with a learned scale and shift for every channel.

    Wu and He, ECCV 2018. `group_norm(1)` is the layer norm over channels and positions together.
    """

    name: ClassVar[str] = "group_norm"
    groups: Scalar = attribute(takes=POSITIVE, positional=True)
    eps: Scalar = attribute(Fraction(1, 100_000), takes=_SHARE)

    def rules(self, inputs: tuple[Shape, ...]) -> Iterator[Rule]:
        """Also: the groups divide the channels, and have at least two elements."""
        yield from super().rules(inputs)
        channels, height, width = inputs[0]
        text = "the groups of `group_norm` have a single element"
        yield Rule("E0201", "at least", channels * height * width, 2 * self.groups, text, "use fewer groups")
        help = "use a number of groups that divides the channels"
        yield Rule("E0204", "multiple", inputs[0].channels, self.groups, "groups do not divide the channels", help)

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`nn.GroupNorm`."""
        return applied(Called("nn.GroupNorm", (self.groups, inputs[0].channels), keywords(("eps", self.eps, 1e-5))))


@dataclass(frozen=True)
class LayerNorm(_AcrossChannels):
    """Norm over the channels at each position, with a learned scale and shift for every channel (ConvNeXt).

    `group_norm(1)` also averages over the positions.
    """

    name: ClassVar[str] = "layer_norm"
    eps: Scalar = attribute(Fraction(1, 100_000), takes=_SHARE)

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`nn.LayerNorm`, with the channels moved to the last dimension and back."""
        module = Called("nn.LayerNorm", (inputs[0].channels,), keywords(("eps", self.eps, 1e-5)))
        if isinstance(inputs[0], Vector):
            return applied(module)
        normed = Called("", (Self_(), Called(".permute", (Operand(0), 0, 2, 3, 1))))
        return Construction(module, Called(".permute", (normed, 0, 3, 1, 2)))


@dataclass(frozen=True)
class InstanceNorm(_Norm):
    """Norm over the positions of each channel, with a learned scale and shift for every channel."""

    name: ClassVar[str] = "instance_norm"
    spatial: ClassVar[bool] = True
    eps: Scalar = attribute(Fraction(1, 100_000), takes=_SHARE)

    def rules(self, inputs: tuple[Shape, ...]) -> Iterator[Rule]:
        """There are at least two positions."""
        yield from super().rules(inputs)
        positions = inputs[0].height * inputs[0].width
        help = "omit it if there is only one position"
        yield Rule("E0201", "at least", positions, 2, "`instance_norm` needs at least two positions", help)

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`nn.InstanceNorm2d`."""
        named = keywords(("eps", self.eps, 1e-5))
        return applied(Called("nn.InstanceNorm2d", (inputs[0].channels,), (*named, ("affine", True))))


@dataclass(frozen=True)
class _Dropping(Operator):
    """Their common base: a probability."""

    module: ClassVar[str]
    p: Scalar = attribute(takes=_SHARE, positional=True)

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """The module."""
        return applied(Called(self.module, (decimal(self.p),)))

    def is_neutral(self, inputs: tuple[Shape, ...]) -> bool:
        """Whether the probability is 0."""
        return bool(self.p == 0)


class Dropout(_Dropping):
    """Zeroes single elements with probability p in training, and scales up the others."""

    name: ClassVar[str] = "dropout"
    module: ClassVar[str] = "nn.Dropout"


class Dropout2d(_Dropping):
    """Zeroes whole channels with probability p in training, and scales up the others."""

    name: ClassVar[str] = "dropout2d"
    module: ClassVar[str] = "nn.Dropout2d"
    spatial: ClassVar[bool] = True
