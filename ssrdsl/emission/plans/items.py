"""What a class is planned from: units, and branches folded to one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ssrdsl.emission.drafts.parameters import Loop
from ssrdsl.emission.drafts.units import Unit
from ssrdsl.emission.instances.templates import Wire
from ssrdsl.operators.construction import Code


@dataclass(slots=True)
class Fold:
    """Branches that differ in the variables of a loop alone.

    `inner` are the units of a branch, `reads` the tensors that all branches take, `result` the number of the inner unit
    whose result counts; `turns` holds, for every branch, the numbers of its units. `renamed` has the variables by the
    loops of the source, `values` is what they run over.
    """

    number: int
    inner: list[Unit]
    reads: tuple[Wire, ...]
    result: int
    turns: list[list[int]]
    renamed: Mapping[Loop, str]
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


Item = Unit | Fold
