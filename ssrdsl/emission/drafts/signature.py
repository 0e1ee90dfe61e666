"""The constructor of a class: its parameters in order, and the calls in other classes that create instances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from ssrdsl.emission.drafts.draft import Draft
from ssrdsl.emission.drafts.expressions import Instance
from ssrdsl.emission.drafts.parameters import MISSING, ConstructorParameter
from ssrdsl.emission.drafts.unify import Reference
from ssrdsl.operators.construction import Called
from ssrdsl.space.expressions import ExactScalar
from ssrdsl.space.expressions.algebra import Variable, as_linear
from ssrdsl.space.expressions.formulas import atoms
from ssrdsl.space.expressions.symbols import SymbolicValue, form_of, replaced


@dataclass(slots=True)
class Signature:
    """The constructor of the class of a draft, with the parameters that its code uses.

    `number` identifies the class, -1 is that of the network.
    """

    draft: Draft
    used: Collection[str]
    number: int = -1
    parameters: list[ConstructorParameter] = field(init=False)
    positional: frozenset[str] = field(init=False)
    """The parameters that are passed by position: widths."""
    _result_forms: list[ExactScalar | None] | None = None

    def __post_init__(self) -> None:
        widths = set(_widths(self.draft))
        self.parameters = _ordered(self.draft, self.used, widths)
        required = (parameter.name for parameter in self.parameters if parameter.default is MISSING)
        self.positional = frozenset(name for name in required if name in widths)

    @property
    def key(self) -> str:
        """A placeholder for the name of the class until all names are known."""
        return f"@{self.number}@"

    @property
    def name(self) -> str:
        """The name of the block."""
        return self.draft.definition.name

    def call(self, scope: str, holder: Instance) -> Called:
        """The call that creates an instance, with every argument by name, in terms of the containing class."""
        return Called(self.key, (), tuple(self._arguments(scope, holder).items()))

    def give_widths(self, scope: str, holder: Instance) -> None:
        """Record the widths of the results of an instance, in terms of the containing class."""
        forms = {name: form_of(scalar) for name, scalar in self._arguments(scope, holder).items()}
        known = {name for name, form in forms.items() if form is not None}
        ports = self.draft.template.ends(self.draft.index(scope)).results
        for form, port in zip(self.result_forms, ports, strict=True):
            width = holder.network.graph.shape(port).channels
            if form is not None and all(isinstance(a, Variable) and a.key in known for a in atoms(form)):
                width = replaced(SymbolicValue(width, form), lambda name: forms[name.key])
            holder.widths[port] = width

    @property
    def result_forms(self) -> list[ExactScalar | None]:
        """The widths of the results in terms of the parameters; None where their text differs between instances."""
        if self._result_forms is None:
            self._result_forms = [self.draft.form(wire) for wire in self.draft.template.results]
        return self._result_forms

    def _arguments(self, scope: str, holder: Instance) -> dict[str, Any]:
        index = self.draft.index(scope)
        found: dict[str, Any] = {}
        for parameter in self.parameters:
            value = parameter.values[index]
            if parameter.kind == "channels":
                found[parameter.name] = holder.channels(self.draft.template.port(index, (-1, parameter.source)))
            elif parameter.kind == "argument":
                bound = holder.network.scope(scope).arguments[parameter.source]
                found[parameter.name] = holder.given(bound.expression, bound.scope, parameter.name, value)
            else:
                found[parameter.name] = parameter.default if value is None else value
        return found


def _ordered(draft: Draft, used: Collection[str], widths: Collection[str]) -> list[ConstructorParameter]:
    """The used parameters: widths of inputs, other widths, required parameters, parameters with defaults."""
    parameters = [parameter for parameter in draft.parameters if parameter.name in used]
    for parameter in parameters:
        if parameter.kind == "hole":
            parameter.default = _default_class(draft, parameter)
        if None in parameter.values and parameter.default is MISSING:
            known = [value for value in parameter.values if value is not None]
            parameter.default = Counter(known).most_common(1)[0][0]

    def rank(parameter: ConstructorParameter) -> int:
        if parameter.default is not MISSING:
            return 4
        if parameter.name in widths:
            return 0 if parameter.kind == "channels" else 1
        return 2 if parameter.kind == "decision" else 3

    return sorted(parameters, key=lambda parameter: (rank(parameter), _order(draft, parameter)))


def _default_class(draft: Draft, parameter: ConstructorParameter) -> Any:
    """The class of a layer for the block's default: `act=prelu`."""
    declared = next((p for p in draft.definition.parameters if p.name == parameter.name), None)
    if declared is None or declared.default is None:
        return MISSING
    for instance, value in zip(draft.instances, parameter.values, strict=True):
        bound = draft.network.scope(instance.scope).arguments.get(parameter.name)
        if bound is not None and bound.expression is declared.default and isinstance(value, Reference):
            return value
    return MISSING


def _order(draft: Draft, parameter: ConstructorParameter) -> tuple[int, int]:
    """The place of a decision among the names of its scope; other parameters keep their order."""
    if parameter.kind != "decision":
        return 0, 0
    place, name = parameter.source
    for instance in draft.instances:
        for scope in draft.network.scopes_at(instance.scope, place):
            if name in scope.names:
                return len(place), list(scope.names).index(name)
    return len(place), len(draft.parameters.table)


def _widths(draft: Draft) -> Iterator[Any]:
    """The names that are widths of tensors, or terms of them."""
    for instance in draft.instances:
        for width in instance.widths.values():
            if isinstance(width, SymbolicValue):
                yield from (atom.key for atom, _ in as_linear(width.form)[1] if isinstance(atom, Variable))
