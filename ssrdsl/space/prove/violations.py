"""Find an architecture in which a fact about scalars does not hold, or prove that there is none.

Structural equality is tried first, then intervals, then the decisions are assigned one by one, outermost first.
Results for partial assignments are cached.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from ssrdsl.operators.definition import Rule
from ssrdsl.space import activity, expressions
from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.conditions.diagrams import Diagram
from ssrdsl.space.decisions import only
from ssrdsl.space.expressions import Decided, ExactScalar
from ssrdsl.space.ranges.intervals import FEW, UnboundedError, ValueInterval, interval, values

MAX_STEPS = 2_000
"""Limit on partial assignments in the proof of one fact."""
BRANCHES_OF_A_STEP = 1_000
"""Narrowing a guard counts as one step per this number of branches."""
DECISIONS_OF_A_STEP = 10
"""From this number of decisions on, every step counts twice: their cases cannot be exhausted."""
MAX_STEPS_IN_ALL = 4_000
"""The same limit for all facts of a space that are proved case by case."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Decides whether rules hold, without case distinction if possible."""

    _intervals: dict[Decided, ValueInterval] = field(default_factory=dict)
    _values: dict[Decided, frozenset[Any] | None] = field(default_factory=dict)
    _whole: dict[Decided, bool] = field(default_factory=dict)

    def holds(self, rule: Rule) -> bool | None:
        """True: in every case; False: in no case; None: a case distinction is needed."""
        relation, left, right = rule.relation, rule.left, rule.right
        if not isinstance(left, Decided) and not isinstance(right, Decided):
            return _holds_plainly(relation, left, right)
        if left is right or (relation == "integer" and expressions.is_whole(left, self._whole)):
            return True
        if relation in {"equal", "at least"}:
            if isinstance(right, Decided):
                left, right = expressions.add(left, expressions.multiply(-1, right)), 0
            verdict = self._by_interval(relation, left, right)
            if verdict is not None:
                return verdict
        return self._by_values(relation, left, right)

    def _by_interval(self, relation: str, left: ExactScalar, right: Any) -> bool | None:
        try:
            least, greatest, _ = interval(left, self._intervals)
        except UnboundedError:
            return None
        if relation == "at least":
            return True if least >= right else False if greatest < right else None
        if least > right or greatest < right:
            return False
        return True if least == greatest else None

    def _by_values(self, relation: str, left: ExactScalar, right: ExactScalar) -> bool | None:
        lefts = values(left, self._values)
        rights = values(right, self._values)
        if lefts is None or rights is None or len(lefts) * len(rights) > FEW:
            return None
        verdicts = {_holds_plainly(relation, *pair) for pair in product(lefts, rights)}
        return verdicts.pop() if len(verdicts) == 1 else None


def _holds_plainly(relation: str, left: Any, right: Any) -> bool:
    if relation == "equal":
        return bool(left == right)
    if relation == "at least":
        return bool(left >= right)
    if relation == "integer":
        return isinstance(left, int)
    return bool(right != 0 and left % right == 0)


@dataclass(slots=True)
class ViolationSearch:
    """Looks for an assignment under which a rule does not hold. Raises `TooWide` after too many cases."""

    judge: Judge
    domains: Mapping[str, tuple[int, ...]]
    _innocent: set[tuple[Any, ...]] = field(default_factory=set)
    _weight: int = 1
    _steps: int = 0
    _steps_in_all: int = 0

    def violation(self, rule: Rule, admitted: Diagram) -> dict[str, int] | None:
        """An assignment allowed by `admitted` under which the rule does not hold; None if there is none."""
        self._steps = 0
        self._weight = 1 + len(expressions.support(rule.left, rule.right)) // DECISIONS_OF_A_STEP
        return self._search(rule, admitted, {})

    def _search(self, rule: Rule, admitted: Diagram, settled: dict[str, int]) -> dict[str, int] | None:
        if admitted.is_false:
            return None
        verdict = self.judge.holds(rule)
        if verdict is True:
            return None
        if verdict is False:
            witness = admitted.an_assignment()
            return None if witness is None else {**settled, **witness}
        key = (rule.relation, rule.left, rule.right, admitted)
        if key in self._innocent:
            return None
        self._spend(self._weight)
        decision = next(activity.met((rule.left, rule.right)))  # it does not depend on another one itself
        for index in self.domains[decision]:
            taken = {decision: index}
            found = self._search(assigned(rule, taken), self._narrowed(admitted, taken), {**settled, **taken})
            if found is not None:
                return found
        self._innocent.add(key)
        return None

    def _narrowed(self, guard: Diagram, assignment: Mapping[str, int]) -> Diagram:
        self._spend(guard.size // BRANCHES_OF_A_STEP)
        return guard.restrict(only(assignment))

    def _spend(self, steps: int) -> None:
        self._steps += steps
        self._steps_in_all += steps
        if self._steps > MAX_STEPS or self._steps_in_all > MAX_STEPS_IN_ALL:
            raise TooWide("too many decisions are involved here")

    def shortened(self, rule: Rule, found: dict[str, int], guard: Diagram) -> dict[str, int]:
        """Remove decisions that are not needed for the rule to fail and the guard to hold.

        When the steps are used up, the remaining decisions are kept.
        """
        kept = found
        with suppress(TooWide):
            for decision in reversed(found):
                fewer = {name: index for name, index in kept.items() if name != decision}
                if self.judge.holds(assigned(rule, fewer)) is False and self._narrowed(guard, fewer).is_true:
                    kept = fewer
        return kept


def assigned(rule: Rule, assignment: Mapping[str, int]) -> Rule:
    """The rule under a partial assignment."""
    return rule._replace(
        left=expressions.assign(rule.left, assignment), right=expressions.assign(rule.right, assignment)
    )
