"""The weights of a network by node id, and as the state of an emitted model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import torch
from torch import Tensor

from ssrdsl.supernet.names import unescape
from ssrdsl.supernet.supernet import Supernet

NodeState: TypeAlias = dict[str, dict[str, Tensor]]
"""Node id -> name of a parameter or buffer of its module -> tensor."""


def node_state(net: Supernet) -> NodeState:
    """Copies, on the CPU, of the weights and statistics of every operator that has any."""
    return {
        unescape(name): {key: value.detach().cpu().contiguous().clone() for key, value in module.state_dict().items()}
        for name, module in net.operators.items()
    }


@torch.no_grad()
def load_node_state(net: Supernet, state: Mapping[str, Mapping[str, Tensor]]) -> None:
    """Puts weights back that `node_state` gave. Raises KeyError where a node has none."""
    for name, module in net.operators.items():
        module.load_state_dict(dict(state[unescape(name)]))


def emitted_state(state: Mapping[str, Mapping[str, Tensor]], paths: Mapping[str, str]) -> dict[str, Tensor]:
    """The `state_dict` of an emitted model; `paths` gives, by node id, the attribute path of the operator's module.

    Raises KeyError where a path is missing.
    """
    return {f"{paths[node]}.{key}": value for node, tensors in state.items() for key, value in tensors.items()}
