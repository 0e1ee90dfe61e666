"""The units of a class: one for each operator or inner instance, with its code over operands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ssrdsl.emission.code.trees import with_symbols
from ssrdsl.emission.instances.templates import TemplateSlot, Wire
from ssrdsl.operators.construction import FIRST, Code
from ssrdsl.space.expressions.symbols import SymbolicValue


@dataclass(slots=True)
class Unit:
    """An operator or an inner instance in a class.

    `modules` create its modules; a run of inner instances has several. `apply` is the result, over operands and `Self_`
    for the module; `function` is an alternative without the module. A unit with a `condition` only exists under this
    condition; otherwise the operand `bypass` is passed on. `folds`: some operand is a list of tensors; `repeats`: the
    length of a run differs between instances.
    """

    number: int
    slot: TemplateSlot
    kind: str
    reads: tuple[Wire, ...]
    results: int
    modules: tuple[Code, ...] = ()
    apply: Code = FIRST
    function: Code | None = None
    in_place: bool = False
    is_child: bool = False
    is_stateful: bool = False
    label: str = ""
    condition: Code | None = None
    bypass: int = 0
    folds: bool = False
    repeats: bool = False

    def code(self) -> tuple[Code | None, ...]:
        """All of its code."""
        return (*self.modules, self.apply, self.function, self.condition)

    def change(self, change: Callable[[SymbolicValue], Any]) -> None:
        """Change every symbol in its code."""
        self.modules = with_symbols(self.modules, change)
        self.apply = with_symbols(self.apply, change)
        self.function = with_symbols(self.function, change)
        self.condition = with_symbols(self.condition, change)
