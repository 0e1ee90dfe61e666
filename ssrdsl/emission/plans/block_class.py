"""A class of the emitted file: its members, the statements of its `forward`, and its constructor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ssrdsl.emission.code.trees import calls, symbols
from ssrdsl.emission.drafts.draft import Draft
from ssrdsl.emission.drafts.signature import Signature
from ssrdsl.language import syntax
from ssrdsl.operators.construction import FIRST, Code
from ssrdsl.space.expressions.formulas import names

ModulePath = tuple[str | int, ...]


@dataclass(slots=True)
class AttributeAssignment:
    """`self.name = code`; `auxiliary` if it only exists for auxiliary heads."""

    name: str
    code: Code
    auxiliary: bool = False


@dataclass(slots=True)
class BlockClass:
    """The class of the instances of a block, or of the network.

    `sequential` has the modules of a class that is a `nn.Sequential`. `paths` maps the number of a unit to the paths of
    its modules. `signature` is set when the class is planned.
    """

    draft: Draft
    inputs: list[str]
    attributes: list[AttributeAssignment] = field(default_factory=list)
    locals: dict[str, Code] = field(default_factory=dict)
    stored: dict[str, Code] = field(default_factory=dict)
    statements: list[tuple[str, Code]] = field(default_factory=list)
    result: Code = FIRST
    auxiliary_statements: list[tuple[str, Code]] = field(default_factory=list)
    heads: tuple[tuple[str, Code], ...] = ()
    sequential: tuple[Code, ...] | None = None
    paths: dict[int, list[ModulePath]] = field(default_factory=dict)
    signature: Signature = field(init=False)

    @property
    def definition(self) -> syntax.Block | syntax.Space:
        """The block or space of the class."""
        return self.draft.definition

    @property
    def scopes(self) -> list[str]:
        """The scopes of its instances."""
        return [body.scope for body in self.draft.template.members]

    def sign(self, number: int = -1) -> None:
        """Create the signature from the names used in the finished code."""
        self.signature = Signature(self.draft, self.names(), number)

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
        return {call.target for call in calls(code)}.union(*(names(symbol.form) for symbol in symbols(code)))

    def reads_like(self, other: BlockClass) -> bool:
        """Whether another class has the same text, so that both can share it."""
        return self.definition is other.definition and self._text() == other._text()

    def _text(self) -> tuple[Any, ...]:
        kept = (*self.locals.items(), *self.stored.items())
        parameters = [(parameter.name, parameter.default) for parameter in self.signature.parameters]
        return parameters, self.inputs, self.attributes, kept, self.sequential, self.statements, self.result
