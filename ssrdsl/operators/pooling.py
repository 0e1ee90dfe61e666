"""Pooling over windows and to grids of a given size, and unpooling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from ssrdsl.operators.attributes import FLAG, NOT_NEGATIVE, POSITIVES
from ssrdsl.operators.construction import Arguments, Called, Construction, Operand, Self_, applied, compact, keywords
from ssrdsl.operators.definition import Indices, Operator, Rule, Scalar, Shape, attribute, refusal, remembered
from ssrdsl.operators.rules import equal_channels, equal_extents, positive_extents
from ssrdsl.operators.scalars import is_one, pair
from ssrdsl.operators.windows import Windowed, covered_extent, window_count, window_count_up, window_fits


@dataclass(frozen=True)
class _SlidingWindow(Windowed):
    """The common base of pooling and unpooling. The padding is found as in `conv`."""

    kernel: Scalar = attribute(takes=POSITIVES, positional=True)
    stride: Scalar = attribute(None, takes=POSITIVES)
    padding: Scalar = attribute(None, takes=NOT_NEGATIVE)


@dataclass(frozen=True)
class _Pool(_SlidingWindow):
    """The common base of the pooling operators."""

    module: ClassVar[str]
    function: ClassVar[str]
    ceil_mode: bool = attribute(False, takes=FLAG)
    padded: bool = remembered(False)

    def shapes(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """The channels of the input; extents rounded down, or up with `ceil_mode`."""
        count = window_count_up if self.ceil_mode else window_count
        height, width = map(count, inputs[0][1:], *self.windows)
        return (Shape(inputs[0].channels, height, width),)

    def rules(self, inputs: tuple[Shape, ...]) -> Iterator[Rule]:
        """A window that fits, an automatic padding that exists and is at most half of the window."""
        yield from super().rules(inputs)
        kernel, _, padding = self.windows
        yield from window_fits(self.shapes(inputs)[0])
        for k, p in dict.fromkeys(zip(kernel, padding, strict=True)):
            yield Rule("E0205", "at least", k, 2 * p, "the padding is more than half of the kernel", "use less padding")
        yield from self.padding_rules()

    def arguments(self) -> Arguments:
        """The arguments of the torch module and function."""
        kernel, stride, padding = map(compact, self.windows)
        return (kernel,), keywords(
            ("stride", stride, kernel),
            ("padding", padding, 0),
            ("ceil_mode", self.ceil_mode, False),
        )

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """The module, or the equivalent function."""
        positional, named = self.arguments()
        return applied(Called(self.module, positional, named), Called(self.function, (Operand(0), *positional), named))

    def is_neutral(self, inputs: tuple[Shape, ...]) -> bool:
        """Whether the window is a single position with stride 1."""
        kernel, stride, padding = self.windows
        return all(map(is_one, (*kernel, *stride))) and all(p == 0 for p in padding)


class Maxpool(_Pool):
    """The maximum of a window. Default stride: the kernel. Default padding: as in `conv`."""

    name: ClassVar[str] = "maxpool"
    module: ClassVar[str] = "nn.MaxPool2d"
    function: ClassVar[str] = "F.max_pool2d"


class MaxpoolIndices(_Pool):
    """`maxpool` with the positions of the maxima as a second result, for an `unpool` with the same window."""

    name: ClassVar[str] = "maxpool_indices"
    results: ClassVar[int] = 2
    counts_in: ClassVar[int | None] = 0
    module: ClassVar[str] = "nn.MaxPool2d"
    function: ClassVar[str] = "F.max_pool2d"

    def shapes(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """Maxima and their positions, of equal shape."""
        (pooled,) = super().shapes(inputs)
        return pooled, Indices(*pooled)

    def rules(self, inputs: tuple[Shape, ...]) -> Iterator[Rule]:
        """Also: unpooling restores the extents of the input, which the positions refer to."""
        yield from super().rules(inputs)
        restored = map(covered_extent, self.shapes(inputs)[0][1:], *self.windows)
        help = "the windows must cover the input exactly: use a height and width that are multiples of the stride"
        for extent, own, what in zip(restored, inputs[0][1:], ("height", "width"), strict=True):
            yield Rule("E0203", "equal", extent, own, f"unpooling does not restore the {what}", help)

    def arguments(self) -> Arguments:
        """Also returns the positions."""
        positional, named = super().arguments()
        return positional, (*named, ("return_indices", True))

    def is_neutral(self, inputs: tuple[Shape, ...]) -> bool:
        """Never: the positions differ from the input."""
        return False


@dataclass(frozen=True)
class Unpool(_SlidingWindow):
    """Puts values at the positions found by `maxpool_indices`, zeros elsewhere: `(values, indices) -> unpool(2)`.

    Kernel, stride and padding must be those of the pooling.
    """

    name: ClassVar[str] = "unpool"
    inputs: ClassVar[int | None] = 2

    def shapes(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """The channels of the values; the extents before the pooling."""
        height, width = map(covered_extent, inputs[0][1:], *self.windows)
        return (Shape(inputs[0].channels, height, width),)

    def rules(self, inputs: tuple[Shape, ...]) -> Iterator[Rule]:
        """Values and positions of equal shape."""
        yield from super().rules(inputs[:1])
        if not isinstance(inputs[1], Indices):
            help = "write `y, indices = x -> maxpool_indices(k)`, later `(z, indices) -> unpool(k)`"
            yield refusal("E0207", "the second input of `unpool` is not the indices of a pooling", help)
        yield equal_channels(*inputs)
        yield from equal_extents(*inputs)
        yield from positive_extents(self.shapes(inputs)[0], "use less padding")

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`nn.MaxUnpool2d`, or the equivalent function."""
        kernel, stride, padding = map(compact, self.windows)
        named = keywords(("stride", stride, kernel), ("padding", padding, 0))
        operands = (Operand(0), Operand(1))
        return Construction(
            Called("nn.MaxUnpool2d", (kernel,), named),
            Called("", (Self_(), *operands)),
            Called("F.max_unpool2d", (*operands, kernel), named),
        )


@dataclass(frozen=True)
class Avgpool(_Pool):
    """The mean of a window. Default stride: the kernel. Default padding: as in `conv`."""

    name: ClassVar[str] = "avgpool"
    module: ClassVar[str] = "nn.AvgPool2d"
    function: ClassVar[str] = "F.avg_pool2d"
    count_include_pad: bool = attribute(True, takes=FLAG)

    def arguments(self) -> Arguments:
        """Also whether padding counts in the mean; left out if there is none."""
        positional, named = super().arguments()
        if all(p == 0 for p in pair(0 if self.padding is None else self.padding)):
            return positional, named
        return positional, (*named, *keywords(("count_include_pad", self.count_include_pad, True)))


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
