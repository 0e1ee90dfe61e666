"""Bounds on the intermediate values of a scalar, for any choice of options."""

from __future__ import annotations

from typing import Any, cast

from ssrdsl.space.activity import parts
from ssrdsl.space.expressions import (
    MAX_MAGNITUDE,
    Apply,
    Decided,
    ExactScalar,
    ExpressionLimit,
    LinearForm,
    Product,
    Switch,
)


class Magnitudes:
    """Rejects scalars that may exceed `MAX_MAGNITUDE` in some architecture.

    Bounds are computed from those of the parts, and may be larger than any actual value. Scalars below the limit can be
    evaluated under every assignment.
    """

    def __init__(self) -> None:
        self._bounds: dict[Decided, Any] = {}
        self._met: dict[Decided, Any] = {}
        """Bounds on intermediate values: a large product may be divided at the end."""

    def check(self, scalar: ExactScalar, what: str) -> None:
        """Raise `ExpressionLimit` if a number may be too large; `what` names it: `the number of macs`."""
        largest = self._bound(scalar)
        if isinstance(scalar, Decided):
            largest = max(largest, self._met[scalar])
        if largest > MAX_MAGNITUDE:
            raise ExpressionLimit(f"{what} can be larger than {MAX_MAGNITUDE:.0e}")

    def _bound(self, scalar: ExactScalar) -> Any:
        if isinstance(scalar, str):
            return 0
        if not isinstance(scalar, Decided):
            return abs(scalar)
        found = self._bounds.get(scalar)
        if found is None:
            found = self._bounds[scalar] = self._of_parts(scalar)
            self._met[scalar] = max([found, *[self._met.get(part, 0) for part in _parts(scalar)]])
        return found

    def _of_parts(self, scalar: Decided) -> Any:
        if isinstance(scalar, Switch):
            return max([self._bound(value) for _, value in scalar.branches])
        if isinstance(scalar, LinearForm):
            return abs(scalar.constant) + sum([self._bound(atom) * abs(c) for atom, c in scalar.terms])
        if isinstance(scalar, Product):
            bound: Any = 1
            for factor in scalar.factors:  # a factor below 1 may be the last
                bound *= max(1, self._bound(factor))
            return bound
        return self._of_function(cast(Apply, scalar))

    def _of_function(self, applied: Apply) -> Any:
        bounds = [self._bound(argument) for argument in applied.arguments]
        if applied.function in {"floor", "ceil", "round"}:
            return bounds[0] + 1
        if applied.function == "round_to":
            return bounds[0] + 2 * bounds[1]
        return max(bounds)  # a divisor below 1 is rare, and its quotient is checked when it is evaluated


def _parts(scalar: Decided) -> list[Decided]:
    """The decided scalars that are evaluated first."""
    held = [value for _, value in scalar.branches] if isinstance(scalar, Switch) else parts(scalar)
    return [part for part in held if isinstance(part, Decided)]
