"""The exact least and greatest value of a scalar over all assignments to its decisions."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from ssrdsl.errors import UserError
from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.expressions import Decided, ExactScalar
from ssrdsl.space.graph import Graph
from ssrdsl.space.ranges.intervals import UnboundedError, ValueInterval, interval


class Extremes:
    """The extremes of scalars of one graph. Requirements are ignored."""

    def __init__(self, graph: Graph) -> None:
        self.domains = graph.domains
        self._intervals: dict[Decided, ValueInterval] = {}
        self._found: dict[Decided, tuple[Any, Any]] = {}

    def __call__(self, scalar: ExactScalar) -> tuple[Any, Any]:
        """The least and the greatest value. Raises `TooWide` if they cannot be determined."""
        if not isinstance(scalar, Decided):
            return scalar, scalar
        found = self._found.get(scalar)
        if found is None:
            found = self._found[scalar] = self._search(scalar)
        return found

    def text(self, scalar: ExactScalar, otherwise: str = "?") -> str:
        """`64`, or `32..64` if the scalar is decided; `otherwise` if its extremes cannot be determined."""
        try:
            least, greatest = self(scalar)
        except UserError:
            return otherwise
        return str(least) if least == greatest else f"{least}..{greatest}"

    def _search(self, scalar: Decided) -> tuple[Any, Any]:
        with suppress(UnboundedError):
            found = interval(scalar, self._intervals)
            if found.exact:
                return found.least, found.greatest
        # Imported here, since numpy takes longer to load than most scalars to bound.
        from ssrdsl.space.ranges.factors import Problem
        from ssrdsl.space.ranges.totals import Totals

        problem = Problem({name: self.domains[name] for name in sorted(scalar.support)})
        problem.add_cost(scalar)
        ends = Totals(problem).bounds(0)
        if not ends.is_exact:
            raise TooWide("too many decisions have to be considered together")
        return ends.minimum.value, ends.maximum.value
