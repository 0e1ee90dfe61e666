"""The names of widths: equal ones need one parameter, and a repeated one becomes a variable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ssrdsl.emission.blocks.block_class import BlockClass
from ssrdsl.emission.code.trees import replacing, symbols, with_symbols
from ssrdsl.emission.instances.instance import inputs_of
from ssrdsl.operators.construction import Leaf
from ssrdsl.space.expressions import ExactScalar
from ssrdsl.space.expressions.algebra import Variable, name
from ssrdsl.space.expressions.formulas import is_atom, names, operands, text, with_operands
from ssrdsl.space.expressions.symbols import Formed, SymbolicValue, changed, form_of, value_of, with_form

OFTEN = 4
"""A width that occurs so often gets a name."""


def merge_equal(block: BlockClass) -> None:
    """Replace widths of inputs by the widths that they are added to, if these are other parameters or numbers.

    Notes the names in those whose text differs.
    """
    pairs = list(_equal(block))
    for one, other in pairs:
        forms = [form for form in (form_of(one), form_of(other)) if form is not None]
        if len({text(form) for form in forms}) > 1:
            block.compared.update(*map(names, forms))
    for one, other in pairs:
        for left, right in ((one, other), (other, one)):
            found = _replacement(block, left, right)
            if found is not None:
                _replace(block, dict([found]))
                break


def _equal(block: BlockClass) -> Iterator[tuple[Any, Any]]:
    """The pairs of widths that must be equal since the tensors are added."""
    for unit in block.units:
        for instance, piece in zip(block.instances, unit.pieces, strict=True):
            if piece is not None and unit.kind in {"add", "mul"}:
                first, *others = map(instance.channels, inputs_of(piece))
                yield from ((first, other) for other in others if value_of(first) == value_of(other))


def name_only_width(block: BlockClass) -> None:
    """Name the width of an input `in_channels` if the constructor does not need that of another input."""
    used = {
        key
        for unit in block.units
        for symbol in symbols([*unit.modules, unit.apply, unit.function])
        for key in names(symbol.form)
        if block.parameters.table[key].kind == "channels"
    }
    if len(used) != 1 or "in_channels" in block.parameters.table:
        return
    old = used.pop()
    parameter = block.parameters.table.pop(old)
    parameter.name = "in_channels"
    block.parameters.table = {"in_channels": parameter} | block.parameters.table
    _replace(block, {old: name("in_channels")})


def _replacement(block: BlockClass, left: Any, right: Any) -> tuple[Any, ExactScalar] | None:
    """A parameter for a width of an input, and the form that always has its value."""
    form = form_of(right)
    if not isinstance(left, SymbolicValue) or form is None or not isinstance(left.form, Variable):
        return None
    key = left.form.key
    parameter = block.parameters.table.get(key) if isinstance(key, str) else None
    if parameter is None or parameter.kind != "channels" or key in names(form):
        return None
    return (key, form) if block.parameters.holds(form, parameter.values) else None


def _replace(block: BlockClass, forms: Mapping[Any, ExactScalar]) -> None:
    change = replacing(forms)
    for unit in block.units:
        unit.change(change)
    for instance in block.instances:
        instance.widths.update({port: changed(width, change) for port, width in instance.widths.items()})


def name_repeated(block: BlockClass) -> None:
    """Make the most frequent width a variable, if it is frequent and not just a parameter."""
    every = (part for symbol in symbols(block.constructor()) for part in operands(symbol.form))
    found = Counter(text(part) for part in every if not is_atom(part))
    width, count = max(found.items(), key=lambda item: item[1], default=("", 0))
    results = {text(form) for form in map(block.form, block.results) if form is not None}
    name = "out_channels" if width in results else "mid"
    if count >= OFTEN and "self." not in width and name not in block.parameters.table:
        _name(block, width, name)


def _name(block: BlockClass, width: str, own: str) -> None:
    def change(symbol: Formed) -> Any:
        return with_form(symbol.value, with_operands(symbol.form, renamed))

    def renamed(part: ExactScalar) -> ExactScalar:
        if text(part) != width:
            return part
        block.locals.setdefault(own, Leaf(SymbolicValue(None, part)))
        return name(own)

    for assigned in (block.attributes, block.auxiliary_attributes, block.stored):
        assigned.update({name: with_symbols(code, change) for name, code in assigned.items()})
    block.sequential = with_symbols(block.sequential, change)
