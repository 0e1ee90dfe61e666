"""One architecture of a supernet, evaluated with the supernet's own weights and without its other candidates.

A path is the network of the restricted graph, compiled without weights. When it runs, its tensors are views of those
parts of the supernet's tensors that `rebuild` would copy. So gradients reach the shared weights, and batch norms in
training mode update the shared statistics.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.modules.batchnorm import _BatchNorm

from ssrdsl.space.restrict import restrict
from ssrdsl.supernet.parts import sliced

if TYPE_CHECKING:
    from ssrdsl.supernet.supernet import Supernet


class Path:
    """The network of one architecture: `assignment` holds the original option index of every active decision.

    Raises ValueError if a decision that the architecture needs has no option.
    """

    def __init__(self, net: Supernet, assignment: Mapping[str, int]) -> None:
        graph = restrict(net.graph, {name: (index,) for name, index in assignment.items()})
        if graph.open_decisions:
            raise ValueError(f"the path does not decide `{graph.open_decisions[0].name}`")
        with torch.device("meta"):
            self.network = type(net)(graph, relaxation=net.relaxation, seed=net.seed, passes=net.passes)
        self._shapes = {
            f"operators.{name}": tensor.shape
            for name, tensor in (*self.network.operators.named_parameters(), *self.network.operators.named_buffers())
        }

    def __call__(self, net: Supernet, inputs: tuple[Tensor, ...], auxiliary: bool) -> Any:
        """The result of the architecture, in the mode of the supernet and of each of its modules."""
        tensors: dict[str, Tensor] = {}
        for name, module in self.network.operators.items():
            shared = net.operators[name]
            _follow(module, shared)
            for key, tensor in (*shared.named_parameters(), *shared.named_buffers()):
                full = f"operators.{name}.{key}"
                tensors[full] = sliced(tensor, self._shapes[full])
        self.network.training = net.training
        self.network.training_passes = net.training_passes
        result = functional_call(self.network, tensors, inputs, {"auxiliary": auxiliary})
        net.training_passes = self.network.training_passes
        return result


def _follow(module: nn.Module, shared: nn.Module) -> None:
    """Copy the settings of the supernet's modules: the mode, and the momentum of a batch norm."""
    for mine, theirs in zip(module.modules(), shared.modules(), strict=True):
        mine.training = theirs.training
        if isinstance(mine, _BatchNorm) and isinstance(theirs, _BatchNorm):
            mine.momentum = theirs.momentum
