"""The transposed convolution."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from ssrdsl.operators.attributes import NOT_NEGATIVE, NUMBERS, POSITIVES
from ssrdsl.operators.construction import Called, Construction, applied, compact
from ssrdsl.operators.convolution import Filtering
from ssrdsl.operators.definition import Rule, Scalar, Shape, attribute
from ssrdsl.operators.scalars import Pair, is_decided, pair
from ssrdsl.operators.windows import exact_padding


@dataclass(frozen=True)
class Deconv(Filtering):
    """Transposed convolution: every position adds a weighted window to the result. Bias as in `conv`.

    With the default padding, height and width of the result are exactly `stride` times those of the input. If padding
    is given, the default output padding is 0, as in PyTorch.
    """

    name: ClassVar[str] = "deconv"
    kernel: Scalar = attribute(takes=NUMBERS, dimension="kernel", positional=True)
    stride: Scalar = attribute(2, takes=POSITIVES)
    output_padding: Scalar = attribute(None, takes=NOT_NEGATIVE)

    @property
    def extra(self) -> Pair:
        """The output padding as a pair."""
        return pair(0 if self.output_padding is None else self.output_padding)

    def complete(self, inputs: tuple[Shape, ...]) -> Self:
        """Make pairs and determine both paddings."""
        kernel, stride, dilation, padding = self.windows
        extra = self.extra
        if self.padding is None:
            (top, below), (left, right) = map(exact_padding, kernel, stride, dilation)
            padding = top, left
            extra = (below, right) if self.output_padding is None else extra
        found: dict[str, Any] = {"kernel": kernel, "stride": stride, "dilation": dilation, "padding": padding}
        return replace(self, **found, output_padding=extra, padded=self.padded or self.padding is None)

    def shapes(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """(extent - 1) * stride - 2 * padding + dilation * (kernel - 1) + output padding + 1 positions."""
        windows = zip(inputs[0][1:], *self.windows, self.extra, strict=True)
        height, width = ((h - 1) * s - 2 * p + d * (k - 1) + e + 1 for h, k, s, d, p, e in windows)
        return (Shape(self.channels, height, width),)

    def rules(self, inputs: tuple[Shape, ...]) -> Iterator[Rule]:
        """Also: the output padding is below the stride or the dilation, as PyTorch requires."""
        yield from super().rules(inputs)
        _, stride, dilation, _ = self.windows
        text = "the output padding is not smaller than the stride"
        if self.padded:
            text = "no padding gives exactly stride times the height and width"
        for s, d, e in dict.fromkeys(zip(stride, dilation, self.extra, strict=True)):
            most = s if is_decided(d) else max(s, d)
            yield Rule("E0205", "at least", most - 1, e, text, "set the padding: `deconv(..., padding=0)`")

    def macs(self, inputs: tuple[Shape, ...]) -> Scalar:
        """Input positions x weights."""
        return inputs[0].height * inputs[0].width * self.weights(inputs)

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`nn.ConvTranspose2d`."""
        extra = ("output_padding", compact(self.extra), 0)
        return applied(Called("nn.ConvTranspose2d", *self.arguments(inputs, extra)))
