"""Smooth DARTS: the weights learn under perturbed gates, so that the gates' choice at the end changes less.

    weights        L_task(w; alpha + delta),   delta in [-eps, eps]: uniform, or so that it increases the loss
    architecture   L_task(alpha; w)

eps grows linearly from 0 to its full value. The adversarial perturbation takes some steps along the sign of the
gradient, each followed by a projection onto the box.

Source: Chen and Hsieh, "Stabilizing Differentiable Architecture Search via Perturbation-based Regularization", ICML
2020.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ssrdsl.search.strategy import Step, Strategy

ATTACK_STEPS = 3
"""Gradient steps to the adversarial perturbation; each costs a forward and a backward pass."""


class SmoothDarts(Strategy):
    """Softmax gates, perturbed in the steps on the weights."""

    def weight_loss(self, step: Step) -> Tensor:
        """The task loss under perturbed gates."""
        settings = step.schedule.settings.sdarts
        radius = settings.radius * step.number / max(1, step.schedule.steps - 1)
        shape = step.net.gates.alpha.shape
        delta = radius * (2 * torch.rand(shape, dtype=torch.float64, generator=step.generator()) - 1)
        delta = delta.to(step.net.gates.alpha.device)
        if settings.perturbation == "adversarial" and len(delta):
            delta = _attack(step, delta, radius)
        return _perturbed_loss(step, delta)


def _perturbed_loss(step: Step, delta: Tensor) -> Tensor:
    gates = step.net.gates
    with gates.replaced(gates.at(gates.alpha.detach() + delta)):
        return step.loss()


def _attack(step: Step, delta: Tensor, radius: float) -> Tensor:
    """The perturbation within the box that increases the loss, from a random one on."""
    passes = step.net.training_passes
    for _ in range(ATTACK_STEPS):
        delta = delta.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(_perturbed_loss(step, delta), delta)
        delta = (delta.detach() + radius / ATTACK_STEPS * gradient.sign()).clamp(-radius, radius)
    step.net.training_passes = passes
    return delta
