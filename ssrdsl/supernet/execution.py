"""Execution: the steps of a plan as calls on torch tensors.

A kernel computes the tensors of a step. It is one of the functions below, bound by `partial` to its module and to the
handles of its readings from the circuit over gates, for the step at its widest. (A closure would share the module with
a deep copy of the network.) A pass runs the kernels in order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ssrdsl.errors import UserError
from ssrdsl.operators.definition import Operator, Shape
from ssrdsl.space import expressions
from ssrdsl.space.decided import mapped_operator
from ssrdsl.supernet.draws import Draws
from ssrdsl.supernet.mixture import weighted_sum
from ssrdsl.supernet.plan import Drop
from ssrdsl.supernet.readings import Handle
from ssrdsl.supernet.resolve import Application, make_application, make_module


@dataclass(frozen=True, slots=True)
class ForwardContext:
    """The context of a forward pass: values read from the gates, mode, random numbers and drawn input extents."""

    scales: Sequence[Tensor]
    training: bool
    draws: Draws
    drawn: Mapping[str, int]


Kernel: TypeAlias = Callable[[Sequence[Tensor], ForwardContext], Any]
"""From the tensors that a step reads to its result, or the tuple of its results."""


def apply(module: nn.Module | None, application: Application, operands: Sequence[Tensor], _: ForwardContext) -> Any:
    """The result of an operator."""
    return application(module, operands)


def apply_at_drawn(
    operator: Operator, inputs: tuple[Shape, ...], operands: Sequence[Tensor], context: ForwardContext
) -> Any:
    """The result of an operator without state whose attributes depend on the input extents drawn for the batch."""
    drawn = mapped_operator(operator, lambda number: expressions.assign(number, context.drawn))
    module, application = _stateless(drawn, inputs)
    return application(module, operands)


@lru_cache
def _stateless(operator: Operator, inputs: tuple[Shape, ...]) -> tuple[nn.Module | None, Application]:
    construction = operator.construct(inputs)
    return make_module(construction), make_application(construction)


def normalize(
    module: nn.BatchNorm1d | nn.BatchNorm2d, scale: Handle, operands: Sequence[Tensor], context: ForwardContext
) -> Tensor:
    """The result of a batch norm whose affine part is multiplied by a scale."""
    factor = context.scales[scale]
    if context.training and module.num_batches_tracked is not None:
        module.num_batches_tracked.add_(1)
    return F.batch_norm(
        operands[0],
        module.running_mean,
        module.running_var,
        module.weight * factor,
        module.bias * factor,
        context.training,
        cast(float, module.momentum),
        module.eps,
    )


def softmax_of_live(
    module: nn.Module | None,
    application: Application,
    scale: Handle,
    operands: Sequence[Tensor],
    context: ForwardContext,
) -> Tensor:
    """A softmax over channels of which some are dead: their shares are redistributed to the others."""
    shares = application(module, operands)
    shares = shares * context.scales[scale].view(1, -1, *(1,) * (operands[0].dim() - 2))
    return cast(Tensor, shares / shares.sum(1, keepdim=True))


def drop_out(drop: Drop, whole: bool, operands: Sequence[Tensor], context: ForwardContext) -> Tensor:
    """A dropout of single elements or whole channels; the tensor itself outside of training.

    Channels are the first dimension of the random numbers.
    """
    x = operands[0]
    if not context.training:
        return x
    batch, channels, *rest = x.shape
    kept = context.draws.kept(drop.node, drop.probability, channels, batch, *([] if whole else rest))
    kept = kept.transpose(0, 1).to(x.dtype)
    return x * (kept.reshape(batch, channels, *(1 for _ in rest)) if whole else kept)


@dataclass(frozen=True, slots=True)
class MixTerm:
    """A term of a sum: the index of its operand, with its live width, scale and dropouts."""

    operand: int
    width: int
    scale: Handle | None
    drops: tuple[Drop, ...]

    def factor(self, batch: int, dtype: torch.dtype, context: ForwardContext) -> Tensor | None:
        """One number per channel, or one per sample and channel, or None."""
        factor = None if self.scale is None else context.scales[self.scale].to(dtype)
        if context.training:
            for drop in self.drops:
                kept = context.draws.kept(drop.node, drop.probability, self.width, batch).t().to(dtype)
                factor = kept if factor is None else factor * kept
        return factor


def mix(
    node: str, channels: int, terms: Sequence[MixTerm], operands: Sequence[Tensor], context: ForwardContext
) -> Tensor:
    """The sum of terms with live channels; zero if nothing is live."""
    if not terms:
        x = operands[0]
        return x.new_zeros(x.shape[0], channels, *x.shape[2:])
    tensors = [operands[term.operand] for term in terms]
    _check_extents(node, tensors)
    scales = [term.factor(tensors[0].shape[0], tensors[0].dtype, context) for term in terms]
    return weighted_sum(tensors, scales, [term.width for term in terms], channels)


def join(
    node: str,
    channels: int,
    leading: int,
    table: Handle | None,
    operands: Sequence[Tensor],
    context: ForwardContext,
) -> Tensor:
    """A compact concatenation whose `leading` first segments have constant offsets, the others expected ones.

    `table`, [channels, channels of the others], is the probability that the column is at this row.
    """
    _check_extents(node, operands)
    if table is None:
        return torch.cat(list(operands), dim=1)
    placed = mix_channels(torch.cat(list(operands[leading:]), dim=1), context.scales[table])
    if not leading:
        return placed
    ahead = torch.cat(list(operands[:leading]), dim=1)
    return weighted_sum([placed, ahead], [None, None], [channels, ahead.shape[1]], channels)


def _check_extents(node: str, tensors: Sequence[Tensor]) -> None:
    """Raise an error for tensors of different height or width, caused by an unsuitable image size."""
    found = dict.fromkeys(tensor.shape[2:] for tensor in tensors)
    if len(found) > 1:
        first, second = (" x ".join(map(str, extents)) for extents in list(found)[:2])
        raise UserError(
            f"the network cannot take images of this size: the inputs of `{node}` are {first} and {second}",
            help="use a height and width divisible by all its strides, such as multiples of 32",
        )


def mix_channels(x: Tensor, table: Tensor) -> Tensor:
    """table @ x over channels."""
    return F.conv2d(x, table[:, :, None, None]) if x.dim() == 4 else F.linear(x, table)


def read(shape: Shape, resized: bool, operands: Sequence[Tensor], context: ForwardContext) -> Tensor:
    """An input; if the space decides its extents (`resized`), at those drawn for the batch."""
    image = operands[0]
    if not resized:
        return image
    height, width = (int(cast(int, expressions.assign(extent, context.drawn))) for extent in shape[1:])
    if image.shape[2:] == (height, width):
        return image
    return F.interpolate(image, size=(height, width), mode="bilinear", align_corners=False)
