"""Arithmetic circuits over gates: all probabilities and expected costs of a supernet in a few tensor operations.

A circuit is built once, symbolically, and evaluated at every step (see `readings`). Its slots hold numbers: 0, 1, the
gates, and sums of terms `coefficient * slot * slot`. Slots are hash-consed, so that what several masks or costs share
is computed once; evaluation goes level by level, whatever the number of slots.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

ValueIndex: TypeAlias = int
WeightedProduct: TypeAlias = tuple[ValueIndex, ValueIndex, float]

ZERO: Final[ValueIndex] = 0
ONE: Final[ValueIndex] = 1


class Circuit:
    """A circuit builder.

    `domains` are the remaining options per decision, in the order of the gates; the gate of a decision's only option is
    1. `normalised`: the gates of a decision sum to 1, so that such sums collapse.
    """

    def __init__(self, domains: Mapping[str, tuple[int, ...]], *, normalised: bool = True) -> None:
        self.domains = domains
        self.normalised = normalised
        options = [(decision, index) for decision, left in domains.items() if len(left) > 1 for index in left]
        self._gates = {option: slot for slot, option in enumerate(options, start=2)}
        self._owner = {slot: gate[0] for gate, slot in self._gates.items()}
        self.terms: list[tuple[WeightedProduct, ...]] = [()] * (2 + len(self._gates))
        self._known: dict[tuple[WeightedProduct, ...], ValueIndex] = {}

    def gate(self, decision: str, index: int) -> ValueIndex:
        """The gate of an option; dropped options count as zero."""
        indices = self.domains[decision]
        if index not in indices:
            return ZERO
        return ONE if len(indices) == 1 else self._gates[decision, index]

    def product(self, *slots: ValueIndex) -> ValueIndex:
        """The product of slots."""
        result = ONE
        for slot in sorted(slots):
            result = self.total([(result, slot, 1.0)])
        return result

    def total(self, terms: Iterable[WeightedProduct]) -> ValueIndex:
        """The sum of terms `coefficient * slot * slot`."""
        merged: dict[tuple[ValueIndex, ValueIndex], float] = {}
        for left, right, coefficient in terms:
            if ZERO not in (left, right) and coefficient:
                pair = (min(left, right), max(left, right))
                merged[pair] = merged.get(pair, 0.0) + coefficient
        if self.normalised:
            self._collapse(merged)
        key = tuple(sorted((a, b, float(c)) for (a, b), c in merged.items() if c))
        if not key:
            return ZERO
        if len(key) == 1 and key[0][0] == ONE and key[0][2] == 1.0:
            return key[0][1]
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = len(self.terms)
            self.terms.append(key)
        return found

    def _collapse(self, merged: dict[tuple[ValueIndex, ValueIndex], float]) -> None:
        """Replace all gates of a decision with the same coefficient by that coefficient."""
        weights: dict[str, list[float]] = {}
        for (left, right), coefficient in merged.items():
            if left == ONE and right in self._owner:
                weights.setdefault(self._owner[right], []).append(coefficient)
        for decision, coefficients in weights.items():
            indices = self.domains[decision]
            if len(coefficients) == len(indices) and len(set(coefficients)) == 1:
                for index in indices:
                    del merged[ONE, self._gates[decision, index]]
                merged[ONE, ONE] = merged.get((ONE, ONE), 0.0) + coefficients[0]
