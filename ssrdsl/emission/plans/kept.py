"""Numbers and conditions of the constructor that `forward` needs, stored as attributes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from ssrdsl.emission.code.names import Names, attribute
from ssrdsl.emission.code.text import flat
from ssrdsl.emission.drafts.units import Unit
from ssrdsl.operators.construction import Code, Leaf
from ssrdsl.space.symbols.forms import Atom, Form
from ssrdsl.space.symbols.symbol import Symbol


@dataclass(slots=True)
class Kept:
    """The attributes by name; `modules` are the names of modules, `variables` those of loops in `forward`."""

    modules: Collection[str]
    variables: Collection[str]
    stored: dict[str, Code] = field(default_factory=dict)

    def number(self, symbol: Symbol) -> Symbol:
        """A number in terms of `forward`."""
        form = symbol.form
        if form.is_constant or form.names <= {*self.variables}:
            return symbol
        if form.names & {*self.variables} or form.has_sides:  # the constructor stores the other parts
            return Symbol(symbol.value, form.replaced(self._beside_variables))
        own = self._keep(Leaf(symbol), form.text if form.text.isidentifier() else "channels")
        return Symbol(symbol.value, Form.atom(own))

    def _beside_variables(self, atom: Atom) -> Form | None:
        if not isinstance(atom, str) or atom in self.variables:
            return None
        return Form.atom(self._keep(Leaf(Symbol(None, Form.atom(atom))), atom))

    def flag(self, unit: Unit) -> str:
        """The attribute with the condition of a unit."""
        assert unit.condition is not None
        text = flat(unit.condition)
        by_kind = "residual" if unit.kind == "add" else f"has_{unit.kind}"
        return self._keep(unit.condition, text if text.isidentifier() else by_kind)

    def _keep(self, code: Code, wanted: str) -> str:
        name = next((name for name, known in self.stored.items() if known == code), None)
        if name is None:
            name = Names({*self.stored, *self.modules}).unique(attribute(wanted))
            self.stored[name] = code
        return f"self.{name}"
