"""The architectures of small graphs one by one: what counting, sampling, restricting and bounding are held to."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from ssrdsl.space import expressions
from ssrdsl.space.activity import walk
from ssrdsl.space.decisions import Decision
from ssrdsl.space.graph import Graph


class _Undecided(Exception):
    def __init__(self, decision: Decision) -> None:
        super().__init__(decision.name)
        self.decision = decision


def enumerate_architectures(graph: Graph) -> Iterator[dict[str, int]]:
    """Every architecture once, as the option indices of its active decisions.

    A `require` over decisions admits an architecture if decisions that are not active can be taken so that it holds.
    """
    pending: list[dict[str, int]] = [{}]
    while pending:
        chosen = pending.pop()

        def choose(decision: Decision, chosen: dict[str, int] = chosen) -> int:
            if decision.name not in chosen:
                raise _Undecided(decision)
            return chosen[decision.name]

        try:
            found = walk(graph, choose).assignment
        except _Undecided as missing:
            name = missing.decision.name
            pending.extend({**chosen, name: index} for index in reversed(missing.decision.indices))
        else:
            if _admitted(graph, found):
                yield found


def _admitted(graph: Graph, assignment: dict[str, int]) -> bool:
    conditions = [requirement.condition for requirement in graph.conditions]
    left = [expressions.assign(condition, assignment) for condition in conditions]
    names = sorted(expressions.support(*left))
    for indices in product(*(graph.decisions[name].indices for name in names)):
        taken = dict(zip(names, indices, strict=True))
        if all(expressions.assign(condition, taken) is True for condition in left):
            return True
    return False
