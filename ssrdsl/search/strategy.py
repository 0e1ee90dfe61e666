"""Strategies of search, by name: how parameters become gates, what draws gates to a decision, and which options go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeAlias

from torch import Tensor

from ssrdsl.errors import UserError
from ssrdsl.search.schedule import Schedule
from ssrdsl.search.strategies.ssr import SolutionSpaceRegularization
from ssrdsl.space.decisions import Dimension
from ssrdsl.supernet import Gates, Relaxation

GateValues: TypeAlias = Mapping[str, Mapping[int, float]]
"""Decision -> original option index -> gate, of the open decisions."""


class Strategy(Protocol):
    """A way to search; the loop, the cost terms and the run directory are the same for all."""

    @property
    def relaxation(self) -> Relaxation:
        """How parameters become gates."""
        ...

    def pull(self, gates: Gates, schedule: Schedule, step: int) -> Mapping[Dimension, Tensor]:
        """Per dimension the weighted loss, a scalar, that draws gates to a decision; it is added to the task's."""
        ...

    def survivors(self, gates: GateValues, schedule: Schedule) -> dict[str, tuple[int, ...]]:
        """The options of every open decision that stay when the supernet is shrunk."""
        ...


STRATEGIES: Mapping[str, type[Strategy]] = {"ssr": SolutionSpaceRegularization}
"""The strategies by name; the names stand in `ssrdsl.space.settings`, too."""


def find_strategy(name: str) -> Strategy:
    """The strategy of a name. Raises `UserError` where there is none."""
    if name not in STRATEGIES:
        raise UserError(f"there is no search strategy `{name}`", help=f"known: {', '.join(STRATEGIES)}")
    return STRATEGIES[name]()
