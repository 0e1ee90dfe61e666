"""The items of a plan: units, and folded branches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ssrdsl.emission.code.trees import with_symbols
from ssrdsl.emission.drafts.units import Unit, Wire
from ssrdsl.emission.instances.parameters import LoopVariable
from ssrdsl.operators.construction import Code
from ssrdsl.space.expressions.symbols import SymbolicValue


@dataclass(slots=True)
class Fold:
    """Branches that only differ in the variables of a loop.

    `inner` are the units of a branch, `reads` the common inputs of the branches, `result` the number of the inner unit
    with the result; `turns` has the numbers of the units of every branch. `renamed` maps the loops of the source to the
    variables, `values` are their values.
    """

    number: int
    inner: list[Unit]
    reads: tuple[Wire, ...]
    result: int
    turns: list[list[int]]
    renamed: Mapping[LoopVariable, str]
    values: Code
    chains: list[Any] = field(default_factory=list)

    @property
    def names(self) -> str:
        """The variables of the comprehension."""
        return ", ".join(self.renamed.values()) or "_"

    @property
    def modules(self) -> tuple[Code, ...]:
        """The modules of a branch."""
        return tuple(module for unit in self.inner for module in unit.modules)

    def code(self) -> tuple[Code | None, ...]:
        """All of its code."""
        return (self.values, *(code for unit in self.inner for code in unit.code()))

    def change(self, change: Callable[[SymbolicValue], Any]) -> None:
        """Change every symbol in its code."""
        self.values = with_symbols(self.values, change)
        for unit in self.inner:
            unit.change(change)


PlanItem = Unit | Fold
