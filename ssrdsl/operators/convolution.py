"""Convolutions and the fully connected layer: the operators that mix channels with weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self, TypeVar

from ssrdsl.operators.attributes import FLAG, NOT_NEGATIVE, NUMBER, NUMBERS, POSITIVES
from ssrdsl.operators.construction import Call, Construction, Operand, Self_, applied, compact, keywords
from ssrdsl.operators.definition import Operator, Rule, Scalar, Shape, Vector, attribute, refusal, remembered
from ssrdsl.operators.rules import positive_extents, whole, wholes
from ssrdsl.operators.scalars import Pair, is_decided, is_one, pair, ratio


def automatic_padding(kernel: Pair, stride: Pair, dilation: Pair) -> Pair:
    """None where the kernel is the stride, else what keeps the extent of an odd kernel at stride 1."""
    vertical, horizontal = (0 if k == s else d * (k // 2) for k, s, d in zip(kernel, stride, dilation, strict=True))
    return vertical, horizontal


def odd_kernels(operator: str, kernel: Pair, stride: Pair) -> Iterator[Rule]:
    """Automatic padding asks for odd kernels, or one that is the stride."""
    for k, s in zip(kernel, stride, strict=True):
        if k != s:
            yield Rule(
                "E0205",
                "multiple",
                k + 1,
                2,
                "an even kernel has no padding that keeps the extent",
                f"give the padding: `{operator}(..., padding=0)`",
            )


def window(extent: Scalar, kernel: Scalar, stride: Scalar, padding: Scalar, dilation: Scalar = 1) -> Scalar:
    """The number of positions of a window along one dimension, rounded down as PyTorch does."""
    return (extent + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


_Sliding = TypeVar("_Sliding", "Conv", "Depthwise")

TOO_LARGE = "the kernel is larger than what it slides over; use a smaller one, more padding or less stride before"


@dataclass(frozen=True)
class _Windowed(Operator):
    """What convolutions share: windows over height and width, weights, groups and a bias."""

    spatial: ClassVar[bool] = True

    @property
    def windows(self) -> tuple[Pair, Pair, Pair, Pair]:
        """Kernel, stride, dilation and padding as pairs; an automatic padding that is not yet known as zeros."""
        held: Any = self
        return pair(held.kernel), pair(held.stride), pair(held.dilation), pair(held.padding or 0)

    def out_channels(self, inputs: tuple[Shape, ...]) -> Scalar:
        """The channels of the result."""
        held: Any = self
        return held.channels

    def group_count(self, inputs: tuple[Shape, ...]) -> Scalar:
        """The number of groups."""
        held: Any = self
        return held.groups

    def weights(self, inputs: tuple[Shape, ...]) -> Scalar:
        """The numbers in the kernels of all channels."""
        (height, width), _, _, _ = self.windows
        per_group = ratio(inputs[0].channels, self.group_count(inputs))
        return self.out_channels(inputs) * per_group * height * width

    def parameters(self, inputs: tuple[Shape, ...]) -> Scalar:
        """Weights and biases; an automatic bias that is not yet decided counts."""
        held: Any = self
        weights = self.weights(inputs)
        return weights if held.bias is False else weights + self.out_channels(inputs)

    def rules(self, inputs: tuple[Shape, ...]) -> Iterator[Rule]:
        """Whole positive numbers, groups that divide the channels, a window that fits."""
        yield from super().rules(inputs)
        kernel, _, dilation, padding = self.windows
        yield from wholes("the kernel is", kernel)
        yield from wholes("the dilation is", dilation)
        yield from wholes("the padding is", padding, least=0)
        yield from positive_extents(self.shapes(inputs)[0], TOO_LARGE)

    def arguments(self, inputs: tuple[Shape, ...]) -> tuple[tuple[Any, ...], tuple[tuple[str, Any], ...]]:
        """The arguments of the torch module, without the `output_padding` of transposed convolutions."""
        held: Any = self
        kernel, stride, dilation, padding = map(compact, self.windows)
        return (inputs[0].channels, self.out_channels(inputs), kernel), keywords(
            ("stride", stride, 1),
            ("padding", padding, 0),
            ("dilation", dilation, 1),
            ("groups", self.group_count(inputs), 1),
            ("bias", held.bias is not False, True),
        )


def _group_rules(operator: str, groups: Scalar, channels: tuple[Scalar, Scalar]) -> Iterator[Rule]:
    """Groups divide the channels on both sides, and are the input's channels where anything of this is decided."""
    if is_one(groups):
        return
    if any(map(is_decided, (groups, *channels))) and groups != channels[0]:
        help = "groups share weights only where they are the input's channels: `groups=x.channels`; or write `choose`"
        if is_decided(groups):
            yield refusal("E0502", f"the groups of `{operator}` are decided and are not the input's channels", help)
        else:
            yield refusal("E0502", f"`{operator}` has groups over channels that are decided", help)
    yield from whole("the groups are", groups)
    help = "choose groups that divide the channels on both sides"
    for side, width in zip(("input", "output"), channels, strict=True):
        yield Rule("E0204", "multiple", width, groups, f"groups do not divide the {side} channels", help)


@dataclass(frozen=True)
class Conv(_Windowed):
    """Convolution. Padding, if not given: none where the kernel is the stride, else dilation * (kernel - 1) / 2.

    Bias, if not given: none where every use of the result is a `bn`.
    """

    name: ClassVar[str] = "conv"
    channels: Scalar = attribute(takes=NUMBER, dimension="channel", positional=True)
    kernel: Scalar = attribute(1, takes=NUMBERS, dimension="kernel", positional=True)
    stride: Scalar = attribute(1, takes=POSITIVES)
    dilation: Scalar = attribute(1, takes=NUMBERS, dimension="dilation")
    groups: Scalar = attribute(1, takes=NUMBER, dimension="channel")
    padding: Scalar = attribute(None, takes=NOT_NEGATIVE)
    bias: bool | None = attribute(None, takes=FLAG)
    padded: bool = remembered(False)

    def complete(self, inputs: tuple[Shape, ...]) -> Self:
        """Makes pairs and finds the padding."""
        return _completed(self)

    def shapes(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """The channels asked for; extents rounded down."""
        return (_slid(self, inputs[0], self.channels),)

    def rules(self, inputs: tuple[Shape, ...]) -> Iterator[Rule]:
        """Also: an automatic padding exists."""
        yield from whole("the channels are", self.channels)
        yield from super().rules(inputs)
        yield from _group_rules(self.name, self.groups, (inputs[0].channels, self.channels))
        if self.padded:
            yield from odd_kernels(self.name, pair(self.kernel), pair(self.stride))

    def macs(self, inputs: tuple[Shape, ...]) -> Scalar:
        """Output positions x weights."""
        result = self.shapes(inputs)[0]
        return result.height * result.width * self.weights(inputs)

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`nn.Conv2d`."""
        return applied(Call("nn.Conv2d", *self.arguments(inputs)))


@dataclass(frozen=True)
class Depthwise(_Windowed):
    """Convolution with one filter per channel. Padding and bias as in `conv`."""

    name: ClassVar[str] = "depthwise"
    kernel: Scalar = attribute(takes=NUMBERS, dimension="kernel", positional=True)
    stride: Scalar = attribute(1, takes=POSITIVES)
    dilation: Scalar = attribute(1, takes=NUMBERS, dimension="dilation")
    padding: Scalar = attribute(None, takes=NOT_NEGATIVE)
    bias: bool | None = attribute(None, takes=FLAG)
    padded: bool = remembered(False)

    def out_channels(self, inputs: tuple[Shape, ...]) -> Scalar:
        """Those of the input."""
        return inputs[0].channels

    def group_count(self, inputs: tuple[Shape, ...]) -> Scalar:
        """A group for each channel."""
        return inputs[0].channels

    def complete(self, inputs: tuple[Shape, ...]) -> Self:
        """Makes pairs and finds the padding."""
        return _completed(self)

    def shapes(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """The channels of the input; extents rounded down."""
        return (_slid(self, inputs[0], inputs[0].channels),)

    def rules(self, inputs: tuple[Shape, ...]) -> Iterator[Rule]:
        """Also: an automatic padding exists."""
        yield from super().rules(inputs)
        if self.padded:
            yield from odd_kernels(self.name, pair(self.kernel), pair(self.stride))

    def macs(self, inputs: tuple[Shape, ...]) -> Scalar:
        """Output positions x weights."""
        result = self.shapes(inputs)[0]
        return result.height * result.width * self.weights(inputs)

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`nn.Conv2d` with a group for each channel."""
        return applied(Call("nn.Conv2d", *self.arguments(inputs)))


def _completed(operator: _Sliding) -> _Sliding:
    kernel, stride, dilation = pair(operator.kernel), pair(operator.stride), pair(operator.dilation)
    automatic = operator.padding is None
    padding = automatic_padding(kernel, stride, dilation) if automatic else pair(operator.padding)
    padded = automatic or operator.padded
    return replace(operator, kernel=kernel, stride=stride, dilation=dilation, padding=padding, padded=padded)


def _slid(operator: _Windowed, shape: Shape, channels: Scalar) -> Shape:
    kernel, stride, dilation, padding = operator.windows
    extents = (window(shape[i + 1], kernel[i], stride[i], padding[i], dilation[i]) for i in (0, 1))
    return Shape(channels, *extents)


@dataclass(frozen=True)
class Deconv(_Windowed):
    """Transposed convolution. Padding, if not given, makes exactly stride times the extent; bias as in `conv`.

    Where the padding is given, the output padding is 0 if not given, as in PyTorch.
    """

    name: ClassVar[str] = "deconv"
    channels: Scalar = attribute(takes=NUMBER, dimension="channel", positional=True)
    kernel: Scalar = attribute(takes=NUMBERS, dimension="kernel", positional=True)
    stride: Scalar = attribute(2, takes=POSITIVES)
    dilation: Scalar = attribute(1, takes=NUMBERS, dimension="dilation")
    groups: Scalar = attribute(1, takes=NUMBER, dimension="channel")
    padding: Scalar = attribute(None, takes=NOT_NEGATIVE)
    output_padding: Scalar = attribute(None, takes=NOT_NEGATIVE)
    bias: bool | None = attribute(None, takes=FLAG)
    padded: bool = remembered(False)

    def complete(self, inputs: tuple[Shape, ...]) -> Self:
        """Makes pairs and finds both paddings."""
        kernel, stride, dilation = pair(self.kernel), pair(self.stride), pair(self.dilation)
        automatic = self.padding is None
        found = map(_exact_padding, kernel, stride, dilation)
        padding, extra = zip(*found, strict=True) if automatic else (pair(self.padding), (0, 0))
        return replace(
            self,
            kernel=kernel,
            stride=stride,
            dilation=dilation,
            padding=padding,
            output_padding=extra if self.output_padding is None else pair(self.output_padding),
            padded=automatic or self.padded,
        )

    def shapes(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """(extent - 1) * stride - 2 * padding + dilation * (kernel - 1) + output padding + 1 positions."""
        kernel, stride, dilation, padding = self.windows
        extra = pair(self.output_padding or 0)
        height, width = (
            (inputs[0][i + 1] - 1) * stride[i] - 2 * padding[i] + dilation[i] * (kernel[i] - 1) + extra[i] + 1
            for i in (0, 1)
        )
        return (Shape(self.channels, height, width),)

    def rules(self, inputs: tuple[Shape, ...]) -> Iterator[Rule]:
        """Also: the output padding is one that PyTorch takes, below the stride or the dilation."""
        yield from whole("the channels are", self.channels)
        yield from super().rules(inputs)
        yield from _group_rules(self.name, self.groups, (inputs[0].channels, self.channels))
        _, stride, dilation, _ = self.windows
        extra = pair(self.output_padding or 0)
        for s, d, e in zip(stride, dilation, extra, strict=True):
            most = s if is_decided(d) else max(s, d)
            text = "the output padding is not below the stride"
            if self.padded:
                text = "no padding gives exactly stride times the extent"
            yield Rule("E0205", "at least", most - 1, e, text, "give the padding: `deconv(..., padding=0)`")

    def macs(self, inputs: tuple[Shape, ...]) -> Scalar:
        """Input positions x weights."""
        return inputs[0].height * inputs[0].width * self.weights(inputs)

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`nn.ConvTranspose2d`."""
        positional, named = self.arguments(inputs)
        extra = keywords(("output_padding", compact(pair(self.output_padding or 0)), 0))
        before = [item for item in named if item[0] in ("stride", "padding")]
        after = [item for item in named if item[0] not in ("stride", "padding")]
        return applied(Call("nn.ConvTranspose2d", positional, (*before, *extra, *after)))


def _exact_padding(kernel: Scalar, stride: Scalar, dilation: Scalar) -> Pair:
    """Padding and output padding with (h - 1) * s - 2 * p + d * (k - 1) + e + 1 = s * h, the smallest e >= 0."""
    reach = dilation * (kernel - 1)
    padding = (reach - stride + 2) // 2
    if not is_decided(padding) and padding < 0:
        padding = 0
    return padding, stride - 1 - reach + 2 * padding


@dataclass(frozen=True)
class Linear(Operator):
    """Fully connected layer over all channels and positions. The result has no height and width any more."""

    name: ClassVar[str] = "linear"
    channels: Scalar = attribute(takes=NUMBER, dimension="channel", positional=True)
    bias: bool = attribute(True, takes=FLAG)

    def shapes(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """A vector of the channels asked for."""
        return (Vector(self.channels, 1, 1),)

    def rules(self, inputs: tuple[Shape, ...]) -> Iterator[Rule]:
        """Positive channels; extents that do not hang on decisions, for the weights belong to positions."""
        yield from super().rules(inputs)
        yield from whole("the channels are", self.channels)
        if any(map(is_decided, inputs[0][1:])):
            help = "write `global_pool` before it, or `conv(c, 1)`"
            yield refusal("E0502", "`linear` has weights for every position, and their number is decided", help)

    def macs(self, inputs: tuple[Shape, ...]) -> Scalar:
        """One for each weight."""
        return self._in_features(inputs) * self.channels

    def parameters(self, inputs: tuple[Shape, ...]) -> Scalar:
        """Weights and biases."""
        return self.macs(inputs) + (self.channels if self.bias else 0)

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`nn.Linear` on the flattened tensor."""
        bias = keywords(("bias", self.bias, True))
        module = Call("nn.Linear", (self._in_features(inputs), self.channels), bias)
        flat: Operand | Call = Operand(0)
        if not isinstance(inputs[0], Vector):
            flat = Call(".flatten", (Operand(0), 1))
        return Construction(module, Call("", (Self_(), flat)))

    def _in_features(self, inputs: tuple[Shape, ...]) -> Scalar:
        shape = inputs[0]
        return shape.channels * shape.height * shape.width
