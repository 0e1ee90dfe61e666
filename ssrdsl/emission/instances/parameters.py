"""The parameters of the constructor of a class, and their values in its instances."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ssrdsl.emission.code.names import PythonNames, variable
from ssrdsl.emission.instances.instance import Instance, Side
from ssrdsl.emission.instances.network import ScopePlace
from ssrdsl.space.expressions import ExactScalar
from ssrdsl.space.expressions.formulas import evaluate, keys, settled
from ssrdsl.space.expressions.symbols import Formed, equal, named

MISSING: Any = object()
NO_VALUE = (KeyError, TypeError, IndexError, ZeroDivisionError)
"""The errors of a form whose names have no suitable values."""


def has_sides(symbol: Formed) -> bool:
    """Whether a number depends on the size that a tensor has at run time."""
    return any(isinstance(key, Side) for key in keys(symbol.form))


@dataclass(slots=True)
class ConstructorParameter:
    """A parameter of a constructor.

    `kind` is `channels` (of an input), `argument` (a parameter of the block), `decision` (made inside the block),
    `hole` (another difference between instances) or `flag`. `values` has its value in every instance, None if it
    has none. `source` is the number of the input or the name in the block. `is_width`: it is the width of some tensor,
    or a term of it.
    """

    name: str
    kind: str
    values: list[Any]
    source: Any = None
    default: Any = MISSING
    is_width: bool = False

    @property
    def is_positional(self) -> bool:
        """Whether it is passed by position."""
        return self.is_width and self.default is MISSING


@dataclass(slots=True, eq=False)
class Parameters:
    """The parameters of a class with these instances, by name."""

    instances: list[Instance]
    names: PythonNames = field(default_factory=PythonNames)
    table: dict[str, ConstructorParameter] = field(default_factory=dict)
    _first: dict[tuple[str, int], Any] = field(default_factory=dict)
    """The first values of parameters for decisions, by the index of the instance."""

    def __iter__(self) -> Iterator[ConstructorParameter]:
        return iter(self.table.values())

    def add(self, wanted: str, kind: str, values: Sequence[Any], source: Any = None, default: Any = MISSING) -> str:
        """Make a parameter and give its name."""
        name = self.names.unique(variable(wanted))
        self.table[name] = ConstructorParameter(name, kind, list(values), source, default)
        return name

    def find(self, kind: str, source: Any) -> str | None:
        """The name of the parameter with this source."""
        return next((one.name for one in self if one.kind == kind and one.source == source), None)

    def has(self, wanted: str) -> bool:
        """Whether there is a parameter of this name."""
        return variable(wanted) in self.table

    def hole(self, wanted: str, values: list[Any]) -> str:
        """A parameter for a difference; an existing one with the same values is reused."""
        for parameter in self:
            if parameter.kind == "hole" and _agree(parameter.values, values):
                parameter.values = [b if a is None else a for a, b in zip(parameter.values, values, strict=True)]
                return parameter.name
        return self.add(wanted, "hole", values)

    def decision(self, instance: Instance, place: ScopePlace, name: str, hint: str, value: Any) -> Any:
        """The value of a decision inside the block, as a parameter; in the network decisions are plain numbers.

        `name` is its name at a place, `hint` the wanted name of the parameter, `value` its value in an instance. Also
        plain if the same text was decided differently in another place of the instance.
        """
        if not instance.scope:
            return value
        parameter = self.find("decision", (place, name))
        if parameter is None:
            values = [other.network.value_at(other.scope, place, name) for other in self.instances]
            parameter = self.add(hint, "decision", values, (place, name))
        if self._first.setdefault((parameter, instance.index), value) != value:
            return value
        self.table[parameter].values[instance.index] = value
        return named(value, parameter)

    @property
    def differences(self) -> int:
        """The number of parameters for differences without a name in the source."""
        return sum(parameter.kind in {"hole", "flag"} for parameter in self)

    def environments(self) -> Iterator[Mapping[Any, Any]]:
        """The values of the names in every instance, of those that have one there."""
        for one in self.instances:
            values = {parameter.name: parameter.values[one.index] for parameter in self}
            yield {name: value for name, value in values.items() if value is not None} | one.loops

    def settled(self, scalars: Iterable[Any]) -> Iterator[ExactScalar]:
        """The forms of symbols, one for each instance, without conditionals: with the branch that the instance takes.

        Only of symbols that have a value in their instance.
        """
        for environment, scalar in zip(self.environments(), scalars, strict=True):
            with suppress(*NO_VALUE):
                if isinstance(scalar, Formed):
                    yield settled(scalar.form, environment)

    def holds(self, form: ExactScalar, values: Sequence[Any]) -> bool:
        """Whether a form has these values in the instances; None matches any value."""
        for environment, value in zip(self.environments(), values, strict=True):
            try:
                if value is not None and not equal(evaluate(form, environment), value):
                    return False
            except NO_VALUE:
                return False
        return True


def _agree(one: list[Any], other: list[Any]) -> bool:
    return all(a is None or b is None or a == b for a, b in zip(one, other, strict=True))
