"""The sum of scaled tensors of different widths, as one operation without intermediate tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor


def weighted_sum(
    sources: Sequence[Tensor], scales: Sequence[Tensor | None], widths: Sequence[int], channels: int
) -> Tensor:
    """sum_k scale_k * source_k over the first width_k channels, zero beyond: [batch, channels, height, width].

    A scale is None, one number per channel, [width_k], or one per sample and channel, [batch, width_k].
    """
    if len(sources) == 1 and scales[0] is None and sources[0].shape[1] == widths[0] == channels:
        return sources[0]
    result: Tensor = _WeightedSum.apply(tuple(widths), channels, len(sources), *sources, *scales)  # type: ignore[no-untyped-call]
    return result


class _WeightedSum(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, widths: tuple[int, ...], channels: int, count: int, *tensors: Tensor) -> Tensor:
        sources, scales = tensors[:count], tensors[count:]
        ctx.widths, ctx.count = widths, count
        ctx.channels = [source.shape[1] for source in sources]
        wanted = ctx.needs_input_grad[3 + count :]
        ctx.save_for_backward(*scales, *(s if w else None for s, w in zip(sources, wanted, strict=True)))
        order = sorted(range(count), key=lambda k: -widths[k])
        first = order[0]
        total = _scaled(sources[first], scales[first], widths[first], channels)
        if scales[first] is None and widths[first] == channels:
            total = total.clone()  # a part of the source, which must not change
        for k in order[1:]:
            part, scale = sources[k][:, : widths[k]], _spread(scales[k], sources[k].dim())
            target = total[:, : widths[k]]
            target.add_(part) if scale is None else target.addcmul_(part, scale)
        return total

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        grad, count = grads[0], ctx.count
        scales, sources = ctx.saved_tensors[:count], ctx.saved_tensors[count:]
        needed = ctx.needs_input_grad[3:]
        for_sources = [
            _scaled(grad, scales[k], ctx.widths[k], ctx.channels[k]) if needed[k] else None for k in range(count)
        ]
        for_scales = [_scale_gradient(grad, sources[k], scales[k]) if needed[count + k] else None for k in range(count)]
        return (None, None, None, *for_sources, *for_scales)


def _spread(scale: Tensor | None, dimensions: int) -> Tensor | None:
    """A scale per channel, or per sample and channel, so that it broadcasts over positions."""
    if scale is None:
        return None
    return scale.reshape(*(scale.shape if scale.dim() == 2 else (1, *scale.shape)), *(1,) * (dimensions - 2))


def _scaled(tensor: Tensor, scale: Tensor | None, width: int, channels: int) -> Tensor:
    """The first channels of a tensor, scaled, and zeros in the others."""
    part, spread = tensor[:, :width], _spread(scale, tensor.dim())
    if spread is not None:
        part = part * spread
    if width == channels:
        return part
    total = _zeros(tensor, torch.Size((tensor.shape[0], channels, *tensor.shape[2:])))
    total[:, :width] = part
    return total


def _scale_gradient(grad: Tensor, source: Tensor, scale: Tensor) -> Tensor:
    width = scale.shape[-1]
    product = grad[:, :width] * source[:, :width]
    if product.dim() > 2:
        product = product.flatten(2).sum(2)
    return product if scale.dim() == 2 else product.sum(0)


def _zeros(like: Tensor, shape: torch.Size) -> Tensor:
    """Zeros of a shape in the memory format of a tensor, so that layouts do not mix."""
    by_position = like.dim() == 4 and like.stride(1) == 1
    memory_format = torch.channels_last if by_position else torch.contiguous_format
    return torch.empty(shape, dtype=like.dtype, device=like.device, memory_format=memory_format).zero_()
