"""Bounds on the intermediate values of a scalar, for any choice of options."""

from __future__ import annotations

from math import prod
from typing import Any

from ssrdsl.space.expressions import MAX_MAGNITUDE, Apply, Decided, ExactScalar, ExpressionLimit, LinearForm, Product


class Magnitudes:
    """Rejects scalars that may exceed `MAX_MAGNITUDE` in some architecture.

    Bounds are computed from those of the parts, and may be larger than any actual value. Scalars below the limit can be
    evaluated under every assignment.
    """

    def __init__(self) -> None:
        self._bounds: dict[Decided, tuple[Any, Any]] = {}
        """Bounds on the value and on all that it is computed from: a large product may be divided at the end."""

    def check(self, scalar: ExactScalar, what: str) -> None:
        """Raise `ExpressionLimit` if a number may be too large; `what` names it: `the number of macs`."""
        if max(self._of(scalar)) > MAX_MAGNITUDE:
            raise ExpressionLimit(f"{what} can be larger than {MAX_MAGNITUDE:.0e}")

    def _of(self, scalar: ExactScalar) -> tuple[Any, Any]:
        if not isinstance(scalar, Decided):
            return (0 if isinstance(scalar, str) else abs(scalar)), 0
        found = self._bounds.get(scalar)
        if found is None:
            parts = [self._of(part) for part in scalar.parts]
            bound = _bound(scalar, [bound for bound, _ in parts])
            found = self._bounds[scalar] = bound, max([bound, *[met for _, met in parts]])
        return found


def _bound(scalar: Decided, parts: list[Any]) -> Any:
    """A bound on the absolute value, from those of the parts."""
    if isinstance(scalar, LinearForm):
        return abs(scalar.constant) + sum([part * abs(c) for part, (_, c) in zip(parts, scalar.terms, strict=True)])
    if isinstance(scalar, Product):
        return prod([max(1, part) for part in parts])  # a factor below 1 may be the last
    if isinstance(scalar, Apply) and scalar.function in {"floor", "ceil", "round"}:
        return parts[0] + 1
    if isinstance(scalar, Apply) and scalar.function == "round_to":
        return parts[0] + 2 * parts[1]
    return max(parts)  # a divisor below 1 is rare, and its quotient is checked when it is evaluated
