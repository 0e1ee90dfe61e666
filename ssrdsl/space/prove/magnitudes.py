"""Bounds on the numbers that are met while a scalar is evaluated, whatever is chosen."""

from __future__ import annotations

from typing import Any, cast

from ssrdsl.space.activity import parts
from ssrdsl.space.expressions import MAX_MAGNITUDE, Apply, Decided, ExpressionLimit, Linear, Product, Scalar, Switch


class Magnitudes:
    """Refuses scalars that may come to numbers beyond `MAX_MAGNITUDE` in some architecture.

    Bounds are found from those of the parts, and may be larger than any number that is really met. What is below the
    limit here can be evaluated under every assignment.
    """

    def __init__(self) -> None:
        self._bounds: dict[Decided, Any] = {}
        self._met: dict[Decided, Any] = {}
        """The bounds on what is met while a scalar is evaluated: a large product may be divided at last."""

    def check(self, scalar: Scalar, what: str) -> None:
        """Raises `ExpressionLimit` where a number may be too large; `what` names it: `an extent`."""
        largest = self._bound(scalar)
        if isinstance(scalar, Decided):
            largest = max(largest, self._met[scalar])
        if largest > MAX_MAGNITUDE:
            raise ExpressionLimit(f"{what} can be larger than {MAX_MAGNITUDE:.0e}")

    def _bound(self, scalar: Scalar) -> Any:
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
        if isinstance(scalar, Linear):
            return abs(scalar.constant) + sum([self._bound(atom) * abs(c) for atom, c in scalar.terms])
        if isinstance(scalar, Product):
            bound: Any = 1
            for factor in scalar.factors:  # a factor below 1 may come last
                bound *= max(1, self._bound(factor))
            return bound
        return self._of_function(cast(Apply, scalar))

    def _of_function(self, applied: Apply) -> Any:
        bounds = [self._bound(argument) for argument in applied.arguments]
        if applied.function in {"floor", "ceil", "round"}:
            return bounds[0] + 1
        if applied.function == "round_to":
            return bounds[0] + 2 * bounds[1]
        return max(bounds)  # a divisor below 1 is rare, and what is divided by it is checked where it is evaluated


def _parts(scalar: Decided) -> list[Decided]:
    """The decided scalars that are evaluated first."""
    held = [value for _, value in scalar.branches] if isinstance(scalar, Switch) else parts(scalar)
    return [part for part in held if isinstance(part, Decided)]
