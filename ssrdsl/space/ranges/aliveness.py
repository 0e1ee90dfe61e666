"""Conditions under which nodes are alive, as contexts of a `Problem`: options of decisions, and derived variables.

The guard of a node depends on all decisions between the node and the outputs. Here, the disjunction over the consumers
of a node is one variable, related only to variables of these consumers. So the factors of a trellis, in which paths
branch and join repeatedly, relate only nearby variables. Conditions shared by the uses of a tied block, such as those
of its inputs, are one variable for all uses.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import takewhile
from typing import cast

from ssrdsl.space.conditions.diagrams import FALSE, TRUE
from ssrdsl.space.conditions.factored import Factored, Guard
from ssrdsl.space.conditions.guards import Guards
from ssrdsl.space.ranges.factors import PositionMasks, Problem, Table, constant

LONG = 2
"""A context with more conditions is replaced by a derived variable."""


class Aliveness:
    """The condition under which each node of a graph is alive, by the variables of a problem."""

    def __init__(self, guards: Guards, problem: Problem) -> None:
        self.guards, self.problem = guards, problem
        self._known: dict[Guard, PositionMasks | None] = {FALSE: None, TRUE: {}}
        self._variables: dict[frozenset[tuple[tuple[int, int], ...]], PositionMasks] = {}
        for node in reversed(tuple(guards.graph)):
            self._where(guards.nodes[node.id])  # beginning at the outputs: the parts of a guard are then known

    def __getitem__(self, node: str) -> PositionMasks | None:
        """The context in which a node is alive; None if it never is."""
        return self._known[self.guards.nodes[node]]

    def _where(self, guard: Guard) -> PositionMasks | None:
        if guard not in self._known:
            if isinstance(guard, Factored):
                self._known[guard] = self._both(self._where(guard.parent), self._literal(guard))
            else:
                self._known[guard] = self._joined(self.guards.factoring.parts[guard])
        return self._known[guard]

    def _literal(self, guard: Guard) -> PositionMasks:
        assert isinstance(guard, Factored)
        return {self.problem.decisions[self.guards.diagrams.decisions[guard.level]]: guard.mask}

    def _joined(self, parts: Sequence[Guard]) -> PositionMasks | None:
        """The context in which any of the guards holds. Guards with the same root share their common prefix."""
        chains: dict[Guard, list[list[Guard]]] = defaultdict(list)
        for part in parts:
            chain = [part]
            while isinstance(chain[-1], Factored):
                chain.append(chain[-1].parent)
            chains[chain[-1]].append(chain[::-1])
        found, start = [], cast("PositionMasks | None", {})
        for held in chains.values():
            common = _common(held)
            added = [reduce(self._both, map(self._literal, chain[common:]), start) for chain in held]
            found.append(self._both(self._where(held[0][common - 1]), self._any(added)))
        return self._any(found)

    def _both(self, one: PositionMasks | None, other: PositionMasks | None) -> PositionMasks | None:
        if one is None or other is None:
            return None
        both = dict(one)
        for variable, mask in other.items():
            both[variable] = both.get(variable, mask) & mask
            if both[variable] == 0:
                return None
        return both if len(both) <= LONG or not one else {**self._variable([one]), **other}

    def _any(self, contexts: Sequence[PositionMasks | None]) -> PositionMasks | None:
        """The context in which any of some contexts holds."""
        held = [context for context in contexts if context is not None]
        if len(held) < 2 or {} in held:
            return next((context for context in held if not context), held[0] if held else None)
        return self._variable(held)

    def _variable(self, contexts: Sequence[PositionMasks]) -> PositionMasks:
        """A variable that is true if any of the contexts holds, defined through one variable per context."""
        key = frozenset([tuple(sorted(context.items())) for context in contexts])
        if key not in self._variables:
            held = constant(False)
            for context in contexts:
                held = self.problem.define(list(self._cases(held, context)))
            self._variables[key] = {held.axes[0]: 1 << held.array.tolist().index(True)}
        return self._variables[key]

    def _cases(self, held: Table, context: PositionMasks) -> Iterator[tuple[PositionMasks, Table]]:
        """The disjunction of `held` and the context, as disjoint cases."""
        inside: dict[int, int] = {}
        for variable, mask in context.items():
            outside = (1 << len(self.problem.positions[variable])) - 1 & ~mask
            yield {**inside, variable: outside}, held
            inside[variable] = mask
        yield inside, constant(True)


def _common(chains: Sequence[Sequence[Guard]]) -> int:
    """The length of the common prefix of the chains."""
    return sum(1 for _ in takewhile(lambda guards: len(set(guards)) == 1, zip(*chains, strict=False)))
