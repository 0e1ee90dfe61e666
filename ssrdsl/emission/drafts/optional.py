"""Units that some instances lack, and the conditions under which they exist."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from ssrdsl.emission.code.trees import symbols
from ssrdsl.emission.drafts.block_class import BlockClass
from ssrdsl.emission.drafts.conditions import condition, written_conditions
from ssrdsl.emission.drafts.units import Unit
from ssrdsl.operators.construction import Called, Code, Leaf
from ssrdsl.space.expressions import ExactScalar
from ssrdsl.space.expressions.formulas import is_atom
from ssrdsl.space.expressions.symbols import SymbolicValue, form_of, named


def make_optional(block: BlockClass) -> None:
    """Set the conditions of units that some instances lack; units lacked by the same instances share a condition."""
    groups: dict[tuple[bool, ...], list[Unit]] = {}
    for unit in block.units:
        if unit.is_optional and not unit.repeats and not _matches_always(block, unit):
            groups.setdefault(tuple(piece is not None for piece in unit.pieces), []).append(unit)
    for truth, group in groups.items():
        test = _condition(block, group, truth)
        for unit in group:
            unit.condition = test


def _condition(block: BlockClass, group: Sequence[Unit], truth: Sequence[bool]) -> Code:
    """The condition of units; a new parameter with their name if there is no other."""
    parameters = block.parameters
    forms = dict.fromkeys(symbol.form for unit in group for symbol in symbols(unit.modules))
    own = [form for form in forms if is_atom(form)]
    written = [test for unit in group for test in written_conditions(block, unit)]
    test = condition(parameters, truth, own, _pairs(block, group), written)
    if test is not None:
        return test
    flag = next((unit.label or unit.kind for unit in group if unit.is_stateful), group[0].kind)
    return Leaf(named(True, parameters.add(flag, "flag", list(truth), default=False)))


def _matches_always(block: BlockClass, unit: Unit) -> bool:
    """Whether a `match` can stand if it is not needed, too: the channels that it asks for are there."""
    if unit.kind != "match" or not isinstance(unit.apply, Called):
        return False
    channels = unit.apply.arguments[1]
    assert isinstance(channels, Leaf)
    readers = [reader for reader in block.units if (unit.number, 0) in reader.reads]
    widths: list[Any] = []
    for index in range(len(block.instances)):
        port = block.port(index, (unit.number, 0))
        is_read = any(reader.pieces[index] is not None for reader in readers)
        widths.append(block.network.graph.shape(port).channels if is_read else None)
    if isinstance(channels.scalar, SymbolicValue):
        return block.parameters.holds(channels.scalar.form, widths)
    return all(width in (None, channels.scalar) for width in widths)


def _pairs(block: BlockClass, group: Sequence[Unit]) -> list[tuple[ExactScalar, ExactScalar]]:
    """The widths before and after missing units."""
    index = next(i for i, piece in enumerate(group[0].pieces) if piece is not None)
    pieces = [unit.pieces[index] or unit.first for unit in group]
    ports = [
        *(port for piece in pieces for port in piece.reads),
        *(port for piece in pieces for port in piece.makes),
    ]
    forms = map(form_of, map(block.instances[index].channels, ports))
    return list(combinations(dict.fromkeys(form for form in forms if form is not None), 2))
