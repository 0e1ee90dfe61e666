"""Equal widths: if `x` and `f(x)` are added, the width of `x` needs no separate parameter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ssrdsl.emission.code.trees import symbols
from ssrdsl.emission.drafts.draft import Draft
from ssrdsl.space.expressions import ExactScalar
from ssrdsl.space.expressions.algebra import Variable, name
from ssrdsl.space.expressions.formulas import names
from ssrdsl.space.expressions.symbols import SymbolicValue, changed, form_of, replaced


def merge_equal(draft: Draft) -> None:
    """Replace widths of inputs by the widths that they are added to, if these are other parameters or numbers."""
    for one, other in list(draft.equal):
        for left, right in ((one, other), (other, one)):
            found = _replacement(draft, left, right)
            if found is not None:
                _replace(draft, dict([found]))
                break


def name_only_width(draft: Draft) -> None:
    """Calls the width of an input `in_channels` where the constructor needs that of no other input."""
    used = {
        key
        for unit in draft.units
        for symbol in symbols([*unit.modules, unit.apply, unit.function])
        for key in names(symbol.form)
        if draft.parameters.table[key].kind == "channels"
    }
    if len(used) != 1 or "in_channels" in draft.parameters.table:
        return
    old = used.pop()
    parameter = draft.parameters.table.pop(old)
    parameter.name = "in_channels"
    draft.parameters.table = {"in_channels": parameter} | draft.parameters.table
    _replace(draft, {old: name("in_channels")})


def _replacement(draft: Draft, left: Any, right: Any) -> tuple[Any, ExactScalar] | None:
    """A parameter for a width of an input, and the form that always has its value."""
    form = form_of(right)
    if not isinstance(left, SymbolicValue) or form is None or not isinstance(left.form, Variable):
        return None
    key = left.form.key
    parameter = draft.parameters.table.get(key) if isinstance(key, str) else None
    if parameter is None or parameter.kind != "channels" or key in names(form):
        return None
    return (key, form) if draft.parameters.holds(form, parameter.values) else None


def _replace(draft: Draft, forms: Mapping[Any, ExactScalar]) -> None:
    def change(symbol: SymbolicValue) -> Any:
        return replaced(symbol, lambda name: forms.get(name.key, name))

    for unit in draft.units:
        unit.change(change)
    for instance in draft.instances:
        instance.widths.update({port: changed(width, change) for port, width in instance.widths.items()})
    draft.equal = [(changed(one, change), changed(other, change)) for one, other in draft.equal]
