"""Stochastic neural architecture search: gates sampled by Gumbel-softmax with a temperature that falls.

    g = softmax((log p + G) / tau),    p = softmax(alpha),    G_i = -log(-log u_i),    u_i uniform in (0, 1)

Every step draws new gates; towards the end they are nearly one-hot. Expected costs and the choice at the end are taken
from p.

Source: Xie et al., "SNAS: Stochastic Neural Architecture Search", ICLR 2019.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ssrdsl.search.strategy import Step, Strategy
from ssrdsl.supernet import Gates, SoftmaxRelaxation

FIRST, LAST = 1.0, 0.03
"""The temperature of the first and of the last step; in between it falls geometrically."""


class StochasticSearch(Strategy):
    """Softmax gates, sampled at every step."""

    def loss(self, step: Step) -> Tensor:
        """The task loss under sampled gates."""
        gates = step.net.gates
        with gates.replaced(sampled(gates, temperature(step), step.generator())):
            return step.loss()


def temperature(step: Step) -> float:
    """The temperature of a step."""
    return FIRST * math.pow(LAST / FIRST, step.number / max(1, step.schedule.steps - 1))


def sampled(gates: Gates, tau: float, generator: torch.Generator) -> Tensor:
    """Gates drawn by Gumbel-softmax, [options], differentiable in the parameters."""
    uniform = torch.rand(len(gates.alpha), dtype=torch.float64, generator=generator).clamp(min=1e-12)
    noise = -(-uniform.log()).log()
    logits = gates.log_gates() + noise.to(gates.alpha.device)
    return SoftmaxRelaxation().gates(logits / tau, gates.layout)
