"""Costs that a search is held to: expected MACs and parameters at the size that the space file speaks of.

Images are often searched on at a smaller size than the network is meant for, while `target.macs = 7.8G` and
`require macs <= 11G` speak of the file's own size. So costs are taken from the graph at that size, under the gates of
the supernet: both graphs make the same decisions.

    sum over targets      weight * (expected / target - 1)^2
  + sum over requirements weight * max(0, expected / bound - 1)^2      (for `<=`; mirrored for `>=`, both for `==`)
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from ssrdsl.space.graph import Graph, Requirement
from ssrdsl.space.restrict import restrict
from ssrdsl.space.settings import Target
from ssrdsl.supernet import Expected, Supernet
from ssrdsl.supernet.expected import ExpectedCosts


class Costs:
    """The expected costs of a supernet at the size of a graph that makes the same decisions."""

    def __init__(self, reference: Graph, net: Supernet) -> None:
        domains = net.graph.domains
        self._costs = ExpectedCosts(restrict(reference, domains), domains)

    def __call__(self, net: Supernet) -> Expected:
        """Expected MACs and parameters, differentiable in the gates."""
        return self._costs(net.gates.shares())


def same_decisions(one: Graph, other: Graph) -> bool:
    """Whether two graphs make the same decisions over the same options, in the same order."""
    sides = [[(d.name, d.indices) for d in graph.decisions.values()] for graph in (one, other)]
    return sides[0] == sides[1]


def cost_loss(expected: Expected, target: Target, requirements: tuple[Requirement, ...]) -> Tensor:
    """The loss of expected costs, a float64 scalar: relative, squared, weighted; 0 where nothing is asked for."""
    loss = torch.zeros_like(expected.macs)
    for cost, wanted in (("macs", target.macs), ("parameters", target.parameters)):
        if wanted is not None:
            loss = loss + (getattr(expected, cost) / wanted - 1) ** 2
    for requirement in requirements:
        if requirement.cost is not None:
            excess = getattr(expected, requirement.cost) / float(requirement.bound) - 1
            loss = loss + _violation(excess, requirement.relation) ** 2
    return target.weight * loss


def _violation(excess: Tensor, relation: str) -> Tensor:
    if relation in ("<=", "<"):
        return excess.clamp(min=0)
    return (-excess).clamp(min=0) if relation in (">=", ">") else excess


def broken(requirements: tuple[Requirement, ...], costs: Mapping[str, int]) -> list[str]:
    """The bounds on costs, as written, that a network of these costs does not keep."""
    return [
        requirement.span.text
        for requirement in requirements
        if requirement.cost is not None and not requirement.is_met_by(costs[requirement.cost])
    ]
