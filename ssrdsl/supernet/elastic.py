"""Convolutions with a decided kernel or dilation: one kernel at the largest option, cropped and mixed.

sum_k g_k crop_k(w) is one effective kernel; every dilation applies it once. Padding must keep the crops centred, so
that all options have the same extents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ssrdsl.errors import UserError
from ssrdsl.supernet.circuit import ONE, ValueIndex
from ssrdsl.supernet.distribution import Distributions
from ssrdsl.supernet.execution import ForwardContext
from ssrdsl.supernet.parts import sliced
from ssrdsl.supernet.readings import Handle, Readings

IntPair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class DilatedCrop:
    """One dilation of a mixed convolution: its kernel is a centre crop, weighted per position."""

    kernel: IntPair
    dilation: IntPair
    padding: IntPair
    weights: Handle | None


def crops(node: str, window: tuple[Any, ...], distributions: Distributions, readings: Readings) -> list[DilatedCrop]:
    """The kernel of a convolution in all its windows, by dilation.

    `window` is height and width of the kernel, the dilation and the padding; the numbers may be decided.
    """
    by_dilation: dict[IntPair, list[tuple[IntPair, IntPair, ValueIndex]]] = {}
    for (kh, kw, dh, dw, ph, pw), slot in distributions.of_tuple(window).items():
        by_dilation.setdefault((dh, dw), []).append(((kh, kw), (ph, pw), slot))
    return [_crop(node, dilation, options, readings) for dilation, options in by_dilation.items()]


def convolve(
    module: nn.Conv2d | nn.ConvTranspose2d,
    crops: Sequence[DilatedCrop],
    operands: Sequence[Tensor],
    context: ForwardContext,
) -> Tensor:
    """The mixed result; the bias is added once."""
    total: Tensor | None = None
    for crop in crops:
        kernel = centre_crop(module.weight, crop.kernel)
        if crop.weights is not None:
            kernel = kernel * context.scales[crop.weights]
        y = _convolved(module, operands[0], kernel, module.bias if total is None else None, crop)
        total = y if total is None else total + y
    return cast(Tensor, total)


def _convolved(
    module: nn.Conv2d | nn.ConvTranspose2d, x: Tensor, kernel: Tensor, bias: Tensor | None, crop: DilatedCrop
) -> Tensor:
    stride = cast(IntPair, module.stride)
    if isinstance(module, nn.ConvTranspose2d):
        extra = cast(IntPair, module.output_padding)
        return F.conv_transpose2d(x, kernel, bias, stride, crop.padding, extra, module.groups, crop.dilation)
    return F.conv2d(x, kernel, bias, stride, crop.padding, crop.dilation, module.groups)


def centre_crop(weight: Tensor, kernel: IntPair) -> Tensor:
    """The middle of the last two extents of a tensor."""
    return sliced(weight, torch.Size((*weight.shape[:2], *kernel)))


def _crop(
    node: str, dilation: IntPair, options: list[tuple[IntPair, IntPair, ValueIndex]], readings: Readings
) -> DilatedCrop:
    kernel = (max(k[0] for k, _, _ in options), max(k[1] for k, _, _ in options))
    padding = (max(p[0] for _, p, _ in options), max(p[1] for _, p, _ in options))
    for k, p, _ in options:
        for axis in (0, 1):
            rim = kernel[axis] - k[axis]
            if rim % 2 or dilation[axis] * rim // 2 != padding[axis] - p[axis]:
                raise UserError(
                    f"the kernels of `{node}` are not concentric",
                    help="use automatic padding and odd kernels, or `choose`",
                )
    slots = [
        readings.circuit.total((ONE, slot, 1.0) for k, _, slot in options if _covers(k, kernel, y, x))
        for y in range(kernel[0])
        for x in range(kernel[1])
    ]
    weights = None if all(slot == ONE for slot in slots) else readings.request(slots, *kernel)
    return DilatedCrop(kernel, dilation, padding, weights)


def _covers(small: IntPair, large: IntPair, y: int, x: int) -> bool:
    """Whether a position of the large kernel is inside the small one at its centre."""
    top, left = (large[0] - small[0]) // 2, (large[1] - small[1]) // 2
    return top <= y < top + small[0] and left <= x < left + small[1]
