"""A class of the emitted file: its constructor, its members, and the statements of its `forward`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ssrdsl.emission.code.trees import calls, symbols
from ssrdsl.emission.drafts.draft import Draft
from ssrdsl.emission.drafts.signature import ordered, widths
from ssrdsl.emission.instances.instance import Instance
from ssrdsl.emission.instances.parameters import MISSING, ConstructorParameter
from ssrdsl.language import syntax
from ssrdsl.operators.construction import FIRST, Called, Code
from ssrdsl.space.expressions import ExactScalar
from ssrdsl.space.expressions.algebra import Variable
from ssrdsl.space.expressions.formulas import atoms, names
from ssrdsl.space.expressions.symbols import SymbolicValue, form_of, replaced

ModulePath = tuple[str | int, ...]


@dataclass(slots=True, eq=False)
class BlockClass:
    """The class of the instances of a block, or of the network.

    `attributes` are the modules by name, `auxiliary_attributes` those that only exist for auxiliary heads. `sequential`
    has the modules of a class that is a `nn.Sequential`. `paths` maps the number of a unit to the paths of its modules.
    `parameters` are those of the constructor, in order; those in `positional`, widths, are passed by position.
    `result_forms` are the widths of the results in terms of these, None where their text differs between instances.
    """

    draft: Draft
    inputs: list[str]
    attributes: dict[str, Code] = field(default_factory=dict)
    auxiliary_attributes: dict[str, Code] = field(default_factory=dict)
    locals: dict[str, Code] = field(default_factory=dict)
    stored: dict[str, Code] = field(default_factory=dict)
    statements: list[tuple[str, Code]] = field(default_factory=list)
    result: Code = FIRST
    auxiliary_statements: list[tuple[str, Code]] = field(default_factory=list)
    heads: tuple[tuple[str, Code], ...] = ()
    sequential: tuple[Code, ...] | None = None
    paths: dict[int, list[ModulePath]] = field(default_factory=dict)
    name: str = ""
    """The name of the class, given when those of all classes are known."""
    number: int = -1
    """Identifies the class; -1 is the network."""
    parameters: list[ConstructorParameter] = field(default_factory=list)
    positional: frozenset[str] = frozenset()
    result_forms: list[ExactScalar | None] = field(default_factory=list)

    @property
    def definition(self) -> syntax.Block | syntax.Space:
        """The block or space of the class."""
        return self.draft.definition

    @property
    def scopes(self) -> list[str]:
        """The scopes of its instances."""
        return [instance.scope for instance in self.draft.instances]

    @property
    def key(self) -> str:
        """A placeholder for the name of the class until all names are known."""
        return f"@{self.number}@"

    # Code

    def constructor(self) -> list[Code]:
        """All code of the constructor."""
        kept = (self.locals, self.stored, self.attributes, self.auxiliary_attributes)
        return [*(code for assigned in kept for code in assigned.values()), *(self.sequential or ())]

    def code(self) -> list[Code]:
        """All code of the class."""
        statements = (code for _, code in (*self.statements, *self.auxiliary_statements, *self.heads))
        return [*self.constructor(), *statements, self.result]

    def _names(self) -> set[str]:
        """The names in the constructor that may be parameters."""
        code = self.constructor()
        return {call.target for call in calls(code)}.union(*(names(symbol.form) for symbol in symbols(code)))

    def reads_like(self, other: BlockClass) -> bool:
        """Whether another class has the same text, so that both can share it."""
        return self.definition is other.definition and self._text() == other._text()

    def _text(self) -> tuple[Any, ...]:
        assigned = [list(held.items()) for held in (self.locals, self.stored, self.attributes)]
        parameters = [(parameter.name, parameter.default) for parameter in self.parameters]
        return parameters, self.inputs, assigned, self.sequential, self.statements, self.result

    # Constructor

    def sign(self, number: int = -1) -> None:
        """Set the constructor's parameters, which are the names used in the finished code."""
        used_as_width = set(widths(self.draft))
        self.number = number
        self.parameters = ordered(self.draft, self._names(), used_as_width)
        required = (parameter.name for parameter in self.parameters if parameter.default is MISSING)
        self.positional = frozenset(name for name in required if name in used_as_width)
        self.result_forms = [self.draft.form(wire) for wire in self.draft.results]

    def call(self, scope: str, holder: Instance) -> Called:
        """The call that creates an instance, with every argument by name, in terms of the containing class."""
        return Called(self.key, (), tuple(self._arguments(scope, holder)))

    def give_widths(self, scope: str, holder: Instance) -> None:
        """Record the widths of the results of an instance, in terms of the containing class."""
        forms = {name: form_of(scalar) for name, scalar in self._arguments(scope, holder)}
        known = {name for name, form in forms.items() if form is not None}
        ports = self.draft.instances[self.draft.index(scope)].results
        for form, port in zip(self.result_forms, ports, strict=True):
            width = holder.network.graph.shape(port).channels
            if form is not None and all(isinstance(a, Variable) and a.key in known for a in atoms(form)):
                width = replaced(SymbolicValue(width, form), lambda name: forms[name.key])
            holder.widths[port] = width

    def _arguments(self, scope: str, holder: Instance) -> Iterator[tuple[str, Any]]:
        index = self.draft.index(scope)
        for parameter in self.parameters:
            value = parameter.values[index]
            if parameter.kind == "channels":
                yield parameter.name, holder.channels(self.draft.port(index, (-1, parameter.source)))
            elif parameter.kind == "argument":
                bound = holder.network.scope(scope).arguments[parameter.source]
                yield parameter.name, holder.given(bound.expression, bound.scope, parameter.name, value)
            else:
                yield parameter.name, parameter.default if value is None else value
