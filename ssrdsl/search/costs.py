"""Costs that constrain a search: expected MACs and parameters at the size given in the space file.

Searches often use smaller images than the network is meant for, while `target.macs = 7.8G` and `require macs <= 11G`
refer to the size in the file. So costs are computed from the graph at that size, with the gates of the supernet: both
graphs have the same decisions.

Expected costs are driven into the windows of the goal by dual ascent. With the relative violation v of each cost

    v = expected / centre - 1        for a window with two ends: a target
    v = max(0, expected / bound - 1) for an upper bound; mirrored for a lower one

a step adds sum_c multiplier_c * v_c + weight / 2 * v_c^2 to its loss, and then each multiplier grows by rate * v_c (an
augmented Lagrangian: Nocedal and Wright, "Numerical Optimization", 2006, section 17.3). A fixed penalty ends where its
slope equals that of the task, which is not at the target; a multiplier grows until the target is met.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf

import torch
from torch import Tensor

from ssrdsl.space.graph import Graph
from ssrdsl.space.restrict import restrict
from ssrdsl.space.windows.window import Window
from ssrdsl.supernet import Expected, Supernet
from ssrdsl.supernet.expected import ExpectedCosts


def reference_costs(reference: Graph, net: Supernet) -> Callable[[], Expected]:
    """The expected costs of a supernet at its current gates, at the size of a graph that makes the same decisions."""
    domains = net.graph.domains
    costs = ExpectedCosts(restrict(reference, domains), domains)
    return lambda: costs(net.gates.shares())


def same_decisions(one: Graph, other: Graph) -> bool:
    """Whether two graphs make the same decisions over the same options, in the same order."""
    sides = [[(d.name, d.indices) for d in graph.decisions.values()] for graph in (one, other)]
    return sides[0] == sides[1]


@dataclass(slots=True)
class Multipliers:
    """The multipliers of the windows of a goal, by cost; 0 at the start of a search."""

    windows: tuple[Window, ...] = ()
    values: dict[str, float] = field(default_factory=dict)

    def loss(self, expected: Expected, weight: float) -> Tensor:
        """The loss of expected costs, a float64 scalar; 0 without windows."""
        loss = torch.zeros_like(expected.macs)
        for window in self.windows:
            violation = violated(getattr(expected, window.cost), window)
            loss = loss + self.values.get(window.cost, 0.0) * violation + weight / 2 * violation**2
        return loss

    def ascend(self, expected: Expected, rate: float) -> None:
        """Move each multiplier along the violation of its window."""
        for window in self.windows:
            violation = float(violated(getattr(expected, window.cost).detach(), window))
            value = self.values.get(window.cost, 0.0) + rate * violation
            self.values[window.cost] = value if window.is_closed else _of_one_sign(value, window)


def violated(expected: Tensor, window: Window) -> Tensor:
    """The relative violation of a window by an expected cost, positive where the cost is too large."""
    if window.is_closed:
        return expected / max(1.0, (float(window.least) + float(window.greatest)) / 2) - 1
    if window.greatest < inf:
        return (expected / max(1.0, float(window.greatest)) - 1).clamp(min=0)
    return (expected / max(1.0, float(window.least)) - 1).clamp(max=0)


def _of_one_sign(value: float, window: Window) -> float:
    """The multiplier of a one-sided bound, which only acts in one direction."""
    return max(0.0, value) if window.greatest < inf else min(0.0, value)


def broken(graph: Graph, costs: Mapping[str, int]) -> list[str]:
    """The bounds on costs, as written, that a network of these costs violates."""
    return [bound.span.text for bound in graph.cost_bounds if not bound.is_met_by(costs[str(bound.cost)])]
