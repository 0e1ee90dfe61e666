"""Hierarchical progressive shrinking: options are dropped, and the supernet is rebuilt smaller.

Decisions nested in a dropped option are dropped with it: the graph is restricted, and unused nodes are removed.
Weights, statistics, gates and moments are kept, and the gates of survivors renormalised. This changes the function by
the mass that was dropped, which is reported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ssrdsl.search.likely import GateValues, likeliest, some_inside
from ssrdsl.space import activity
from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.conditions.required import Conditions
from ssrdsl.space.decisions import Decision, only
from ssrdsl.space.graph import Graph
from ssrdsl.space.ranges.bounds import Unsatisfiable
from ssrdsl.space.restrict import restrict
from ssrdsl.space.windows.attainable import attainable_range
from ssrdsl.space.windows.window import Window

Survivors = dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Dropped:
    """Dropped options of decisions that are still open, with the sum of their gates, and newly decided decisions.

    `mass` holds the share of gates that was dropped, by decision.
    """

    options: int
    decided: tuple[str, ...]
    mass: Mapping[str, float]

    @property
    def largest_mass(self) -> float:
        """The largest mass that one decision lost: a bound on the change of the function."""
        return max(self.mass.values(), default=0.0)


def dropped(gates: GateValues, survivors: Mapping[str, tuple[int, ...]]) -> Dropped:
    """The options dropped if only these survive of the options with gates."""
    mass = {
        name: sum(gate for index, gate in values.items() if index not in survivors[name]) / sum(values.values())
        for name, values in gates.items()
        if len(survivors[name]) < len(values)
    }
    options = sum(len(values) - len(survivors[name]) for name, values in gates.items())
    decided = tuple(name for name in mass if len(survivors[name]) == 1)
    return Dropped(options, decided, mass)


def permitted(graph: Graph, wanted: Mapping[str, tuple[int, ...]], reach: Reach | None = None) -> Survivors:
    """The proposed survivors, except that some decisions keep all their options.

    These are decisions whose options are needed to meet a `require` or to attain costs in the windows of `reach`.
    """
    conditions = Conditions(graph)
    kept: Survivors = {}
    for name, indices in wanted.items():
        fits = _may_keep(conditions, {**kept, name: indices}, name)
        kept[name] = indices if fits else graph.decisions[name].indices
    if reach is None:
        return kept
    dropping = [name for name, indices in kept.items() if len(indices) < len(graph.decisions[name].indices)]
    allowed = set(reach.largest_part(dropping, kept))
    return {name: indices if name in allowed else graph.decisions[name].indices for name, indices in kept.items()}


@dataclass(slots=True)
class Reach:
    """Whether an architecture inside the windows of costs remains when options are dropped.

    `graph` is the graph at the size of the file, restricted to the remaining options. If the costs have too many cases,
    every drop is allowed.
    """

    graph: Graph
    windows: Sequence[Window]
    gates: GateValues
    _witness: Mapping[str, int] | None = None

    def attains(self, survivors: Mapping[str, tuple[int, ...]]) -> bool:
        """Whether an architecture inside the windows was found with only these options."""
        witness = self._witness
        if witness is not None and all(index in survivors.get(name, (index,)) for name, index in witness.items()):
            return True
        try:
            if not all(
                window.distance(*attainable_range(self.graph, window.cost, survivors)) == 0 for window in self.windows
            ):
                return False
            found = some_inside(restrict(self.graph, survivors), self.gates, self.windows)
        except TooWide:
            return True
        except Unsatisfiable:
            return False
        self._witness = found or witness
        return found is not None

    def largest_part(
        self, decisions: Sequence[str], survivors: Mapping[str, tuple[int, ...]], taken: Sequence[str] = ()
    ) -> Sequence[str]:
        """Decisions that can take their survivors together, besides those taken; earlier ones have precedence."""
        together = [*taken, *decisions]
        if not decisions or self.attains({name: survivors[name] for name in together}):
            return together
        if len(decisions) == 1:
            return taken
        half = len(decisions) // 2
        first = self.largest_part(decisions[:half], survivors, taken)
        return self.largest_part(decisions[half:], survivors, first)


def decided_together(graph: Graph, gates: GateValues, windows: Sequence[Window]) -> Survivors | None:
    """One survivor in every active decision: the likeliest architecture inside the windows; None if none was found.

    `graph` is the graph at the size of the file, restricted to the options that are left.
    """
    taken = likeliest(graph, gates, windows)
    if taken is None:
        return None
    return _active(graph, {**_closed(graph), **only(taken)})


def discretize(graph: Graph, gates: GateValues) -> Survivors:
    """One survivor in every active decision: the option with the largest gate that the requirements allow.

    Demand is followed from the outputs, so that only active decisions count.
    """
    conditions = Conditions(graph)
    taken = _closed(graph)

    def choose(decision: Decision) -> int:
        name, values = decision.name, gates.get(decision.name, {})
        ranked = sorted(decision.indices, key=lambda index: (-values.get(index, 0.0), index))
        admitted = (index for index in ranked if _may_keep(conditions, {**taken, name: (index,)}, name))
        index = next(admitted, ranked[0])
        taken[name] = (index,)
        return index

    activity.walk(graph, choose)
    return _active(graph, taken)


def _closed(graph: Graph) -> Survivors:
    """The only option of every decision that is not open."""
    return {decision.name: decision.indices for decision in graph.decisions.values() if not decision.is_open}


def _active(graph: Graph, survivors: Survivors) -> Survivors:
    """The survivors of decisions that are still active with these options."""
    active = restrict(graph, survivors).decisions
    return {name: indices for name, indices in survivors.items() if name in active}


def _may_keep(conditions: Conditions, survivors: Survivors, decision: str) -> bool:
    """Whether the requirements that concern a decision can hold with these options."""
    return not conditions.concern(decision) or conditions.can_hold(survivors)
