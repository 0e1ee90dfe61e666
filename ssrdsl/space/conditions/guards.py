"""Guards: under which options each node is alive and each decision active, for all architectures at once.

guard(node) = OR over its consumers of guard(consumer) AND the options under which that consumer demands it, from the
outputs backwards. Decisions met first, the outermost, are tested first, which keeps the diagrams small.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import TypeAlias

from ssrdsl.space import activity
from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.conditions.diagrams import FALSE, LIMIT, TRUE, Diagram, Diagrams
from ssrdsl.space.conditions.factored import Factoring, Guard
from ssrdsl.space.conditions.forms import diagram_of
from ssrdsl.space.expressions import Decided, ExactScalar, Switch
from ssrdsl.space.graph import Graph, GraphNode, Mux, Port, Select

Uses: TypeAlias = defaultdict[str, defaultdict[Guard, list[Guard]]]
"""For every decision, by the condition of its use, the guards of its users."""


class Guards:
    """The guards of a graph from its outputs; with `auxiliary` also from the auxiliary heads.

    A decision is active where any output, auxiliary ones included, needs it; costs count what the others need. With
    `computed`, a node's guard is the condition under which it is computed: `zero` does not need that its input is.
    Raises `TooWide`, naming the node, if a guard depends on too many combinations of decisions; so may asking for it.
    """

    def __init__(self, graph: Graph, auxiliary: bool = False, computed: bool = False) -> None:
        self.graph = graph
        self._demanded = activity.computed if computed else _inputs
        self._used = {node.id: activity.used(node) for node in graph}
        self.diagrams = Diagrams({name: graph.decisions[name].indices for name in _order(graph, self._used)}, LIMIT)
        self.factoring = Factoring(self.diagrams)
        self._reached: dict[Decided, Mapping[str, Guard]] = {}
        self.nodes: dict[str, Guard] = {}
        """For every node, its factored guard."""
        self._users: Uses = defaultdict(lambda: defaultdict(list))
        self._sweep(auxiliary)

    @cached_property
    def uses(self) -> dict[str, Guard]:
        """For every decision that something uses, its guard as it arose. Raises `TooWide`."""
        return {name: self._any_use(uses, f"whether `{name}` is active") for name, uses in self._users.items()}

    @cached_property
    def true(self) -> Diagram:
        """The condition that always holds."""
        return Diagram(self.diagrams, TRUE)

    @cached_property
    def required(self) -> Diagram:
        """The condition of all requirements over decisions. Raises `TooWide`."""
        conditions = [diagram_of(self.diagrams, requirement.condition) for requirement in self.graph.conditions]
        return Diagram(self.diagrams, self.diagrams.conjoin([condition.number for condition in conditions]))

    def __getitem__(self, node: str) -> Diagram:
        """The condition under which a node is alive."""
        return self._diagram(self.nodes[node], f"whether `{node}` is used")

    def active(self, decision: str) -> Diagram:
        """The condition under which a decision is active."""
        return self._diagram(self.uses.get(decision, FALSE), f"whether `{decision}` is active")

    def _diagram(self, guard: Guard, what: str) -> Diagram:
        try:
            return Diagram(self.diagrams, self.factoring.number(guard))
        except TooWide as error:
            raise TooWide(f"{what} depends on too many decisions") from error

    def _sweep(self, auxiliary: bool) -> None:
        alive: dict[str, list[Guard]] = defaultdict(list)
        for output in activity.roots(self.graph, auxiliary):
            alive[output.id].append(TRUE)
        for node in reversed(tuple(self.graph)):
            guard = self.nodes[node.id] = self._any(alive.pop(node.id, ()), f"whether `{node.id}` is used")
            if guard != FALSE:
                self._pass_on(node, guard, alive)

    def _any(self, guards: Collection[Guard], what: str) -> Guard:
        try:
            return self.factoring.disjoin(guards)
        except TooWide as error:
            raise TooWide(f"{what} depends on too many decisions") from error

    def _any_use(self, uses: Mapping[Guard, list[Guard]], what: str) -> Guard:
        """Whether any user is alive under a condition on which it needs the decision."""
        found = [(self._any(users, what), condition) for condition, users in uses.items()]
        return self._any([self._both(users, condition, what) for users, condition in found], what)

    def _both(self, left: Guard, right: Guard, what: str) -> Guard:
        if TRUE in (left, right):
            return left if right == TRUE else right
        return (self._diagram(left, what) & self._diagram(right, what)).number

    def _pass_on(self, node: GraphNode, guard: Guard, alive: dict[str, list[Guard]]) -> None:
        """Pass the guard of a node on to the tensors and decisions that it demands."""
        if not isinstance(node, (Mux, Select)):
            for producer in {port.node: None for port in self._demanded(node)}:
                alive[producer].append(guard)
            self._use(self._used[node.id], guard)
            return
        self._users[node.decision][TRUE].append(guard)
        level = self.diagrams.level[node.decision]
        demanded: dict[str, int] = defaultdict(int)
        for position, (_, demand) in enumerate(activity.branches(self.graph, node)):
            for port in demand.ports:
                demanded[port.node] |= 1 << position
            if demand.scalars:
                self._use(demand.scalars, self.factoring.both(guard, level, 1 << position))
        for producer, mask in demanded.items():
            alive[producer].append(self.factoring.both(guard, level, mask))

    def _use(self, scalars: tuple[Decided, ...], guard: Guard) -> None:
        for scalar in scalars:
            for decision, condition in self._reaches(scalar).items():
                self._users[decision][condition].append(guard)

    def _reaches(self, scalar: ExactScalar) -> Mapping[str, Guard]:
        """For every decision needed to evaluate a scalar, the condition under which it is needed."""
        if not isinstance(scalar, Decided):
            return {}
        found = self._reached.get(scalar)
        if found is None:
            gathered: dict[str, list[Guard]] = defaultdict(list)
            if isinstance(scalar, Switch):
                gathered[scalar.decision].append(TRUE)
            for part, level, mask in self._parts(scalar):
                for decision, under in self._reaches(part).items():
                    gathered[decision].append(under if mask == 0 else self.factoring.both(under, level, mask))
            found = {decision: self.factoring.disjoin(under) for decision, under in gathered.items()}
            self._reached[scalar] = found
        return found

    def _parts(self, scalar: Decided) -> Iterator[tuple[ExactScalar, int, int]]:
        """The operands of a scalar, each with the level and option of a switch, or a mask of 0."""
        if not isinstance(scalar, Switch):
            yield from ((part, 0, 0) for part in scalar.parts)
        elif not scalar.flat:
            level = self.diagrams.level[scalar.decision]
            for index, value in scalar.branches:
                if isinstance(value, Decided):
                    yield value, level, 1 << self.diagrams.domains[level].index(index)


def _inputs(node: GraphNode) -> tuple[Port, ...]:
    return node.inputs


def _order(graph: Graph, used: Mapping[str, tuple[Decided, ...]]) -> dict[str, None]:
    """The decisions in the order of a sweep from the outputs; those that it never meets come last.

    Mixtures and plain sets determine the order; a shape may list the decisions of a chain in either direction.
    """
    found: dict[str, None] = {}
    nested: dict[Decided, None] = {}
    for node in reversed(tuple(graph)):
        if isinstance(node, (Mux, Select)):
            found.setdefault(node.decision)
        for scalar in used[node.id]:
            if isinstance(scalar, Switch) and scalar.flat:
                found.setdefault(scalar.decision)
            else:
                nested.setdefault(scalar)
    return found | dict.fromkeys(activity.met(nested)) | dict.fromkeys(graph.decisions)
