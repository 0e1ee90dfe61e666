"""Differentiable architecture search: softmax gates, first order, with the largest gates chosen at the end.

Source: Liu et al., "DARTS: Differentiable Architecture Search", ICLR 2019. First order: the weights are taken as
constants in the step on the gates. Unlike there, gates do not decay: that would outweigh their gradient in a short
search.
"""

from __future__ import annotations

from dataclasses import dataclass

from ssrdsl.search.strategies.gradient import Gradient


@dataclass(frozen=True, slots=True)
class Darts(Gradient):
    """Softmax gates without further changes."""
