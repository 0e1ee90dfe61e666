"""Expected costs of a supernet: the sum over operators of P(computed) * E[cost polynomial].

Both factors come from one circuit over gates. P(computed) follows from the guard's decision diagram; summing over
consumers would count what a residual reads twice. Expectations are exact if several factors depend on one decision,
also with the guard: E[Cin] * E[Cout] is wrong if both follow the depth. Auxiliary outputs cost nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import torch
from torch import Tensor

from ssrdsl.space import expressions
from ssrdsl.space.conditions.diagrams import Diagram
from ssrdsl.space.conditions.guards import Guards
from ssrdsl.space.cost import COSTS, node_cost
from ssrdsl.space.expressions import Decided, ExactScalar
from ssrdsl.space.graph import Graph
from ssrdsl.supernet.circuit import ONE, Circuit, ValueIndex
from ssrdsl.supernet.distribution import Distributions
from ssrdsl.supernet.readings import Readings

MAX_JOINT: Final = 4096
"""Limit on combinations of shared decisions for joint treatment of a guard and a cost; beyond, they are independent."""


class Expected(NamedTuple):
    """Expected costs, float64 scalars, differentiable in the gates."""

    macs: Tensor
    parameters: Tensor


class ExpectedCosts:
    """The expected costs of a graph as functions of its gates, which sum to one in every decision."""

    def __init__(self, graph: Graph, domains: Mapping[str, tuple[int, ...]]) -> None:
        self.circuit = Circuit(domains)
        self._distributions = Distributions(self.circuit)
        self._alive: dict[int, ValueIndex] = {}
        guards = Guards(graph, computed=True)
        self._readings = Readings(self.circuit)
        self._costs = self._readings.request([self._total(graph, guards, cost) for cost in COSTS])
        self._readings.finish()

    def __call__(self, gates: Tensor) -> Expected:
        """The costs at gates, [options of the open decisions]."""
        return Expected(*self._readings.read(gates, torch.float64)[self._costs].unbind())

    def _total(self, graph: Graph, guards: Guards, cost: str) -> ValueIndex:
        slots = []
        for node in graph:
            scalar = node_cost(graph, node, cost)
            if isinstance(scalar, Decided) or scalar:
                slots.append(self._expected(guards[node.id], scalar))
        return self.circuit.total((ONE, slot, 1.0) for slot in slots)

    def _expected(self, guard: Diagram, cost: ExactScalar) -> ValueIndex:
        """E[computed * cost]: conditioned on the decisions that both depend on."""
        shared = self._shared(guard, cost)
        if shared is None:
            return self.circuit.total([(self._probability(guard), self._distributions.expectation(cost), 1.0)])
        return self._distributions.mixture(
            shared,
            lambda index: self._expected(guard.restrict({shared: (index,)}), expressions.assign(cost, {shared: index})),
        )

    def _shared(self, guard: Diagram, cost: ExactScalar) -> str | None:
        """The first decision that a guard and a cost share, unless there are too many combinations."""
        if not isinstance(cost, Decided):
            return None
        shared = guard.support & cost.support
        domains = self.circuit.domains
        if not shared or math.prod(len(domains[decision]) for decision in shared) > MAX_JOINT:
            return None
        return next(decision for decision in domains if decision in shared)

    def _probability(self, guard: Diagram) -> ValueIndex:
        def combine(decision: str, branches: Sequence[tuple[int, ValueIndex]]) -> ValueIndex:
            gate = self.circuit.gate
            return self.circuit.total((gate(decision, index), slot, 1.0) for index, slot in branches)

        return int(guard.evaluate_with(combine, self._alive))
