"""Execution: the steps of a plan compiled into calls on torch tensors.

Every kernel is created once, from a step at its widest, with its module and the handles of its readings from the
circuit over gates. A pass runs the kernels in order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

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
from ssrdsl.supernet.resolve import Application, HeightWidth, make_application, make_module


@dataclass(frozen=True, slots=True)
class ForwardContext:
    """The context of a forward pass: values read from the gates, mode, random numbers and drawn input extents."""

    scales: Sequence[Tensor]
    training: bool
    draws: Draws
    drawn: Mapping[str, int]


class Kernel(Protocol):
    """Computes the tensors of a step."""

    def __call__(self, operands: Sequence[Tensor], like: HeightWidth | None, context: ForwardContext) -> Any:
        """The result, or the tuple of results."""
        ...


@dataclass(frozen=True, slots=True)
class ApplyConstruction:
    """Applies the construction of an operator."""

    module: nn.Module | None
    application: Application

    def __call__(self, operands: Sequence[Tensor], like: HeightWidth | None, context: ForwardContext) -> Any:
        """The result of the construction."""
        return self.application(self.module, operands, like)


@dataclass(frozen=True, slots=True)
class ApplyDrawn:
    """Applies an operator without state whose attributes depend on the input extents drawn for the batch."""

    operator: Operator
    inputs: tuple[Shape, ...]
    known: dict[Operator, ApplyConstruction] = field(default_factory=dict)

    def __call__(self, operands: Sequence[Tensor], like: HeightWidth | None, context: ForwardContext) -> Any:
        """The result at the drawn extents."""
        operator = mapped_operator(self.operator, lambda number: expressions.assign(number, context.drawn))
        if operator not in self.known:
            construction = operator.construct(self.inputs)
            self.known[operator] = ApplyConstruction(make_module(construction), make_application(construction))
        return self.known[operator](operands, like, context)


@dataclass(frozen=True, slots=True)
class Normalize:
    """A batch norm whose affine part is multiplied by a scale."""

    module: nn.BatchNorm1d | nn.BatchNorm2d
    scale: Handle

    def __call__(self, operands: Sequence[Tensor], like: HeightWidth | None, context: ForwardContext) -> Tensor:
        """The normalised tensor, scaled."""
        module, scale = self.module, context.scales[self.scale]
        if context.training and module.num_batches_tracked is not None:
            module.num_batches_tracked.add_(1)
        return F.batch_norm(
            operands[0],
            module.running_mean,
            module.running_var,
            module.weight * scale,
            module.bias * scale,
            context.training,
            cast(float, module.momentum),
            module.eps,
        )


@dataclass(frozen=True, slots=True)
class MaskedSoftmax:
    """A softmax over channels of which some are dead: their shares are redistributed to the others."""

    bare: ApplyConstruction
    scale: Handle

    def __call__(self, operands: Sequence[Tensor], like: HeightWidth | None, context: ForwardContext) -> Tensor:
        """Shares that sum to one over the live channels."""
        x = operands[0]
        shares = self.bare(operands, like, context)
        shares = shares * context.scales[self.scale].view(1, -1, *(1,) * (x.dim() - 2))
        return cast(Tensor, shares / shares.sum(1, keepdim=True))


@dataclass(frozen=True, slots=True)
class DrawnDropout:
    """A dropout of single elements or whole channels; channels are the first dimension of the random numbers."""

    drop: Drop
    whole: bool

    def __call__(self, operands: Sequence[Tensor], like: HeightWidth | None, context: ForwardContext) -> Tensor:
        """The result; the tensor itself outside of training."""
        x = operands[0]
        if not context.training:
            return x
        batch, channels, *rest = x.shape
        kept = context.draws.kept(self.drop.node, self.drop.probability, channels, batch, *([] if self.whole else rest))
        kept = kept.transpose(0, 1).to(x.dtype)
        return x * (kept.reshape(batch, channels, *(1 for _ in rest)) if self.whole else kept)


@dataclass(frozen=True, slots=True)
class MixTerm:
    """A term of a sum: the live width, scale and dropouts of a tensor."""

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


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum of scaled tensors; `sources` are the indices of the operands with live channels."""

    node: str
    channels: int
    sources: tuple[int, ...]
    terms: tuple[MixTerm, ...]

    def __call__(self, operands: Sequence[Tensor], like: HeightWidth | None, context: ForwardContext) -> Tensor:
        """The sum; zero if nothing is live."""
        if not self.terms:
            x = operands[0]
            return x.new_zeros(x.shape[0], self.channels, *x.shape[2:])
        tensors = [operands[place] for place in self.sources]
        _check_extents(self.node, tensors)
        scales = [term.factor(tensors[0].shape[0], tensors[0].dtype, context) for term in self.terms]
        return weighted_sum(tensors, scales, [term.width for term in self.terms], self.channels)


@dataclass(frozen=True, slots=True)
class Concatenate:
    """A concatenation whose first segments have constant offsets, the others expected ones.

    `table`, [channels, channels of the others], is the probability that the column is at this row.
    """

    node: str
    channels: int
    leading: int
    table: Handle | None

    def __call__(self, operands: Sequence[Tensor], like: HeightWidth | None, context: ForwardContext) -> Tensor:
        """The segments, compact."""
        _check_extents(self.node, operands)
        if self.table is None:
            return torch.cat(list(operands), dim=1)
        placed = mix_channels(torch.cat(list(operands[self.leading :]), dim=1), context.scales[self.table])
        if not self.leading:
            return placed
        ahead = torch.cat(list(operands[: self.leading]), dim=1)
        return weighted_sum([placed, ahead], [None, None], [self.channels, ahead.shape[1]], self.channels)


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


@dataclass(frozen=True, slots=True)
class ReadInput:
    """An input; if the space decides its extents, resized to those drawn for the batch."""

    shape: Shape
    resized: bool

    def __call__(self, operands: Sequence[Tensor], like: HeightWidth | None, context: ForwardContext) -> Tensor:
        """The input at its extents."""
        image = operands[0]
        if not self.resized:
            return image
        height, width = (int(cast(int, expressions.assign(extent, context.drawn))) for extent in self.shape[1:])
        if image.shape[2:] == (height, width):
            return image
        return F.interpolate(image, size=(height, width), mode="bilinear", align_corners=False)
