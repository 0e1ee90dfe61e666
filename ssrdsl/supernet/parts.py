"""The part of a tensor for a narrower network: live channels are always the first ones."""

from __future__ import annotations

import torch
from torch import Tensor


class TransferFault(Exception):
    """Two supernets are not a space and its restriction: an internal error."""


def sliced(tensor: Tensor, shape: torch.Size) -> Tensor:
    """The part of a tensor for a narrower network: a prefix of channels, the centre of a kernel."""
    if tensor.dim() != len(shape) or any(have < want for have, want in zip(tensor.shape, shape, strict=True)):
        raise TransferFault(f"{tuple(shape)} is not a part of {tuple(tensor.shape)}")
    for axis, (have, want) in enumerate(zip(tensor.shape, shape, strict=True)):
        tensor = tensor.narrow(axis, 0 if axis < 2 else (have - want) // 2, want)
    return tensor
