"""Changes of extent without weights: interpolation and pixel shuffle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, ClassVar, Self

from ssrdsl.operators.attributes import ABOVE_ZERO, FLAG, POSITIVE, AttributeFault, Takes, is_number, one_of
from ssrdsl.operators.construction import Called, Construction, Extent, Operand, applied, compact, decimal
from ssrdsl.operators.definition import Operator, Rule, Scalar, Shape, Vector, attribute, refusal
from ssrdsl.operators.rules import positive_extents, wholes
from ssrdsl.operators.scalars import Pair, is_one, pair, ratio

_ALIGNING = ("bilinear", "bicubic")


def _is_target(value: Any) -> bool:
    return isinstance(value, Shape) or (isinstance(value, tuple) and len(value) == 2 and all(map(is_number, value)))


@dataclass(frozen=True)
class Resize(Operator):
    """Interpolation to the height and width of a tensor, to a pair (height, width), or by a factor `scale`."""

    name: ClassVar[str] = "resize"
    spatial: ClassVar[bool] = True
    takes_like: ClassVar[str | None] = "target"
    target: Any = attribute(
        None,
        takes=Takes("a tensor or a pair (height, width)", _is_target),
        dimension="input",
        positional=True,
        alternative=True,
    )
    scale: Scalar = attribute(None, takes=ABOVE_ZERO, alternative=True)
    mode: str = attribute("bilinear", takes=one_of("bilinear", "nearest", "nearest-exact", "bicubic", "area"))
    align_corners: bool = attribute(False, takes=FLAG)

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.target is None) == (self.scale is None):
            given = "nothing" if self.scale is None else "both"
            raise AttributeFault(self.name, "target", "either a tensor or pair, or `scale=` alone", given)
        if self.align_corners and self.mode not in _ALIGNING:
            raise AttributeFault(self.name, "align_corners", f'false if the mode is "{self.mode}"', True)

    def complete(self, inputs: tuple[Shape, ...]) -> Self:
        """Expand the factor to a pair."""
        return self if self.scale is None else replace(self, scale=pair(self.scale))

    def detached(self) -> Self:
        """The operator with the extents in place of the tensor."""
        return replace(self, target=self._extents()) if isinstance(self.target, Shape) else self

    def _extents(self) -> Pair:
        return (self.target.height, self.target.width) if isinstance(self.target, Shape) else self.target

    def shapes(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """The channels of the input; the given extents, rounded down."""
        channels, height, width = inputs[0]
        if self.scale is None:
            return (Shape(channels, *self._extents()),)
        vertical, horizontal = pair(self.scale)
        return (Shape(channels, height * vertical // 1, width * horizontal // 1),)

    def rules(self, inputs: tuple[Shape, ...]) -> Iterator[Rule]:
        """Positive integer extents."""
        yield from super().rules(inputs)
        if isinstance(self.target, Vector):
            yield refusal("E0207", "the target of `resize` has no height and width", "use a tensor before `linear`")
        elif self.target is not None:
            yield from wholes("the height or width is", self._extents())
        else:
            yield from positive_extents(self.shapes(inputs)[0], "use a larger factor")

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`F.interpolate` for the extent of a tensor, else `nn.Upsample` or that function."""
        if isinstance(self.target, Shape):
            return Construction(None, self._call((("size", Extent(len(inputs))),)))
        size = (("size", self.target),)
        if self.scale is not None:
            exact = all(map(_is_exact, pair(self.scale)))
            factor = compact((decimal(pair(self.scale)[0]), decimal(pair(self.scale)[1])))
            size = (("scale_factor", factor),) if exact else (("size", tuple(self.shapes(inputs)[0][1:])),)
        return applied(Called("nn.Upsample", (), self._named(size)), self._call(size))

    def _call(self, size: tuple[tuple[str, Any], ...]) -> Called:
        return Called("F.interpolate", (Operand(0),), self._named(size))

    def _named(self, size: tuple[tuple[str, Any], ...]) -> tuple[tuple[str, Any], ...]:
        aligned = (("align_corners", self.align_corners),) if self.mode in _ALIGNING else ()
        return (*size, ("mode", self.mode), *aligned)

    def is_neutral(self, inputs: tuple[Shape, ...]) -> bool:
        """Whether the factor is 1."""
        return self.scale is not None and all(map(is_one, pair(self.scale)))


def _is_exact(factor: Scalar) -> bool:
    """Whether the factor is exact as a float; otherwise rounding down in torch could lose a position."""
    return not isinstance(factor, Fraction) or Fraction(float(factor)) == factor


@dataclass(frozen=True)
class PixelShuffle(Operator):
    """Rearranges factor * factor channels into as many positions (sub-pixel convolution)."""

    name: ClassVar[str] = "pixel_shuffle"
    spatial: ClassVar[bool] = True
    factor: Scalar = attribute(takes=POSITIVE, positional=True)

    def shapes(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """Channels divided by the squared factor, extents multiplied by it."""
        channels, height, width = inputs[0]
        factor = self.factor
        return (Shape(ratio(channels, factor * factor), height * factor, width * factor),)

    def rules(self, inputs: tuple[Shape, ...]) -> Iterator[Rule]:
        """The squared factor divides the channels."""
        yield from super().rules(inputs)
        square = self.factor * self.factor
        text = "the squared factor does not divide the channels"
        help = f"use a multiple of {square} channels, for instance `conv({square} * c, 1)`"
        yield Rule("E0204", "multiple", inputs[0].channels, square, text, help)

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`nn.PixelShuffle`, or the equivalent function."""
        return applied(Called("nn.PixelShuffle", (self.factor,)), Called("F.pixel_shuffle", (Operand(0), self.factor)))

    def is_neutral(self, inputs: tuple[Shape, ...]) -> bool:
        """Whether the factor is 1."""
        return is_one(self.factor)
