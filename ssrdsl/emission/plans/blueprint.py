"""What a class is printed from: its members and the statements of its `forward`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ssrdsl.emission.code.trees import calls, symbols
from ssrdsl.emission.drafts.draft import Draft
from ssrdsl.emission.drafts.units import Unit
from ssrdsl.operators.construction import FIRST, Code

Path = tuple[str | int, ...]


@dataclass(slots=True)
class Attribute:
    """`self.name = code`; `auxiliary` where it exists for auxiliary heads only."""

    name: str
    code: Code
    auxiliary: bool = False


@dataclass(slots=True)
class Blueprint:
    """The members and statements of a class.

    `sequential` has the modules of a class that is nothing but a `nn.Sequential`. `paths` gives, for the number of a
    unit, where its modules are.
    """

    draft: Draft
    units: list[Unit]
    inputs: list[str]
    attributes: list[Attribute] = field(default_factory=list)
    locals: dict[str, Code] = field(default_factory=dict)
    stored: dict[str, Code] = field(default_factory=dict)
    statements: list[tuple[str, Code]] = field(default_factory=list)
    result: Code = FIRST
    auxiliary_statements: list[tuple[str, Code]] = field(default_factory=list)
    heads: tuple[tuple[str, Code], ...] = ()
    sequential: tuple[Code, ...] | None = None
    paths: dict[int, list[Path]] = field(default_factory=dict)

    def constructor(self) -> list[Code]:
        """All code of the constructor."""
        assigned = [*self.locals.values(), *self.stored.values(), *(held.code for held in self.attributes)]
        return [*assigned, *(self.sequential or ())]

    def code(self) -> list[Code]:
        """All code of the class."""
        statements = (code for _, code in (*self.statements, *self.auxiliary_statements, *self.heads))
        return [*self.constructor(), *statements, self.result]

    def names(self) -> set[str]:
        """The names in the constructor that may be parameters."""
        code = self.constructor()
        found = {atom for symbol in symbols(code) for atom in symbol.form.atoms() if isinstance(atom, str)}
        return found | {call.target for call in calls(code)}

    def text(self) -> tuple[Any, ...]:
        """What is the same for two classes that read alike."""
        kept = (*self.locals.items(), *self.stored.items())
        return self.inputs, self.attributes, kept, self.sequential, self.statements, self.result
