"""Targets of a search that no architecture meets, by the ranges of the costs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any

from ssrdsl.errors import UserError
from ssrdsl.language.diagnostics import Diagnostic, Label
from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.cost import COSTS
from ssrdsl.space.graph import Graph
from ssrdsl.space.ranges.bounds import Bounds, Unsatisfiable
from ssrdsl.space.windows.attainable import AttainableRanges
from ssrdsl.space.windows.window import Window, joined, number

if TYPE_CHECKING:
    from ssrdsl.space.settings import GivenSetting

NEAR = 0.01
"""A target is met within this relative distance."""


@dataclass(frozen=True, slots=True)
class Missed:
    """A target for a cost that cannot be met, and the attainable and required range of this cost."""

    cost: str
    target: Any
    least: Any
    greatest: Any

    @property
    def nearest(self) -> Any:
        """The end of the range that is nearest to the target."""
        return self.least if self.target < self.least else self.greatest

    def __str__(self) -> str:
        return f"no architecture has about {number(self.target)} {self.cost}"

    @property
    def range(self) -> str:
        """The range in words."""
        return f"{self.cost} are between {number(self.least)} and {number(self.greatest)} in this space"

    @property
    def help(self) -> str:
        """What to do about it."""
        return f"the nearest value is {number(self.nearest)}: set target.{self.cost} to it or change the options"


def missed(graph: Graph, targets: Mapping[str, Any], bounds: Mapping[str, Bounds] | None = None) -> Iterator[Missed]:
    """The targets that cannot be met.

    `bounds` are those of the graph, if already computed. Raises `TooWide` if the costs have too many cases, and
    `Unsatisfiable` if there is no architecture.
    """
    if bounds is None:
        ranges = {cost: (held.least, held.greatest) for cost, held in AttainableRanges(graph)({}).items()}
    else:
        ranges = {cost: (held.minimum.bound, held.maximum.bound) for cost, held in bounds.items()}
    required = {window.cost: window for window in joined(graph.requirements)}
    for cost, target in targets.items():
        window = required.get(cost, Window(cost, -inf, inf))
        least, greatest = max(ranges[cost][0], window.least), min(ranges[cost][1], window.greatest)
        if least <= greatest and Window(cost, target, target).distance(least, greatest) > NEAR:
            yield Missed(cost, target, least, greatest)


def target_warnings(
    graph: Graph, given: Iterable[GivenSetting], bounds: Mapping[str, Bounds] | None = None
) -> Iterator[Diagnostic]:
    """A warning for each target among settings that cannot be met: the settings may be for another size."""
    costs = {("target", cost): cost for cost in COSTS}
    places = {costs[path]: (value, span) for path, value, span in given if path in costs}
    for found in missed(graph, {cost: value for cost, (value, _) in places.items()}, bounds):
        yield Diagnostic(
            "E0705", str(found), Label(places[found.cost][1], found.range), help=found.help, severity="warning"
        )


def check_targets(graph: Graph, targets: Mapping[str, Any]) -> None:
    """Raise `UserError` for a target that no architecture meets, with the nearest value."""
    try:
        found = next(missed(graph, targets), None)
    except (TooWide, Unsatisfiable):
        return  # what cannot be shown is no error
    if found is not None:
        raise UserError(f"target.{found.cost}: {found}; {found.range}", help=found.help)
