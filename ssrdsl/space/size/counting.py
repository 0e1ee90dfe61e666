"""Count architectures, and draw them uniformly.

Decisions are made one after another from the outputs backwards. Past choices matter only through the remaining guards
of future decisions, so partial choices with equal remaining guards are one state: the frontier of demand. There are few
states if the history of a tensor is irrelevant once it is consumed.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import prod
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from ssrdsl.space.conditions.budget import Budget, TooWide
from ssrdsl.space.conditions.diagrams import FALSE, TRUE
from ssrdsl.space.conditions.guards import Guards
from ssrdsl.space.graph import Graph
from ssrdsl.space.size.collapse import Collapse

MAX_STATES = 20_000
"""Limit on the states of one step."""

MAX_EVALUATIONS = 16_000_000
"""Limit on the conditions evaluated in all steps: those tracked in each state, for each option."""

GuardState: TypeAlias = tuple[int, ...]
"""The rest of the tracked guards, of the required conditions, and of the assumed ones."""


class Transition(NamedTuple):
    """A transition to a state by one of some options (none: the decision is not active).

    `ways` is the number of choices for collapsed decisions, which multiply the count.
    """

    options: tuple[int, ...]
    ways: int
    target: GuardState

    @property
    def weight(self) -> int:
        """The number of partial architectures with this transition."""
        return max(1, len(self.options)) * self.ways


@dataclass(frozen=True, slots=True)
class _DecisionStep:
    """A step that makes the decision at a level.

    `guard` is the position of its guard among the tracked guards, including those added by `enter`. `settled` are the
    positions of guards that are not needed later, with the number of ways to choose the collapsed decisions if the
    guard is true.
    """

    level: int
    guard: int
    enter: tuple[int, ...]
    settled: dict[int, int]
    kept: Callable[[GuardState], GuardState]
    """Selects the guards that are needed later, and the conditions."""


class Counting:
    """All architectures of a graph as paths through layers of states. Raises `TooWide` if there are too many."""

    def __init__(self, graph: Graph, guards: Guards | None = None) -> None:
        """`guards` are those of the graph with auxiliary outputs, if already computed."""
        guards = guards or Guards(graph, auxiliary=True)
        self._diagrams = guards.diagrams
        self._required = guards.required.number
        self._collapse = Collapse(self._diagrams, guards.uses, self._diagrams.support(self._required))
        self._plan = _DecisionOrder(guards, self._collapse, self._required)
        self._start: GuardState = (self._required, TRUE)
        self._layers = self._build()
        self._totals = self._count()

    @property
    def total(self) -> int:
        """The number of architectures."""
        return self._plan.always * self._totals[0].get(self._start, 0)

    def draw(self, rng: random.Random) -> dict[str, int]:
        """Draw options of the decisions that have steps; with `pick` for the others, architectures are uniform.

        Raises ValueError if there is no architecture.
        """
        state, taken = self._start, dict[str, int]()
        for (level, layer), totals in zip(self._layers, self._totals[1:], strict=True):
            transitions = layer[state]
            ends = list(accumulate(t.weight * totals.get(t.target, 0) for t in transitions))
            at = rng.randrange(ends[-1])
            chosen = next(t for t, end in zip(transitions, ends, strict=True) if at < end)
            if chosen.options:
                taken[self._diagrams.decisions[level]] = rng.choice(chosen.options)
            state = chosen.target
        return taken

    def pick(self, decision: str, rng: random.Random) -> int | None:
        """Draw an option of an active decision that has no step; None if no node depends on the decision."""
        weights = self._collapse.weights.get(decision)
        if weights is None:
            return None
        ends = list(accumulate(weights))
        return self._diagrams.domains[self._diagrams.level[decision]][bisect_right(ends, rng.randrange(ends[-1]))]

    def _build(self) -> list[tuple[int, dict[GuardState, list[Transition]]]]:
        states = {self._start}
        layers = []
        budget = Budget(MAX_EVALUATIONS)
        for step in self._plan.steps():
            name = self._diagrams.decisions[step.level]
            budget.spend(
                # The work of a step in a state, which has a fixed part per state.
                sum([4 + len(state) + len(step.enter) for state in states]) * len(self._diagrams.domains[step.level]),
                f"up to `{name}` there are too many combinations of demanded nodes",
            )
            layer = {state: self._transitions(step, state) for state in states}
            layers.append((step.level, layer))
            states = {transition.target for transitions in layer.values() for transition in transitions}
            if len(states) > MAX_STATES:
                raise TooWide(f"after `{name}` more than {MAX_STATES} combinations of demanded nodes are possible")
        return layers

    def _count(self) -> list[dict[GuardState, int]]:
        """For every layer, the number of paths from each state to the end."""
        totals: list[dict[GuardState, int]] = [dict.fromkeys(self._ends(), 1)]
        for _, layer in reversed(self._layers):
            after = totals[-1]
            totals.append({state: sum(t.weight * after.get(t.target, 0) for t in layer[state]) for state in layer})
        return totals[::-1]

    def _ends(self) -> Iterable[GuardState]:
        if not self._layers:
            return [self._start] if self._required == TRUE else []
        return [t.target for transitions in self._layers[-1][1].values() for t in transitions]

    def _transitions(self, step: _DecisionStep, state: GuardState) -> list[Transition]:
        """The transitions of a step from a state."""
        diagrams, level = self._diagrams, step.level
        domain = diagrams.domains[level]
        *live, required, assumed = state
        tracked = (*live, *step.enter)
        guard = tracked[step.guard]
        active, inactive = (diagrams.conjoin((assumed, case)) for case in (guard, diagrams.negate(guard)))
        after = [
            diagrams.branches[n] if diagrams.levels[n] == level else (n,) * len(domain)
            for n in (*tracked, required, active, inactive)
        ]
        merged: dict[tuple[bool, int, GuardState], list[int]] = defaultdict(list)
        if active != FALSE:
            columns: dict[GuardState, list[int]] = defaultdict(list)
            for index, column in zip(domain, zip(*after[:-1], strict=True), strict=True):
                columns[column].append(index)
            for column, indices in columns.items():
                self._settle(step, column, merged, indices)
        if inactive != FALSE:
            # No demanded node depends on an inactive decision, but a requirement may: any of its options may meet it.
            column = (*[branches[0] for branches in after[:-3]], diagrams.disjoin(after[-3]), after[-1][0])
            self._settle(step, column, merged, ())
        return [Transition(tuple(sorted(options)), ways, target) for (_, ways, target), options in merged.items()]

    def _settle(
        self,
        step: _DecisionStep,
        column: GuardState,
        merged: dict[tuple[bool, int, GuardState], list[int]],
        indices: Sequence[int],
    ) -> None:
        """Add the transition of options, unless it contradicts required or assumed conditions."""
        if FALSE in column[-2:]:
            return
        ways = prod([count for place, count in step.settled.items() if column[place] == TRUE])
        merged[bool(indices), ways, step.kept(column)] += indices


def architectures(graph: Graph, guards: Guards | None = None) -> int:
    """The number of architectures: distinct assignments to the active decisions that meet each `require` over them.

    A decision is active if an output, auxiliary ones included, demands it through the chosen options; a tied one
    counts once. Bounds on costs are ignored. Raises `TooWide` if the count exceeds its limit.
    `guards` are those of the graph with auxiliary outputs, if already computed.
    """
    return Counting(graph, guards).total


def configurations(graph: Graph) -> int:
    """The product of the numbers of options of all decisions, active or not, as often given in papers."""
    return prod(len(decision.options) for decision in graph.decisions.values())


class _DecisionOrder:
    """The order of the decisions, and the guards tracked in between.

    Collapsed decisions are not included: they multiply the number of choices once their guard is known.
    """

    def __init__(self, guards: Guards, collapse: Collapse, required: int) -> None:
        diagrams = guards.diagrams
        self._own = {name: guards.active(name).number for name in collapse.stepwise}
        self._ways: dict[int, int] = defaultdict(lambda: 1)
        for guard, ways in collapse.ways.items():
            self._ways[guards.factoring.number(guard)] *= ways
        numbers = {*self._own.values(), *self._ways, required}
        supports = {number: diagrams.support(number) for number in numbers}
        self.levels = sorted(set[int]().union(*supports.values()))
        for name, number in self._own.items():
            if diagrams.level[name] not in self.levels:  # it occurs, but no guard depends on it
                self._ways[number] *= len(diagrams.domains[diagrams.level[name]])
        self._ways.pop(FALSE, None)
        self.always = self._ways.pop(TRUE, 1)
        self._guards = [self._own.get(diagrams.decisions[level], FALSE) for level in self.levels]
        self._spans = self._tracked(supports)

    def _tracked(self, supports: dict[int, frozenset[int]]) -> dict[int, tuple[int, int]]:
        """For each guard, the range of levels where it is tracked."""
        needed: dict[int, set[int]] = {number: set(supports[number]) for number in self._ways}
        for level, number in zip(self.levels, self._guards, strict=True):
            needed.setdefault(number, set(supports.get(number, ()))).add(level)
        return {number: (min(levels), max(levels)) for number, levels in needed.items()}

    def steps(self) -> Iterator[_DecisionStep]:
        """The steps, outermost decision first."""
        entering: dict[int, list[int]] = defaultdict(list)
        for number, (first, _) in sorted(self._spans.items()):
            entering[first].append(number)
        live: list[int] = []
        for level, guard in zip(self.levels, self._guards, strict=True):
            live += entering[level]
            kept = [place for place, number in enumerate(live) if self._spans[number][1] != level]
            settled = {place: self._ways[n] for place, n in enumerate(live) if place not in kept and n in self._ways}
            yield _DecisionStep(level, live.index(guard), tuple(entering[level]), settled, itemgetter(*kept, -2, -1))
            live = [live[place] for place in kept]
