"""Optimizers whose first step does not load the compiler of PyTorch."""

from __future__ import annotations

from inspect import unwrap
from typing import TypeVar

import torch
from torch.optim import Optimizer

OptimizerT = TypeVar("OptimizerT", bound=Optimizer)

METHODS = ("add_param_group", "zero_grad", "state_dict", "load_state_dict")


def eager(optimizer: type[OptimizerT]) -> type[OptimizerT]:
    """An optimizer class of PyTorch for steps outside `torch.compile`, with the same arithmetic.

    PyTorch decorates these methods for `torch.compile`, and the decorators import `torch._dynamo` at the first call,
    which takes as long as importing torch. The class has the methods without decorators; parameters are not
    `differentiable`, so that `step` needs no gradients.
    """
    methods = {name: unwrap(getattr(optimizer, name)) for name in METHODS}
    return type(optimizer.__name__, (optimizer,), {**methods, "step": torch.no_grad()(unwrap(optimizer.step))})
