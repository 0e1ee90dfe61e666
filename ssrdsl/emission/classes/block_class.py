"""The class of a block: what its instances have in common, and how each is made and found."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ssrdsl.emission.code.trees import COMPOUND, Called, Code, Leaf, Ternary, flat
from ssrdsl.emission.drafts.draft import Draft
from ssrdsl.emission.drafts.expressions import Instance
from ssrdsl.emission.drafts.parameters import MISSING, Parameter
from ssrdsl.emission.drafts.unify import Reference
from ssrdsl.emission.plans.blueprint import Blueprint, Path
from ssrdsl.emission.symbols.forms import Atom, Form
from ssrdsl.emission.symbols.symbol import Symbol, form_of, value_of
from ssrdsl.language import syntax
from ssrdsl.space.graph import Port


@dataclass(slots=True)
class BlockClass:
    """A class of the emitted file; `number` tells it from the others, -1 for that of the network."""

    blueprint: Blueprint
    number: int = -1
    parameters: list[Parameter] = field(init=False)
    positional: frozenset[str] = field(init=False)
    """The parameters whose arguments need no name: widths."""
    wrapped_by: list[str] = field(default_factory=list)
    """The blocks that are nothing but an instance of this one."""

    def __post_init__(self) -> None:
        self.parameters = _ordered(self.draft, set(_names(self.blueprint.constructor())))
        widths = set(_widths(self.draft))
        required = (parameter.name for parameter in self.parameters if parameter.default is MISSING)
        self.positional = frozenset(name for name in required if name in widths)

    @property
    def key(self) -> str:
        """What stands for its name until all names are given."""
        return f"@{self.number}@"

    @property
    def draft(self) -> Draft:
        """The parameters and tensors of the class."""
        return self.blueprint.draft

    @property
    def definition(self) -> syntax.Block | syntax.Space:
        """What it is the class of."""
        return self.draft.definition

    @property
    def snake(self) -> str:
        """The name of the block."""
        return self.definition.name

    @property
    def scopes(self) -> list[str]:
        """The scopes of its instances."""
        return [body.scope for body in self.draft.template.members]

    def index(self, scope: str) -> int:
        """The number of an instance."""
        return self.scopes.index(scope)

    def reads_like(self, other: BlockClass) -> bool:
        """Whether another class has the same text, so that one of them can stand for both."""
        return other.definition is self.definition and other._text() == self._text()

    def _text(self) -> tuple[Any, ...]:
        plan = self.blueprint
        parameters = tuple((p.name, p.default) for p in self.parameters)
        members = tuple((a.name, flat(a.code)) for a in plan.attributes)
        kept = tuple((name, flat(code)) for name, code in (*plan.locals.items(), *plan.stored.items()))
        steps = tuple((target, flat(code)) for target, code in plan.statements)
        modules = tuple(map(flat, plan.sequential or ()))
        return parameters, members, kept, steps, flat(plan.result), modules, tuple(plan.inputs)

    # Instances

    def inputs_of(self, scope: str) -> tuple[Port, ...]:
        """The tensors that an instance is called with."""
        return self.draft.template.ports[self.index(scope)]

    def results_of(self, scope: str) -> tuple[Port, ...]:
        """The tensors that it gives."""
        return self.draft.template.members[self.index(scope)].results

    def call(self, scope: str, holder: Instance) -> Called:
        """The call that makes an instance, every argument by its name, in terms of the holder."""
        arguments = self._arguments(scope, holder)
        return Called(self.key, (), tuple((name, Leaf(scalar)) for name, scalar in arguments.items()))

    def give_widths(self, scope: str, holder: Instance, widths: dict[Port, Any]) -> None:
        """Notes the widths of what an instance gives, in terms of the holder."""
        forms = {name: form_of(scalar) for name, scalar in self._arguments(scope, holder).items()}

        def meaning(atom: Atom) -> Form | None:
            return forms.get(atom) if isinstance(atom, str) else None

        for wire, port in zip(self.draft.template.results, self.results_of(scope), strict=True):
            value = holder.network.graph.shape(port).channels
            form = self.draft.form(wire)
            known = form is not None and all(forms.get(str(atom)) is not None for atom in form.atoms())
            made = form.replaced(meaning) if form is not None and known else Form.constant(value)
            widths[port] = value if made.is_constant else Symbol(value, made)

    def _arguments(self, scope: str, holder: Instance) -> dict[str, Any]:
        index = self.index(scope)
        found: dict[str, Any] = {}
        for parameter in self.parameters:
            value = parameter.values[index]
            if parameter.kind == "channels":
                found[parameter.name] = holder.holder.channels(holder, self.inputs_of(scope)[parameter.source])
            elif parameter.kind == "argument":
                bound = holder.network.scope(scope).arguments[parameter.source]
                found[parameter.name] = holder.given(bound.expression, bound.scope, parameter.name, value)
            else:
                found[parameter.name] = parameter.default if value is None else value
        return found

    # Printing

    def path(self, scope: str, number: int, turn: int = 0) -> Path:
        """Where, in an instance, the modules of a unit are; `turn` counts the instances of a run."""
        paths = self.blueprint.paths[number]
        index = self.index(scope)
        if turn < len(paths) and len(paths) > 1:
            return self._shifted(paths[turn], number, index, 0)
        return self._shifted(paths[0], number, index, turn if len(paths) == 1 else 0)

    def _shifted(self, path: Path, number: int, index: int, turn: int) -> Path:
        """A path with its number moved by runs that are longer in this instance."""
        position = next((i for i, step in enumerate(path) if isinstance(step, int)), None)
        if position is None:
            return path
        step = path[position]
        assert isinstance(step, int)
        more = turn
        for unit in self.blueprint.units:
            piece = unit.slot.pieces[index]
            own = self.blueprint.paths.get(unit.number)
            if not unit.repeats or own is None or unit.number == number or own[0][:position] != path[:position]:
                continue
            before = own[0][position]
            if isinstance(before, int) and before < step:
                more += (0 if piece is None else len(piece.children)) - 1
        return (*path[:position], step + more, *path[position + 1 :])


def _ordered(draft: Draft, used: set[str]) -> list[Parameter]:
    """The parameters that are used: widths of inputs, then other widths, what must be given, what has a default."""
    widths = set(_widths(draft))
    parameters = [parameter for parameter in draft.parameters if parameter.name in used]
    for parameter in parameters:
        if parameter.kind == "hole":
            parameter.default = _default_class(draft, parameter)
        if None in parameter.values and parameter.default is MISSING:
            known = [value for value in parameter.values if value is not None]
            parameter.default = Counter(known).most_common(1)[0][0]

    def rank(parameter: Parameter) -> int:
        if parameter.default is not MISSING:
            return 4
        if parameter.name in widths:
            return 0 if parameter.kind == "channels" else 1
        return 2 if parameter.kind == "decision" else 3

    return sorted(parameters, key=lambda parameter: (rank(parameter), _order(draft, parameter)))


def _default_class(draft: Draft, parameter: Parameter) -> Any:
    """The class that stands for a layer where the block's default for it is taken: `act=prelu`."""
    declared = next((p for p in draft.definition.parameters if p.name == parameter.name), None)
    if declared is None or declared.default is None:
        return MISSING
    for instance, value in zip(draft.instances, parameter.values, strict=True):
        bound = draft.network.scope(instance.scope).arguments.get(parameter.name)
        if bound is not None and bound.expression is declared.default and isinstance(value, Reference):
            return value
    return MISSING


def _order(draft: Draft, parameter: Parameter) -> tuple[int, int]:
    """The place of a decision among the names of its scope; other parameters keep their order."""
    if parameter.kind != "decision":
        return 0, 0
    place, name = parameter.source
    for instance in draft.instances:
        for scope in draft.network.scopes_at(instance.scope, place):
            if name in scope.names:
                return len(place), list(scope.names).index(name)
    return len(place), len(draft.parameters.table)


def _widths(draft: Draft) -> Iterator[str]:
    """The names that are widths of tensors, or terms of them."""
    for known in draft.widths:
        for width in known.values():
            if isinstance(width, Symbol):
                yield from (atoms[0] for atoms, _ in width.form.terms if len(atoms) == 1 and isinstance(atoms[0], str))


def _names(code: Any) -> Iterator[str]:
    """The names in code that may be parameters."""
    if isinstance(code, Leaf):
        yield from _names_in_scalar(code.scalar)
    elif isinstance(code, Called):
        yield code.function
    elif isinstance(code, Ternary):
        yield from re.findall(r"\w+", code.condition)
    if isinstance(code, (tuple, list)):
        for part in code:
            yield from _names(part)
    elif isinstance(code, COMPOUND):
        for name in code.__dataclass_fields__:
            yield from _names(getattr(code, name))
    elif hasattr(code, "text"):
        yield from re.findall(r"\w+", code.text)


def _names_in_scalar(scalar: Any) -> Iterator[str]:
    if isinstance(scalar, tuple):
        for part in scalar:
            yield from _names_in_scalar(part)
    elif isinstance(scalar, Symbol):
        yield from (atom for atom in scalar.form.atoms() if isinstance(atom, str))


__all__ = ["BlockClass", "Code", "value_of"]
