"""The variables of loops: their lists if branches are folded, else their values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ssrdsl.emission.code.names import PythonNames
from ssrdsl.emission.code.trees import symbols
from ssrdsl.emission.drafts.block_class import BlockClass
from ssrdsl.emission.drafts.unify import unify_scalars
from ssrdsl.emission.drafts.units import Unit
from ssrdsl.emission.instances.instance import Instance, Untranslatable
from ssrdsl.emission.instances.network import ScopePlace
from ssrdsl.emission.instances.parameters import LoopVariable
from ssrdsl.emission.plans.items import Fold
from ssrdsl.operators.construction import Called, Code, Leaf
from ssrdsl.space.expressions.algebra import Decided, Variable, evaluate, name
from ssrdsl.space.expressions.formulas import keys
from ssrdsl.space.expressions.symbols import SymbolicValue, replaced, value_of


def variables(
    block: BlockClass, inner: Sequence[Unit], loop: ScopePlace, labels: list[str]
) -> tuple[dict[LoopVariable, str], Code]:
    """The variables that the units of a branch use, and their lists; the numbers of the branches if there are none."""
    free = (*loop[:-1], (*loop[-1], "*"))
    used = [
        key.name
        for unit in inner
        for symbol in symbols(unit.code())
        for key in keys(symbol.form)
        if isinstance(key, LoopVariable) and key.turn == free
    ]
    names = list(dict.fromkeys(used))
    if not names:
        return {}, Called("range", (len(labels),))
    columns = []
    for instance in block.instances:
        turns = [(*loop[:-1], (*loop[-1], label)) for label in labels]
        rows = tuple(tuple(instance.loops[LoopVariable(turn, name)] for name in names) for turn in turns)
        plain = tuple(row[0] for row in rows) if len(names) == 1 else rows
        columns.append(_written(instance, turns[0], names[0], plain))
    given = PythonNames(parameter.name for parameter in block.parameters)
    renamed = {LoopVariable(free, name): given.unique(name) for name in names}
    return renamed, Leaf(unify_scalars(columns, f"{names[0]}s", block.parameters))


def _written(instance: Instance, turn: ScopePlace, name: str, values: tuple[Any, ...]) -> Any:
    """The list of a loop as written in the source, if it has the required values."""
    for scope in instance.network.scopes_at(instance.scope, turn):
        bound = scope.names.get(name)
        if bound is None or bound.expression is None or scope.frame is None:
            continue
        try:
            symbol = instance.symbol(bound.expression, scope.frame, name)
        except Untranslatable:
            continue
        if value_of(symbol) == values:
            return symbol
    return values


def settle_loops(block: BlockClass, items: Iterable[Unit | Fold]) -> None:
    """Replace variables of loops that were not folded by their values."""
    for item in items:
        renamed = item.renamed if isinstance(item, Fold) else {}
        for unit in item.units if isinstance(item, Fold) else [item]:
            _settle(block, unit, renamed)


def _settle(block: BlockClass, unit: Unit, renamed: Mapping[LoopVariable, str]) -> None:
    def meaning(given: Variable) -> Decided:
        return name(renamed[given.key]) if given.key in renamed else given

    def change(symbol: SymbolicValue) -> Any:
        if not _has_loops(symbol):
            return symbol
        found = replaced(symbol, meaning)
        if isinstance(found, SymbolicValue) and not _has_loops(found):
            return found
        parameters = block.parameters
        values = [evaluate(symbol.form, environment) for environment in parameters.environments()]
        return unify_scalars(values, unit.kind, parameters)

    unit.change(change)


def _has_loops(symbol: SymbolicValue) -> bool:
    return any(isinstance(key, LoopVariable) for key in keys(symbol.form))
