"""The units of a class: one for each operator or inner instance, with its code over operands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ssrdsl.emission.code.trees import with_symbols
from ssrdsl.emission.instances.instance import Instance, Piece
from ssrdsl.emission.instances.network import ScopePlace
from ssrdsl.operators.construction import FIRST, Called, Code, Self_
from ssrdsl.space.expressions.symbols import Formed
from ssrdsl.space.graph import OperatorNode

Wire = tuple[int, int]
"""A tensor in a class: unit and result, or -1 and the number of an input."""
PLAIN = Called("", (Self_(), FIRST))
FLATTENED = Called("", (Self_(), Called(".flatten", (FIRST, 1))))


@dataclass(slots=True)
class Unit:
    """An operator or an inner instance in a class: its piece in every instance of the class, and one code for all.

    `pieces` has None for an instance that lacks it; the operand `bypass` is then passed on, under the negation of
    `condition`. `modules` create its modules; a run of inner instances has several. `apply` is the result, over
    operands and `Self_` for the module; `function` is an alternative without the module. `folds`: some operand is a
    list of tensors; `repeats`: the length of a run differs between instances.
    """

    number: int
    key: ScopePlace
    reads: tuple[Wire, ...]
    results: int
    pieces: list[Piece | None]
    bypass: int | None = None
    modules: tuple[Code, ...] = ()
    apply: Code = FIRST
    function: Code | None = None
    condition: Code | None = None
    in_place: bool = False
    is_stateful: bool = False
    label: str = ""
    folds: bool = False
    repeats: bool = False

    @property
    def first(self) -> Piece:
        """The piece of the first instance that has one."""
        return next(piece for piece in self.pieces if piece is not None)

    @property
    def node(self) -> OperatorNode | None:
        """The operator of the first instance that has one; None for an inner instance."""
        first = self.first
        return first if isinstance(first, OperatorNode) else None

    @property
    def nodes(self) -> list[OperatorNode | None]:
        """The operator in every instance; None where there is none."""
        return [piece if isinstance(piece, OperatorNode) else None for piece in self.pieces]

    @property
    def runs(self) -> list[tuple[Instance, ...]]:
        """The inner instances in every instance; empty where there are none."""
        return [piece if isinstance(piece, tuple) else () for piece in self.pieces]

    @property
    def kind(self) -> str:
        """The name of the operator, or `child`."""
        return "child" if self.node is None else self.node.operator.name

    @property
    def is_link(self) -> bool:
        """Whether it is a module with one input and one result."""
        simple = self.apply in (PLAIN, FLATTENED)
        return bool(self.modules) and len(self.reads) == 1 and self.results == 1 and simple

    @property
    def is_optional(self) -> bool:
        """Whether some instance lacks it."""
        return None in self.pieces

    @property
    def passed(self) -> Wire:
        """The operand that is passed on in an instance that lacks it."""
        assert self.bypass is not None
        return self.reads[self.bypass]

    def code(self) -> tuple[Code | None, ...]:
        """All of its code."""
        return (*self.modules, self.apply, self.function, self.condition)

    def change(self, change: Callable[[Formed], Any]) -> None:
        """Change every symbol in its code."""
        self.modules = with_symbols(self.modules, change)
        self.apply = with_symbols(self.apply, change)
        self.function = with_symbols(self.function, change)
        self.condition = with_symbols(self.condition, change)
