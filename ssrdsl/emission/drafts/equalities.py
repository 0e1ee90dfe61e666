"""Equal widths: if `x` and `f(x)` are added, the width of `x` needs no separate parameter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ssrdsl.emission.code.trees import symbols
from ssrdsl.emission.drafts.draft import Draft
from ssrdsl.emission.drafts.units import Unit
from ssrdsl.space.symbols.forms import Atom, Form
from ssrdsl.space.symbols.symbol import Symbol, changed, form_of, replaced


def merge_equal(draft: Draft, units: list[Unit]) -> None:
    """Replace widths of inputs by the widths that they are added to, if these are other parameters or numbers."""
    for one, other in list(draft.equal):
        for left, right in ((one, other), (other, one)):
            found = _replacement(draft, left, right)
            if found is not None:
                _replace(draft, units, dict([found]))
                break


def name_only_width(draft: Draft, units: list[Unit]) -> None:
    """Calls the width of an input `in_channels` where the constructor needs that of no other input."""
    used = {
        atom
        for unit in units
        for symbol in symbols([*unit.modules, unit.apply, unit.function])
        for atom in symbol.form.atoms()
        if isinstance(atom, str) and draft.parameters.table[atom].kind == "channels"
    }
    if len(used) != 1 or "in_channels" in draft.parameters.table:
        return
    old = used.pop()
    parameter = draft.parameters.table.pop(old)
    parameter.name = "in_channels"
    draft.parameters.table = {"in_channels": parameter} | draft.parameters.table
    _replace(draft, units, {old: Form.atom("in_channels")})


def _replacement(draft: Draft, left: Any, right: Any) -> tuple[Atom, Form] | None:
    """A parameter for a width of an input, and the form that always has its value."""
    form = form_of(right)
    if not isinstance(left, Symbol) or form is None or len(left.form.terms) != 1:
        return None
    atoms, coefficient = left.form.terms[0]
    if len(atoms) != 1 or coefficient != 1 or not isinstance(atoms[0], str):
        return None
    parameter = draft.parameters.table.get(atoms[0])
    if parameter is None or parameter.kind != "channels" or atoms[0] in form.atoms():
        return None
    return (atoms[0], form) if draft.parameters.holds(form, parameter.values) else None


def _replace(draft: Draft, units: list[Unit], forms: Mapping[Atom, Form]) -> None:
    def change(symbol: Symbol) -> Any:
        return replaced(symbol, forms.get)

    for unit in units:
        unit.change(change)
    for instance in draft.instances:
        instance.widths.update({port: changed(width, change) for port, width in instance.widths.items()})
    draft.equal = [(changed(one, change), changed(other, change)) for one, other in draft.equal]
