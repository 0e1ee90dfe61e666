"""Hierarchical progressive shrinking: options fall away, and the supernet is rebuilt physically smaller.

A decision nested in a dropped option goes with it: the graph is restricted, and what nothing demands leaves. Weights,
statistics, gates and moments are carried over, the gates of survivors renormalised. That changes the function by the
mass that was dropped, which is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ssrdsl.search.strategy import GateValues
from ssrdsl.space import activity
from ssrdsl.space.conditions.required import Conditions
from ssrdsl.space.decisions import Decision
from ssrdsl.space.graph import Graph
from ssrdsl.space.restrict import restrict

Survivors = dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Dropped:
    """What fell away: options of decisions that went on, with their gates summed, and decisions that are decided now.

    `mass` holds per decision the share of its gates that was dropped, where there is any.
    """

    options: int
    decided: tuple[str, ...]
    mass: Mapping[str, float]

    @property
    def largest_mass(self) -> float:
        """The largest mass that one decision lost: how far the function can have changed there."""
        return max(self.mass.values(), default=0.0)


def dropped(gates: GateValues, survivors: Mapping[str, tuple[int, ...]]) -> Dropped:
    """What is lost where only these survive of the options with gates."""
    mass = {
        name: sum(gate for index, gate in values.items() if index not in survivors[name]) / sum(values.values())
        for name, values in gates.items()
        if len(survivors[name]) < len(values)
    }
    options = sum(len(values) - len(survivors[name]) for name, values in gates.items())
    decided = tuple(name for name in mass if len(survivors[name]) == 1)
    return Dropped(options, decided, mass)


def permitted(graph: Graph, wanted: Mapping[str, tuple[int, ...]]) -> Survivors:
    """The survivors wanted, save that a decision keeps its options where a `require` could not be met without them."""
    conditions = Conditions(graph)
    kept: Survivors = {}
    for name, indices in wanted.items():
        trial = {**kept, name: indices}
        fits = not conditions.concern(name) or conditions.can_hold(trial)
        kept[name] = indices if fits else graph.decisions[name].indices
    return kept


def discretize(graph: Graph, gates: GateValues) -> Survivors:
    """One survivor in every active decision: the option with the largest gate that the requirements admit.

    Follows demand from the outputs, so that only decisions count that the options taken make active.
    """
    conditions = Conditions(graph)
    taken: Survivors = {d.name: d.indices for d in graph.decisions.values() if not d.is_open}

    def choose(decision: Decision) -> int:
        values = gates.get(decision.name, {})
        ranked = sorted(decision.indices, key=lambda index: (-values.get(index, 0.0), index))
        index = next(filter(_admitted(conditions, taken, decision.name), ranked), ranked[0])
        taken[decision.name] = (index,)
        return index

    activity.walk(graph, choose)
    active = restrict(graph, taken).decisions
    return {name: indices for name, indices in taken.items() if name in active}


def _admitted(conditions: Conditions, taken: Survivors, decision: str) -> Callable[[int], bool]:
    def admitted(index: int) -> bool:
        return not conditions.concern(decision) or conditions.can_hold({**taken, decision: (index,)})

    return admitted
