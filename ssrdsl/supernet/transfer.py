"""Transfer of weights, statistics, gates and optimizer moments from a supernet to its restriction.

Nodes keep their ids, options their indices, and live channels are always the first ones: every tensor of the smaller
network is a prefix of the larger one's in its first two extents (channels out and in) and its centre in the others
(the kernel). The function is unchanged except for the gates of dropped options, which are distributed to the others.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeAlias

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from ssrdsl.space.restrict import restrict
from ssrdsl.supernet.gates import Gates
from ssrdsl.supernet.names import unescape
from ssrdsl.supernet.parts import TransferFault, sliced
from ssrdsl.supernet.supernet import Supernet

NodeState: TypeAlias = dict[str, dict[str, Tensor]]
"""Node id -> name of a parameter or buffer of its module -> tensor."""


def rebuild(net: Supernet, survivors: Mapping[str, Collection[int]]) -> Supernet:
    """The smaller supernet with only these options and the same state.

    It has the same device, precision and mode. Optimizers are carried over by `carry_optimizer`.
    """
    new = Supernet(restrict(net.graph, survivors), relaxation=net.relaxation, seed=net.seed, passes=net.passes)
    weight = next(net.weights(), net.gates.alpha)
    new.to(weight.device)
    if weight is not net.gates.alpha:
        new.to(weight.dtype)
    transfer(net, new)
    return new.train(net.training)


@torch.no_grad()
def transfer(old: Supernet, new: Supernet) -> None:
    """Copy weights, statistics, gates and the number of passes from the old to the new supernet."""
    theirs = old.operators.state_dict()
    for name, ours in new.operators.state_dict().items():
        if name not in theirs:
            raise TransferFault(f"{name} is not in the larger supernet")
        ours.copy_(sliced(theirs[name], ours.shape))
    new.gates.alpha.copy_(kept_options(old.gates.alpha, old.gates, new.gates))
    new.training_passes = old.training_passes


def kept_options(values: Tensor, old: Gates, new: Gates) -> Tensor:
    """The numbers, [options], of the remaining options."""
    places = [old.layout.places[option] for option in new.layout.places]
    return values[torch.tensor(places, dtype=torch.long, device=values.device)]


@torch.no_grad()
def carry_optimizer(old: Supernet, new: Supernet, old_optimizer: Optimizer, new_optimizer: Optimizer) -> None:
    """Copy settings and state (moments, step counts) of an optimizer of weights, gates or both.

    State tensors of a parameter's shape are sliced like the parameter, others copied. Both must have the same number
    of parameter groups.
    """
    if len(old_optimizer.param_groups) != len(new_optimizer.param_groups):
        raise TransferFault("the optimizers differ in their parameter groups")
    for ours, theirs in zip(new_optimizer.param_groups, old_optimizer.param_groups, strict=True):
        ours.update({key: value for key, value in theirs.items() if key != "params"})
    previous = dict(old.named_parameters())
    managed = {id(parameter) for group in new_optimizer.param_groups for parameter in group["params"]}
    for name, parameter in new.named_parameters():
        state = old_optimizer.state.get(previous[name])
        if id(parameter) in managed and state:
            new_optimizer.state[parameter] = {
                key: _carried(value, previous[name], parameter, old, new) for key, value in state.items()
            }


def _carried(value: object, theirs: nn.Parameter, ours: nn.Parameter, old: Supernet, new: Supernet) -> object:
    if not isinstance(value, Tensor):
        return value
    if value.shape != theirs.shape or value.dim() == 0:
        return value.clone()
    if ours is new.gates.alpha:
        return kept_options(value, old.gates, new.gates)
    return sliced(value, ours.shape).clone()


def node_state(net: Supernet) -> NodeState:
    """Copies of the weights and statistics of every operator with state, on the CPU."""
    return {
        unescape(name): {key: value.detach().cpu().contiguous().clone() for key, value in module.state_dict().items()}
        for name, module in net.operators.items()
    }


@torch.no_grad()
def load_node_state(net: Supernet, state: Mapping[str, Mapping[str, Tensor]]) -> None:
    """Load weights from `node_state`. Raises KeyError if a node has none."""
    for name, module in net.operators.items():
        module.load_state_dict(dict(state[unescape(name)]))
