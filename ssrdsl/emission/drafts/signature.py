"""The parameters of a constructor, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

from ssrdsl.emission.drafts.draft import Draft
from ssrdsl.emission.drafts.unify import Reference
from ssrdsl.emission.instances.parameters import MISSING, ConstructorParameter
from ssrdsl.space.expressions.algebra import Variable, as_linear
from ssrdsl.space.expressions.symbols import SymbolicValue


def ordered(draft: Draft, used: Collection[str], widths: Collection[str]) -> list[ConstructorParameter]:
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


def widths(draft: Draft) -> Iterator[Any]:
    """The names that are widths of tensors, or terms of them."""
    for instance in draft.instances:
        for width in instance.widths.values():
            if isinstance(width, SymbolicValue):
                yield from (atom.key for atom, _ in as_linear(width.form)[1] if isinstance(atom, Variable))
