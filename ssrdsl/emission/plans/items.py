"""The items of a plan: chains of units, and folded branches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ssrdsl.emission.code.trees import with_symbols
from ssrdsl.emission.drafts.units import Unit, Wire
from ssrdsl.operators.construction import Code
from ssrdsl.space.expressions.symbols import SymbolicValue


@dataclass(slots=True)
class Chain:
    """Units that are one attribute of a class, or nested function calls: links, or a single unit that is none.

    `modules` are the elements of the attribute with its state (empty: no state), `paths` maps the number of a unit to
    the paths of its modules below the attribute. Units `before` and `after` those `inside` stay functions.
    """

    units: list[Unit]
    before: list[Unit] = field(default_factory=list)
    inside: list[Unit] = field(default_factory=list)
    after: list[Unit] = field(default_factory=list)
    modules: list[Code] = field(default_factory=list)
    paths: dict[int, list[tuple[int, ...]]] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """The number of the last unit, whose results are those of the chain."""
        return self.units[-1].number

    @property
    def reads(self) -> tuple[Wire, ...]:
        """The inputs of the first unit."""
        return self.units[0].reads

    @property
    def is_linked(self) -> bool:
        """Whether it consists of links."""
        return self.units[0].is_link

    def is_one(self, *kinds: str) -> bool:
        """Whether it is an operator of one of these kinds, which takes several tensors."""
        return not self.is_linked and self.units[0].kind in kinds


@dataclass(slots=True)
class Fold:
    """Branches that only differ in the variables of a loop.

    `units` are those of a branch, in `chains`; `reads` are the common inputs of the branches, `result` is the number of
    the unit with the result; `turns` has the numbers of the units of every branch. `values` are the lists of
    the `variables`.
    """

    number: int
    units: list[Unit]
    reads: tuple[Wire, ...]
    result: int
    turns: list[list[int]]
    variables: list[str]
    values: Code
    chains: list[Chain] = field(default_factory=list)

    @property
    def names(self) -> str:
        """The variables of the comprehension."""
        return ", ".join(self.variables) or "_"

    @property
    def modules(self) -> tuple[Code, ...]:
        """The modules of a branch."""
        return tuple(module for unit in self.units for module in unit.modules)

    def code(self) -> tuple[Code | None, ...]:
        """All of its code."""
        return (self.values, *(code for unit in self.units for code in unit.code()))

    def change(self, change: Callable[[SymbolicValue], Any]) -> None:
        """Change every symbol in its code."""
        self.values = with_symbols(self.values, change)
        for unit in self.units:
            unit.change(change)
