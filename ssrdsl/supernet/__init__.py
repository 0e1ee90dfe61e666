"""The supernet: a space graph relaxed by gates, executed by torch, rebuilt smaller as options are dropped."""

from __future__ import annotations

from ssrdsl.supernet.expected import Expected
from ssrdsl.supernet.gates import SSR, Gates, Relaxation, SoftmaxRelaxation
from ssrdsl.supernet.supernet import Supernet
from ssrdsl.supernet.transfer import NodeState, carry_optimizer, load_node_state, node_state, rebuild, transfer

__all__ = [
    "SSR",
    "Expected",
    "Gates",
    "NodeState",
    "Relaxation",
    "SoftmaxRelaxation",
    "Supernet",
    "carry_optimizer",
    "load_node_state",
    "node_state",
    "rebuild",
    "transfer",
]
