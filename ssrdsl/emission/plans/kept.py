"""Numbers and conditions of the constructor that `forward` needs, stored as attributes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from ssrdsl.emission.code.names import PythonNames, attribute
from ssrdsl.emission.code.text import flat
from ssrdsl.emission.drafts.units import Unit
from ssrdsl.emission.instances.parameters import has_sides
from ssrdsl.operators.construction import Code, Leaf
from ssrdsl.space.expressions.algebra import Decided, Variable, name
from ssrdsl.space.expressions.formulas import names
from ssrdsl.space.expressions.symbols import SymbolicValue, named, replaced


@dataclass(slots=True)
class Kept:
    """The attributes by name; `modules` are the names of modules, `variables` those of loops in `forward`."""

    modules: Collection[str]
    variables: Collection[str]
    stored: dict[str, Code] = field(default_factory=dict)

    def number(self, symbol: SymbolicValue) -> Any:
        """A number in terms of `forward`."""
        used = names(symbol.form)
        if used <= {*self.variables}:
            return symbol
        if used & {*self.variables} or has_sides(symbol):  # the constructor keeps what is beside these
            return replaced(symbol, self._beside_variables)
        text = str(symbol)
        return named(symbol.value, self._keep(Leaf(symbol), text if text.isidentifier() else "channels"))

    def _beside_variables(self, given: Variable) -> Decided:
        if not isinstance(given.key, str) or given.key in self.variables:
            return given
        return name(self._keep(Leaf(SymbolicValue(None, given)), given.key))

    def flag(self, unit: Unit) -> str:
        """The attribute with the condition of a unit."""
        assert unit.condition is not None
        text = flat(unit.condition)
        by_kind = "residual" if unit.kind == "add" else f"has_{unit.kind}"
        return self._keep(unit.condition, text if text.isidentifier() else by_kind)

    def _keep(self, code: Code, wanted: str) -> str:
        name = next((name for name, known in self.stored.items() if known == code), None)
        if name is None:
            name = PythonNames({*self.stored, *self.modules}).unique(attribute(wanted))
            self.stored[name] = code
        return f"self.{name}"
