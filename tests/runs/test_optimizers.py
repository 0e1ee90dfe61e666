"""Optimizers without the decorators of `torch.compile` compute the same."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.optim import SGD, Adam, AdamW, Optimizer

from ssrdsl.runs.optimizers import eager


def trained(optimizer: type[Optimizer], options: dict[str, Any], resumed: bool) -> tuple[list[Tensor], dict[str, Any]]:
    """Weights and state after four steps, after two of which the optimizer may be another one with its state."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    current = optimizer(net.parameters(), **options)
    for step in range(4):
        if step == 2 and resumed:
            state, current = current.state_dict(), optimizer(net.parameters(), **options)
            current.load_state_dict(state)
        current.zero_grad(set_to_none=True)
        net(torch.rand(5, 3)).square().mean().backward()
        current.step()
    return list(net.parameters()), current.state_dict()


@pytest.mark.parametrize("resumed", [False, True])
@pytest.mark.parametrize(
    ("optimizer", "options"),
    [
        (Adam, {"lr": 0.1, "betas": (0.5, 0.999)}),
        (Adam, {"lr": 0.1, "weight_decay": 0.01, "fused": True}),
        (AdamW, {"lr": 0.1, "weight_decay": 0.01}),
        (SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    ],
)
def test_steps_are_those_of_pytorch(optimizer: type[Optimizer], options: dict[str, Any], resumed: bool) -> None:
    (weights, state), (expected, wanted) = (trained(kind, options, resumed) for kind in (eager(optimizer), optimizer))
    assert all(map(torch.equal, weights, expected))
    assert all(weight.requires_grad for weight in weights)
    assert state["param_groups"] == wanted["param_groups"]
    assert state["state"].keys() == wanted["state"].keys()
    for number, held in state["state"].items():
        assert all(torch.equal(value, wanted["state"][number][name]) for name, value in held.items())
