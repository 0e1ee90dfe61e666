"""Where nodes are alive, in the terms of a `Problem`: as contexts and, beyond conjunctions, as derived variables.

A node is alive if some consumer is alive and demands it. Guards say so of each node alone, over all the decisions that
lie behind; here the aliveness of a node with several consumers becomes one variable, tied to those of its consumers
only. In a trellis, where paths part and meet again, that keeps together what is near and nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ssrdsl.space import activity
from ssrdsl.space.conditions.diagrams import FALSE, TRUE, TooWide
from ssrdsl.space.conditions.guards import Guards
from ssrdsl.space.graph import Graph, Mux, Node, Select
from ssrdsl.space.ranges.factors import Context, Problem, Table, constant

MAX_VARIABLES = 1000
"""Conditions joined, where nodes are not alive by a plain conjunction."""


class Where(NamedTuple):
    """A condition: a context and, if there is one, a variable that must be true."""

    context: Context
    indicator: int | None = None


class Aliveness:
    """The condition under which each node of a graph is alive, by the variables of a problem. Raises `TooWide`."""

    def __init__(self, graph: Graph, guards: Guards, problem: Problem) -> None:
        self.graph, self.guards, self.problem = graph, guards, problem
        self._known: dict[int, Where] = {TRUE: Where({})}
        """By the number of the guard: nodes with equal guards are alive together."""
        self._uses: dict[str, list[tuple[int, str | None, frozenset[int]]]] = defaultdict(list)
        self._variables = 0
        for node in reversed(tuple(graph)):
            number = guards[node.id].number
            if number != FALSE:
                self._learn(node, number)
                self._pass_on(node, number)

    def __getitem__(self, node: str) -> Where | None:
        """When a node is alive, None if never."""
        number = self.guards[node].number
        return None if number == FALSE else self._known[number]

    def _pass_on(self, node: Node, number: int) -> None:
        """Notes for the producers of a node when it demands them: its guard, and options of its decision."""
        if not isinstance(node, (Mux, Select)):
            for producer in {port.node: None for port in node.inputs}:
                self._uses[producer].append((number, None, frozenset()))
            return
        options: dict[str, set[int]] = defaultdict(set)
        for index, demand in activity.branches(self.graph, node):
            for port in demand.ports:
                options[port.node].add(index)
        for producer, indices in options.items():
            self._uses[producer].append((number, node.decision, frozenset(indices)))

    def _learn(self, node: Node, number: int) -> None:
        uses = self._uses.pop(node.id, [])
        if number in self._known:
            return
        context = self._conjunction(number)
        if context is not None:
            self._known[number] = Where(context)
            return
        parts: dict[tuple[int, str | None, frozenset[int]], Where] = {}
        for use in uses:
            where = self._narrowed(use)
            if where is not None:
                parts[use] = where
        alone = next((where for use, where in parts.items() if self._number(use) == number), None)
        self._known[number] = self._any(list(parts.values())) if alone is None else alone

    def _conjunction(self, number: int) -> Context | None:
        """A guard as a context, if it is a conjunction of options of single decisions."""
        diagrams = self.guards.diagrams
        context: dict[int, int] = {}
        while number != TRUE:
            branches = diagrams.branches[number]
            alive = {branch for branch in branches if branch != FALSE}
            if len(alive) > 1:
                return None
            variable = self.problem.decisions[diagrams.decisions[diagrams.levels[number]]]
            context[variable] = sum(1 << at for at, branch in enumerate(branches) if branch != FALSE)
            number = alive.pop()
        return context

    def _number(self, use: tuple[int, str | None, frozenset[int]]) -> int:
        number, decision, indices = use
        if decision is None:
            return number
        diagrams = self.guards.diagrams
        return diagrams.conjoin((number, diagrams.literal(decision, indices)))

    def _narrowed(self, use: tuple[int, str | None, frozenset[int]]) -> Where | None:
        """When a consumer is alive and demands; None if never."""
        number, decision, indices = use
        where = self._known[number]
        if decision is None:
            return where
        variable = self.problem.decisions[decision]
        positions = self.problem.positions[variable]
        mask = sum(1 << at for at, index in enumerate(positions) if index in indices)
        mask &= where.context.get(variable, mask)
        if mask == 0:
            return None
        return Where(where.context if _all(mask, positions) else {**where.context, variable: mask}, where.indicator)

    def _any(self, parts: list[Where]) -> Where:
        """A variable that is true where any of the conditions holds, by way of partial ones."""
        self._variables += len(parts)
        if self._variables > MAX_VARIABLES:
            raise TooWide("whether layers are used hangs on too many decisions at once")
        held, indicator = constant(False), None
        for part in parts:
            indicator = self.problem.define(list(self._cases(held, part)))
            held = self.problem.variable(indicator)
        return Where({}, indicator)

    def _cases(self, held: Table, part: Where) -> Iterator[tuple[Context, Table]]:
        """What holds already, or the condition as well: case by case of the context."""
        inside: dict[int, int] = {}
        for variable, mask in part.context.items():
            outside = (1 << len(self.problem.positions[variable])) - 1 & ~mask
            if outside:
                yield {**inside, variable: outside}, held
            inside[variable] = mask
        if part.indicator is None:
            yield inside, constant(True)
        else:
            yield inside, self.problem.combine(np.logical_or, [held, self.problem.variable(part.indicator)])


def _all(mask: int, positions: tuple[object, ...]) -> bool:
    return mask.bit_count() == len(positions)
