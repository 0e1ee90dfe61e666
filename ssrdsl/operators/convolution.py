"""Convolutions: conv, depthwise, and the transposed one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from ssrdsl.operators.attributes import FLAG, NOT_NEGATIVE, NUMBER, NUMBERS, POSITIVES
from ssrdsl.operators.construction import Arguments, Called, Construction, applied, compact, keywords
from ssrdsl.operators.definition import Rule, Scalar, Shape, attribute, refusal, remembered
from ssrdsl.operators.rules import whole, wholes
from ssrdsl.operators.scalars import Pair, is_decided, is_one, pair, ratio
from ssrdsl.operators.windows import Windowed, covered_extent, exact_padding, window_count, window_fits


class Weighted(Windowed):
    """The common base of convolutions: weights, groups and a bias; annotations as in `Windowed`.

    Depthwise has neither `channels` nor `groups`, and replaces the methods that read them. The transposed convolution
    replaces what depends on the direction: shapes, costs, the rules of its padding, and the module.
    """

    channels: Scalar
    groups: Scalar
    dilation: Scalar
    bias: bool | None

    def out_channels(self, inputs: tuple[Shape, ...]) -> Scalar:
        """The channels of the result."""
        return self.channels

    def group_count(self, inputs: tuple[Shape, ...]) -> Scalar:
        """The number of groups."""
        return self.groups

    @property
    def has_bias(self) -> Scalar:
        """Whether a bias is added; true if not yet known."""
        return True if self.bias is None else self.bias

    @property
    def windows(self) -> tuple[Pair, ...]:
        """Kernel, stride, padding and dilation as pairs."""
        return *super().windows, pair(self.dilation)

    def weights(self, inputs: tuple[Shape, ...]) -> Scalar:
        """The numbers in the kernels of all channels."""
        height, width = pair(self.kernel)
        per_group = ratio(inputs[0].channels, self.group_count(inputs))
        return self.out_channels(inputs) * per_group * height * width

    def parameters(self, inputs: tuple[Shape, ...]) -> Scalar:
        """Weights and biases; an automatic bias counts until it is decided."""
        weights = self.weights(inputs)
        return weights + self.out_channels(inputs) if self.has_bias else weights

    def rules(self, inputs: tuple[Shape, ...]) -> Iterator[Rule]:
        """Positive integers, groups that divide the channels, a window that fits, a padding."""
        yield from super().rules(inputs)
        kernel, _, padding, dilation = self.windows
        yield from whole("the channels are", self.out_channels(inputs))
        yield from wholes("the kernel is", kernel)
        yield from wholes("the dilation is", dilation)
        yield from wholes("the padding is", padding, least=0)
        yield from window_fits(self.shapes(inputs)[0])
        yield from _group_rules(self.name, self.group_count(inputs), inputs[0].channels, self.out_channels(inputs))
        yield from self.padding_rules()

    def shapes(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """Extents rounded down, as in PyTorch."""
        height, width = map(window_count, inputs[0][1:], *self.windows)
        return (Shape(self.out_channels(inputs), height, width),)

    def macs(self, inputs: tuple[Shape, ...]) -> Scalar:
        """Output positions x weights."""
        result = self.shapes(inputs)[0]
        return result.height * result.width * self.weights(inputs)

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`nn.Conv2d`."""
        return applied(Called("nn.Conv2d", *self.arguments(inputs)))

    def arguments(self, inputs: tuple[Shape, ...], *more: tuple[str, Any, Any]) -> Arguments:
        """The arguments of the torch module, `more` of them (name, value and torch's default) after the padding."""
        kernel, stride, padding, dilation = map(compact, self.windows)
        return (inputs[0].channels, self.out_channels(inputs), kernel), keywords(
            ("stride", stride, 1),
            ("padding", padding, 0),
            *more,
            ("dilation", dilation, 1),
            ("groups", self.group_count(inputs), 1),
            ("bias", self.has_bias, True),
        )


def _group_rules(operator: str, groups: Scalar, taken: Scalar, given: Scalar) -> Iterator[Rule]:
    """Groups divide the channels on both sides; if any of these numbers is decided, they equal the input channels."""
    if is_one(groups):
        return
    if any(map(is_decided, (groups, taken, given))) and groups != taken:
        over = "" if is_decided(groups) else " over channels"
        what = f"groups{over} that depend on decisions"
        help = "only `groups=x.channels` can share weights; for other groups use `choose`"
        yield refusal("E0502", f"`{operator}` has {what} and differ from its input channels", help)
    elif not _is_multiple(given, taken):
        text = f"`{operator}` has output channels that are not a fixed multiple of its groups"
        yield refusal("E0502", text, "use a multiple of `x.channels`, or `choose`")
    yield from whole("the groups are", groups)
    for side, width in (("input", taken), ("output", given)):
        if width != groups:
            help = "use a number of groups that divides the channels on both sides"
            yield Rule("E0204", "multiple", width, groups, f"groups do not divide the {side} channels", help)


def _is_multiple(given: Scalar, taken: Scalar) -> bool:
    """Whether the channels are constant or a constant multiple; otherwise filters would change groups."""
    if not is_decided(given) and not is_decided(taken):
        return True
    return is_decided(taken) and not is_decided(given / taken)


@dataclass(frozen=True)
class _Filtering(Weighted):
    """The common base of conv and deconv: a given number of channels, in groups."""

    channels: Scalar = attribute(takes=NUMBER, dimension="channel", positional=True)
    kernel: Scalar = attribute(1, takes=NUMBERS, dimension="kernel", positional=True)
    stride: Scalar = attribute(1, takes=POSITIVES)
    dilation: Scalar = attribute(1, takes=NUMBERS, dimension="dilation")
    groups: Scalar = attribute(1, takes=NUMBER, dimension="channel")
    padding: Scalar = attribute(None, takes=NOT_NEGATIVE)
    bias: bool | None = attribute(None, takes=FLAG)
    padded: bool = remembered(False)


class Conv(_Filtering):
    """Convolution: weighted sums over windows and all channels of a group.

    Default padding: 0 if the kernel equals the stride, else dilation * (kernel - 1) / 2, for odd kernels.
    Default bias: none if every use of the result is a `bn`.
    """

    name: ClassVar[str] = "conv"


@dataclass(frozen=True)
class Deconv(_Filtering):
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
        kernel, stride, padding, dilation = self.windows
        extra = self.extra
        if self.padding is None:
            (top, below), (left, right) = map(exact_padding, kernel, stride, dilation)
            padding = top, left
            extra = (below, right) if self.output_padding is None else extra
        return replace(self.with_windows(kernel, stride, padding, dilation), output_padding=extra)

    def shapes(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """The extents covered by the windows, and the output padding."""
        height, width = map(covered_extent, inputs[0][1:], *self.windows, self.extra)
        return (Shape(self.channels, height, width),)

    def padding_rules(self) -> Iterator[Rule]:
        """The output padding is below the stride or the dilation, as PyTorch requires."""
        _, stride, _, dilation = self.windows
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


@dataclass(frozen=True)
class Depthwise(Weighted):
    """Convolution with one filter per channel. Padding and bias as in `conv`."""

    name: ClassVar[str] = "depthwise"
    kernel: Scalar = attribute(takes=NUMBERS, dimension="kernel", positional=True)
    stride: Scalar = attribute(1, takes=POSITIVES)
    dilation: Scalar = attribute(1, takes=NUMBERS, dimension="dilation")
    padding: Scalar = attribute(None, takes=NOT_NEGATIVE)
    bias: bool | None = attribute(None, takes=FLAG)
    padded: bool = remembered(False)

    def out_channels(self, inputs: tuple[Shape, ...]) -> Scalar:
        """The input channels."""
        return inputs[0].channels

    def group_count(self, inputs: tuple[Shape, ...]) -> Scalar:
        """One group per channel."""
        return inputs[0].channels
