"""Windows on the costs of an architecture: the least and the greatest allowed value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil, floor, inf, isnan
from typing import Any, TypeAlias

import numpy as np

from ssrdsl.errors import UserError
from ssrdsl.space.cost import COST_NAMES, COSTS
from ssrdsl.space.graph import Requirement
from ssrdsl.space.ranges.factors import Array

CostValue: TypeAlias = Any
"""An int, a float or a Fraction."""


@dataclass(frozen=True, slots=True)
class Window:
    """The values that a cost may take: from `least` to `greatest`, both included; either may be infinite."""

    cost: str
    least: CostValue = -inf
    greatest: CostValue = inf

    @property
    def is_empty(self) -> bool:
        """Whether the window contains no integer."""
        return bool(self.least > self.greatest)

    @property
    def is_closed(self) -> bool:
        """Whether both bounds are finite."""
        return bool(self.least > -inf and self.greatest < inf)

    def holds(self, value: CostValue) -> bool:
        """Whether a cost is inside the window."""
        return bool(self.least <= value <= self.greatest)

    def distance(self, least: CostValue, greatest: CostValue) -> float:
        """The distance of the window from a range of values, relative to the missed bound."""
        if greatest < self.least:
            return float(self.least - greatest) / _scale(self.least)
        return float(least - self.greatest) / _scale(self.greatest) if least > self.greatest else 0.0

    def distances(self, values: Array) -> Array:
        """The distances of values from the window, as an array."""
        found = np.zeros(len(values))
        if self.least > -inf:
            found = np.maximum(found, (float(self.least) - values) / _scale(self.least))
        if self.greatest < inf:
            found = np.maximum(found, (values - float(self.greatest)) / _scale(self.greatest))
        return found

    def __str__(self) -> str:
        name = COST_NAMES[self.cost]
        if self.least == self.greatest:
            return f"{name} == {number(self.least)}"
        if self.greatest == inf:
            return f"{name} >= {number(self.least)}"
        if self.least == -inf:
            return f"{name} <= {number(self.greatest)}"
        return f"{name} from {number(self.least)} to {number(self.greatest)}"


def _scale(bound: CostValue) -> float:
    return max(1.0, abs(float(bound)))


def number(value: CostValue) -> str:
    """A cost with thousands separators."""
    return f"{int(value):,}" if value == int(value) else f"{float(value):,.12g}"


def unit_hint(value: CostValue, least: CostValue, greatest: CostValue) -> str:
    """A hint if a value is in a range of costs only with a unit: `40` for 40M."""
    for factor, unit in ((10**3, "k"), (10**6, "M"), (10**9, "G")):
        if least <= value * factor <= greatest:
            return f"; is `{number(value)}{unit}` meant?"
    return ""


def text_of(windows: Iterable[Window]) -> str:
    """The windows as text."""
    return " and ".join(map(str, windows))


def around(cost: str, target: CostValue, within: float) -> Window:
    """The window of a cost within a fraction of a target; the adjacent integers if it would contain none."""
    window = Window(cost, ceil(target * (1 - within)), floor(target * (1 + within)))
    return Window(cost, floor(target), ceil(target)) if window.is_empty else window


def of_requirement(requirement: Requirement) -> Window:
    """The window of a `require` on a cost. Costs are integers, so `<` excludes the bound itself."""
    bound, cost = requirement.bound, str(requirement.cost)
    if requirement.relation == "==":
        return Window(cost, ceil(bound), floor(bound))
    if requirement.relation in {"<", "<="}:
        return Window(cost, -inf, floor(bound) if requirement.relation == "<=" else ceil(bound) - 1)
    return Window(cost, ceil(bound) if requirement.relation == ">=" else floor(bound) + 1, inf)


def joined(
    requirements: Iterable[Requirement], more: Mapping[str, tuple[CostValue, CostValue]] | None = None
) -> tuple[Window, ...]:
    """One window for each bounded cost: the intersection of requirements on costs and of windows given as pairs.

    Raises `UserError` for an unknown cost or a bound that is NaN.
    """
    found: dict[str, Window] = {}
    given = [_checked(cost, *pair) for cost, pair in (more or {}).items()]
    for window in [*map(of_requirement, requirements), *given]:
        known = found.get(window.cost, Window(window.cost))
        found[window.cost] = Window(window.cost, max(known.least, window.least), min(known.greatest, window.greatest))
    return tuple(found[cost] for cost in COSTS if cost in found)


def _checked(cost: str, least: CostValue, greatest: CostValue) -> Window:
    if cost not in COSTS:
        raise UserError(f"unknown cost `{cost}`", help=f"the costs are {' and '.join(f'`{c}`' for c in COSTS)}")
    if isnan(least) or isnan(greatest):
        raise UserError(f"the bounds on {cost} are not numbers", help="give the least and the greatest value")
    return Window(cost, least, greatest)
