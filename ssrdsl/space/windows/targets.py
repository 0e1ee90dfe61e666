"""Targets of a search that no architecture meets, according to the ranges of the costs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ssrdsl.errors import UserError
from ssrdsl.language.diagnostics import Diagnostic, Label
from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.cost import COST_NAMES, COSTS
from ssrdsl.space.graph import Graph
from ssrdsl.space.ranges.bounds import Unsatisfiable
from ssrdsl.space.ranges.intervals import ValueInterval
from ssrdsl.space.ranges.totals import Bounds
from ssrdsl.space.windows.attainable import AttainableRanges
from ssrdsl.space.windows.window import Window, joined, number, unit_hint

if TYPE_CHECKING:
    from ssrdsl.space.settings import GivenSetting

NEAR = 0.01
"""A target is met within this relative distance."""


class Missed(NamedTuple):
    """A target for a cost that cannot be met, with the texts of a message about it."""

    cost: str
    message: str
    range: str
    help: str


def missed(graph: Graph, targets: Mapping[str, Any], ranges: Mapping[str, ValueInterval]) -> Iterator[Missed]:
    """The targets that cannot be met; `ranges` are the ranges of the costs of the graph."""
    required = {window.cost: window for window in joined(graph.cost_bounds)}
    for cost, target in targets.items():
        window = required.get(cost, Window(cost))
        least, greatest = max(ranges[cost].least, window.least), min(ranges[cost].greatest, window.greatest)
        if least <= greatest and Window(cost, target, target).distance(least, greatest) > NEAR:
            nearest = number(least if target < least else greatest)
            yield Missed(
                cost,
                f"no architecture has about {number(target)} {COST_NAMES[cost]}",
                f"{COST_NAMES[cost]} are between {number(least)} and {number(greatest)} in this space",
                f"the nearest value is {nearest}: set target.{cost} to it or change the options"
                f"{unit_hint(target, least, greatest)}",
            )


def target_warnings(graph: Graph, given: Iterable[GivenSetting], bounds: Mapping[str, Bounds]) -> Iterator[Diagnostic]:
    """A warning for each target among settings that cannot be met. It is no error: another size may meet it."""
    paths = {("target", cost): cost for cost in COSTS}
    places = {paths[path]: (value, span) for path, value, span in given if path in paths}
    ranges = {cost: ValueInterval(ends.minimum.bound, ends.maximum.bound) for cost, ends in bounds.items()}
    for found in missed(graph, {cost: value for cost, (value, _) in places.items()}, ranges):
        label = Label(places[found.cost][1], found.range)
        yield Diagnostic("E0705", found.message, label, help=found.help, severity="warning")


def check_targets(graph: Graph, targets: Mapping[str, Any]) -> None:
    """Raise `UserError` for a target that no architecture meets, with the nearest value."""
    try:
        found = next(missed(graph, targets, AttainableRanges(graph)({})), None)
    except (TooWide, Unsatisfiable):
        return  # no error without a proof
    if found is not None:
        raise UserError(f"target.{found.cost}: {found.message}; {found.range}", help=found.help)
