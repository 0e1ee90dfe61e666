"""Operators that cut, pad or move values without arithmetic: channels, borders and shifts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from ssrdsl.operators.attributes import NOT_NEGATIVE, POSITIVE, WHOLE, Takes, one_of
from ssrdsl.operators.construction import Called, Construction, Operand, applied, compact, keywords
from ssrdsl.operators.definition import Operator, Rule, Scalar, Shape, Vector, attribute, refusal
from ssrdsl.operators.rules import positive_extents
from ssrdsl.operators.scalars import is_decided, is_one, pair


@dataclass(frozen=True)
class Match(Operator):
    """Cuts or zero-pads the channels of a tensor to those of another: `match(x, like)`."""

    name: ClassVar[str] = "match"
    takes_like: ClassVar[str | None] = "like"
    is_function: ClassVar[bool] = True
    like: Shape = attribute(takes=Takes("a tensor", lambda value: isinstance(value, Shape)), positional=True)

    def shapes(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """The channels of the other tensor, the extents of this one."""
        return (inputs[0]._replace(channels=self.like.channels),)

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`F.pad` after the last channel; a negative amount cuts."""
        missing = self.like.channels - inputs[0].channels
        positions = () if isinstance(inputs[0], Vector) else (0, 0, 0, 0)
        return Construction(None, Called("F.pad", (Operand(0), (*positions, 0, missing))))

    def is_neutral(self, inputs: tuple[Shape, ...]) -> bool:
        """Whether the channels are known to be equal."""
        return bool(inputs[0].channels == self.like.channels)


@dataclass(frozen=True)
class ChannelShuffle(Operator):
    """Interleaves the channels of the groups, so that information passes between grouped convolutions (ShuffleNet)."""

    name: ClassVar[str] = "channel_shuffle"
    spatial: ClassVar[bool] = True
    groups: Scalar = attribute(takes=POSITIVE, positional=True)

    def rules(self, inputs: tuple[Shape, ...]) -> Iterator[Rule]:
        """The groups divide the number of channels, which is the same in every architecture."""
        yield from super().rules(inputs)
        channels = inputs[0].channels
        if is_decided(channels):
            help = "shuffled channels cannot share weights between widths; use a fixed number of channels"
            yield refusal("E0502", "the input channels of `channel_shuffle` depend on decisions", help)
        help = "use a number of groups that divides the channels"
        yield Rule("E0204", "multiple", channels, self.groups, "groups do not divide the channels", help)

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`nn.ChannelShuffle`, or the equivalent function."""
        function = Called("F.channel_shuffle", (Operand(0), self.groups))
        return applied(Called("nn.ChannelShuffle", (self.groups,)), function)

    def is_neutral(self, inputs: tuple[Shape, ...]) -> bool:
        """Whether there is only one group."""
        return is_one(self.groups)


def _is_border(value: Any) -> bool:
    if isinstance(value, tuple) and len(value) == 4:
        return NOT_NEGATIVE.admits(value[:2]) and NOT_NEGATIVE.admits(value[2:])
    return NOT_NEGATIVE.admits(value)


_BORDER = Takes("an integer of at least 0, a pair or four of them", _is_border)


def _border(value: Any) -> tuple[Scalar, Scalar, Scalar, Scalar]:
    if isinstance(value, tuple) and len(value) == 4:
        return value
    vertical, horizontal = pair(value)
    return vertical, vertical, horizontal, horizontal


@dataclass(frozen=True)
class _Bordering(Operator):
    """The common base of padding and cropping: the rows and columns at the four sides."""

    spatial: ClassVar[bool] = True
    border: Any = attribute(takes=_BORDER, positional=True)

    def complete(self, inputs: tuple[Shape, ...]) -> Self:
        """Expand the border to four numbers."""
        return replace(self, border=_border(self.border))

    def is_neutral(self, inputs: tuple[Shape, ...]) -> bool:
        """Whether the border is empty."""
        return all(side == 0 for side in _border(self.border))


@dataclass(frozen=True)
class Pad(_Bordering):
    """Rows and columns around a tensor: `pad(1)`, `pad((1, 2))`, `pad((top, bottom, left, right))`."""

    name: ClassVar[str] = "pad"
    mode: str = attribute("constant", takes=one_of("constant", "reflect", "replicate"))

    def shapes(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """Extents with the border added."""
        top, bottom, left, right = _border(self.border)
        channels, height, width = inputs[0]
        return (Shape(channels, height + top + bottom, width + left + right),)

    def rules(self, inputs: tuple[Shape, ...]) -> Iterator[Rule]:
        """A reflected border is narrower than the tensor."""
        yield from super().rules(inputs)
        if self.mode == "reflect":
            top, bottom, left, right = _border(self.border)
            text, help = "a reflected border must be narrower than the tensor", "use a narrower border"
            for extent, side in zip(inputs[0][1:], (max(top, bottom), max(left, right)), strict=True):
                yield Rule("E0201", "at least", extent, side + 1, text, help)

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """A padding module, or `F.pad`."""
        top, bottom, left, right = _border(self.border)
        sides = (left, right, top, bottom)
        modules = {"reflect": "nn.ReflectionPad2d", "replicate": "nn.ReplicationPad2d"}
        module = Called(modules.get(self.mode, "nn.ZeroPad2d"), (compact(sides),))
        return applied(module, Called("F.pad", (Operand(0), sides), keywords(("mode", self.mode, "constant"))))


@dataclass(frozen=True)
class Crop(_Bordering):
    """Cuts rows and columns off: `crop(1)`, `crop((1, 2))`, `crop((top, bottom, left, right))`."""

    name: ClassVar[str] = "crop"

    def shapes(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """Extents without the border."""
        top, bottom, left, right = _border(self.border)
        channels, height, width = inputs[0]
        return (Shape(channels, height - top - bottom, width - left - right),)

    def rules(self, inputs: tuple[Shape, ...]) -> Iterator[Rule]:
        """The result is not empty."""
        yield from super().rules(inputs)
        yield from positive_extents(self.shapes(inputs)[0], "crop less")

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`F.pad` with negative amounts, or the equivalent module."""
        top, bottom, left, right = _border(self.border)
        sides = tuple(-side for side in (left, right, top, bottom))
        return applied(Called("nn.ZeroPad2d", (compact(sides),)), Called("F.pad", (Operand(0), sides)))


@dataclass(frozen=True)
class Shift(Operator):
    """Shifts the image up and left by a number of positions, and fills with zeros."""

    name: ClassVar[str] = "shift"
    spatial: ClassVar[bool] = True
    by: Scalar = attribute(takes=WHOLE, positional=True)

    def rules(self, inputs: tuple[Shape, ...]) -> Iterator[Rule]:
        """A part of the image remains."""
        yield from super().rules(inputs)
        text = "the shift is at least as large as the image"
        for extent in inputs[0][1:]:
            yield Rule("E0201", "at least", extent, abs(self.by) + 1, text, "shift by less")

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`F.pad`, negative on one side, or the equivalent module."""
        sides = (-self.by, self.by, -self.by, self.by)
        return applied(Called("nn.ZeroPad2d", (sides,)), Called("F.pad", (Operand(0), sides)))

    def is_neutral(self, inputs: tuple[Shape, ...]) -> bool:
        """Whether the shift is zero."""
        return bool(self.by == 0)
