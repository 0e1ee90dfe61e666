"""Windows that slide over height and width: their padding, their number, and the rules for both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar, Self

from ssrdsl.operators.definition import Operator, Rule, Scalar, Shape
from ssrdsl.operators.rules import positive_extents
from ssrdsl.operators.scalars import Pair, is_decided, pair


class Windowed(Operator):
    """The common base of convolutions and pooling.

    The annotations name attributes that the operators declare, each in its own order. `padded` is whether the
    padding was found automatically; unpooling does not have it.
    """

    spatial: ClassVar[bool] = True
    kernel: Scalar
    stride: Scalar
    padding: Scalar
    padded: bool

    @property
    def windows(self) -> tuple[Pair, ...]:
        """Kernel, stride and padding as pairs, with the dilation if there is one.

        The stride is the kernel if not given; an automatic padding that is not yet known is zeros.
        """
        kernel = pair(self.kernel)
        stride = kernel if self.stride is None else pair(self.stride)
        return kernel, stride, pair(0 if self.padding is None else self.padding)

    def complete(self, inputs: tuple[Shape, ...]) -> Self:
        """Make pairs and find the padding."""
        kernel, stride, padding, *dilation = self.windows
        if self.padding is None:
            padding = automatic_padding(kernel, stride, *dilation)
        return self.with_windows(kernel, stride, padding, *dilation)

    def with_windows(self, *windows: Pair) -> Self:
        """The operator with these pairs in the order of `windows`, and whether its padding was automatic."""
        found: dict[str, Any] = dict(zip(("kernel", "stride", "padding", "dilation"), windows, strict=False))
        if hasattr(self, "padded"):
            found["padded"] = self.padded or self.padding is None
        return replace(self, **found)

    def padding_rules(self) -> Iterator[Rule]:
        """Automatic padding requires an odd kernel, unless it equals the stride and has no padding."""
        kernel, stride, padding, *_ = self.windows
        for k, s, p in dict.fromkeys(zip(kernel, stride, padding, strict=True)) if self.padded else ():
            if k != s or p != 0:
                text = "an even kernel has no padding that keeps height and width"
                help = f"set the padding: `{self.name}(..., padding=0)`"
                yield Rule("E0205", "multiple", k + 1, 2, text, help)
                if is_decided(k) and s != 1:
                    # Alone, such a kernel would get no padding; the options of a set share one rule.
                    text = "one of the kernels equals the stride, and would be padded differently from the others"
                    yield Rule("E0205", "at least", (k - s) * (k - s), 1, text, help)


def automatic_padding(kernel: Pair, stride: Pair, dilation: Pair = (1, 1)) -> Pair:
    """0 if the kernel equals the stride, else the padding that keeps the extent for an odd kernel at stride 1."""
    vertical, horizontal = (0 if k == s else d * (k // 2) for k, s, d in zip(kernel, stride, dilation, strict=True))
    return vertical, horizontal


def exact_padding(kernel: Scalar, stride: Scalar, dilation: Scalar) -> Pair:
    """Padding p and output padding e of a transposed convolution that makes s * h of h positions, with the smallest e.

    They solve (h - 1) * s - 2 * p + d * (k - 1) + e + 1 = s * h.
    """
    reach = dilation * (kernel - 1)
    padding = (reach - stride + 2) // 2
    if not is_decided(padding) and padding < 0:
        padding = 0
    return padding, stride - 1 - reach + 2 * padding


def window_count(extent: Scalar, kernel: Scalar, stride: Scalar, padding: Scalar, dilation: Scalar = 1) -> Scalar:
    """The number of positions of a window along one dimension, rounded down as PyTorch does."""
    return (extent + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def window_count_up(extent: Scalar, kernel: Scalar, stride: Scalar, padding: Scalar) -> Scalar:
    """The number rounded up (`ceil_mode`); the last window still starts inside the input or its left padding."""
    return (extent + padding - 1 + min(padding - kernel + stride, 0)) // stride + 1


def covered_extent(
    count: Scalar, kernel: Scalar, stride: Scalar, padding: Scalar, dilation: Scalar = 1, extra: Scalar = 0
) -> Scalar:
    """The extent covered by a number of windows: the result of unpooling and of a transposed convolution."""
    return (count - 1) * stride - 2 * padding + dilation * (kernel - 1) + extra + 1


def window_fits(result: Shape) -> Iterator[Rule]:
    """At least one window fits into height and width."""
    help = "the kernel is larger than the padded input: use a smaller kernel, more padding, or smaller strides before"
    yield from positive_extents(result, help)
