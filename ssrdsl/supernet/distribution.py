"""Distributions and expectations of scalars over decisions, as slots of a circuit over gates.

Decisions are independent; option i of a decision has the probability of gate i. Within one scalar (or one tuple of
scalars) everything is exact: if several parts depend on one decision, it is conditioned on first. At
one-hot gates a distribution is the value of the architecture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias, cast

from ssrdsl.errors import UserError
from ssrdsl.space import expressions
from ssrdsl.space.expressions import Apply, Decided, ExactScalar, LinearForm, Product, Switch
from ssrdsl.supernet.circuit import ONE, Circuit, ValueIndex, WeightedProduct

Distribution: TypeAlias = dict[Any, ValueIndex]
"""The probability of every possible value; a single value has the slot ONE."""
ValueTerms: TypeAlias = dict[Any, list[WeightedProduct]]
"""The terms of the probability of every possible value."""

MAX_VALUES: Final = 4096


class Distributions:
    """Builds distributions and expectations in a circuit, each scalar once."""

    def __init__(self, circuit: Circuit) -> None:
        self.circuit = circuit
        self._distributions: dict[Decided, Distribution] = {}
        self._expectations: dict[Decided, ValueIndex] = {}

    def of(self, scalar: ExactScalar) -> Distribution:
        """The distribution of a scalar. Raises UserError if it has too many values."""
        if not isinstance(scalar, Decided):
            return {scalar: ONE}
        found = self._distributions.get(scalar)
        if found is None:
            found = self._distributions[scalar] = self._distribution(scalar)
        return found

    def of_tuple(self, scalars: tuple[ExactScalar, ...]) -> dict[tuple[Any, ...], ValueIndex]:
        """The joint distribution of several scalars."""
        shared = shared_decision(scalars)
        if shared is None:
            return self._independent([self.of(scalar) for scalar in scalars], (), lambda held, value: (*held, value))
        return self._mixed(
            shared, lambda index: self.of_tuple(tuple(expressions.assign(each, {shared: index}) for each in scalars))
        )

    def tail(self, scalar: ExactScalar, bound: int) -> ValueIndex:
        """P(scalar > bound): whether channel `bound`, counted from 0, is live."""
        probabilities = self.of(scalar)
        above = [slot for value, slot in probabilities.items() if value > bound]
        return ONE if len(above) == len(probabilities) else self.circuit.total((ONE, slot, 1.0) for slot in above)

    def expectation(self, scalar: ExactScalar) -> ValueIndex:
        """The expected value of a scalar."""
        if not isinstance(scalar, Decided):
            return self.circuit.total([(ONE, ONE, float(cast(int, scalar)))])
        found = self._expectations.get(scalar)
        if found is None:
            found = self._expectations[scalar] = self._expectation(scalar)
        return found

    def mixture(self, decision: str, value: Callable[[int], ValueIndex]) -> ValueIndex:
        """sum_i g_i * value(i) over the remaining options."""
        gate = self.circuit.gate
        indices = self.circuit.domains[decision]
        return self.circuit.total([(gate(decision, index), value(index), 1.0) for index in indices])

    def _distribution(self, scalar: Decided) -> Distribution:
        if isinstance(scalar, Switch):
            branches = dict(scalar.branches)
            return self._mixed(scalar.decision, lambda index: self.of(branches[index]))
        parts = scalar.parts
        shared = shared_decision(parts)
        if shared is not None:
            return self._mixed(shared, lambda index: self.of(expressions.assign(scalar, {shared: index})))
        if isinstance(scalar, LinearForm):
            return self._independent([self._scaled(*term) for term in scalar.terms], scalar.constant, _sum)
        if isinstance(scalar, Product):
            return self._independent([self.of(part) for part in parts], 1, _product)
        terms: ValueTerms = {}
        for values, slot in self.of_tuple(parts).items():
            value = expressions.apply(cast(Apply, scalar).function, *values)
            terms.setdefault(value, []).append((slot, ONE, 1.0))
        return self._totals(terms)

    def _scaled(self, atom: Decided, coefficient: Any) -> Distribution:
        return {value * coefficient: slot for value, slot in self.of(atom).items()}

    def _mixed(self, decision: str, branch: Callable[[int], Mapping[Any, ValueIndex]]) -> dict[Any, ValueIndex]:
        """sum_i g_i P_i."""
        terms: ValueTerms = {}
        for index in self.circuit.domains[decision]:
            gate = self.circuit.gate(decision, index)
            for value, slot in branch(index).items():
                terms.setdefault(value, []).append((gate, slot, 1.0))
        return self._totals(terms)

    def _independent(
        self, parts: list[Distribution], start: Any, step: Callable[[Any, Any], Any]
    ) -> dict[Any, ValueIndex]:
        """The distribution of `step(...step(start, first)..., last)` over independent parts."""
        current: dict[Any, ValueIndex] = {start: ONE}
        for part in parts:
            terms: ValueTerms = {}
            for held, slot in current.items():
                for value, other in part.items():
                    terms.setdefault(step(held, value), []).append((slot, other, 1.0))
            current = self._totals(terms)
        return current

    def _totals(self, terms: ValueTerms) -> dict[Any, ValueIndex]:
        if len(terms) == 1:
            return dict.fromkeys(terms, ONE)
        if len(terms) > MAX_VALUES:
            raise UserError(
                f"a number of this space has more than {MAX_VALUES} values",
                help="use fewer or coarser sets for the width of one tensor",
            )
        return {value: self.circuit.total(parts) for value, parts in terms.items()}

    def _expectation(self, scalar: Decided) -> ValueIndex:
        if isinstance(scalar, Switch):
            branches = dict(scalar.branches)
            return self.mixture(scalar.decision, lambda index: self.expectation(branches[index]))
        if isinstance(scalar, LinearForm):
            parts = [(ONE, self.expectation(atom), float(c)) for atom, c in scalar.terms]
            return self.circuit.total([(ONE, ONE, float(scalar.constant)), *parts])
        if isinstance(scalar, Product):
            shared = shared_decision(scalar.factors)
            if shared is None:
                return self.circuit.product(*(self.expectation(factor) for factor in scalar.factors))
            return self.mixture(shared, lambda index: self.expectation(expressions.assign(scalar, {shared: index})))
        return self.circuit.total([(ONE, slot, float(value)) for value, slot in self.of(scalar).items()])


def _sum(held: Any, value: Any) -> Any:
    return expressions.number(held + value)


def _product(held: Any, value: Any) -> Any:
    return expressions.number(held * value)


def shared_decision(parts: Iterable[ExactScalar]) -> str | None:
    """A decision that several of the parts depend on, or None; outer ones first, since they exclude inner ones."""
    decided = [part for part in parts if isinstance(part, Decided)]
    uses = Counter(decision for part in decided for decision in part.support)
    shared = {decision for decision, count in uses.items() if count > 1}
    outer = shared & {decision for part in decided for decision in _outermost(part)}
    return min(outer or shared, key=lambda decision: (-uses[decision], decision), default=None)


def _outermost(scalar: ExactScalar) -> frozenset[str]:
    """The decisions of the outermost switches in a scalar, without those inside branches."""
    if isinstance(scalar, Switch):
        return frozenset((scalar.decision,))
    return frozenset().union(*map(_outermost, scalar.parts)) if isinstance(scalar, Decided) else frozenset()
