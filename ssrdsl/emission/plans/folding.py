"""Fold parallel equal branches, written as a comprehension in the source, to a comprehension."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ssrdsl.emission.blocks.block_class import BlockClass
from ssrdsl.emission.blocks.unify import unify_scalars
from ssrdsl.emission.blocks.units import Unit
from ssrdsl.emission.code.names import PythonNames
from ssrdsl.emission.code.trees import replacing, symbols
from ssrdsl.emission.instances.instance import Instance, LoopVariable
from ssrdsl.emission.instances.network import ScopePlace, steps_of
from ssrdsl.emission.plans.items import Fold
from ssrdsl.operators.construction import Called, Code, Leaf
from ssrdsl.space.expressions.algebra import Decided, Variable, name
from ssrdsl.space.expressions.formulas import evaluate, keys
from ssrdsl.space.expressions.symbols import Formed, replaced


def folded(block: BlockClass) -> list[Unit | Fold]:
    """The units with branches folded if the source has a comprehension, and no other variables of loops."""
    units = block.units
    turns = _turns(units)
    folds: dict[int, Fold] = {}
    hidden: set[int] = set()
    for number, unit in enumerate(units):
        if unit.kind in {"concat", "add"} and number not in hidden:
            loops = dict.fromkeys(loop for wire in unit.reads if wire[0] >= 0 for loop in _loops(units[wire[0]]))
            found = (_fold(block, number, loop, turns[loop]) for loop in loops)
            fold = next((fold for fold in found if fold is not None), None)
            if fold is not None:
                folds[number] = fold
                hidden.update(number for turn in fold.turns for number in turn)
                _take(unit, fold)
    items: list[Unit | Fold] = []
    for number, unit in enumerate(units):
        items += [folds[number]] if number in folds else []
        items += [unit] if number not in hidden else []
    for item in items:
        for each in item.units if isinstance(item, Fold) else [item]:
            _settle(block, each)
    return items


def _take(unit: Unit, fold: Fold) -> None:
    """Make a unit read a fold in place of its branches."""
    outputs = {turn[-1] for turn in fold.turns}
    reads = [(fold.number, 0) if wire[0] in outputs else wire for wire in unit.reads]
    first = reads.index((fold.number, 0))
    unit.reads = tuple(wire for index, wire in enumerate(reads) if index == first or wire != reads[first])
    unit.folds = True


def _turns(units: Sequence[Unit]) -> dict[ScopePlace, dict[str, list[int]]]:
    """The iterations of all loops, and the units in each."""
    found: dict[ScopePlace, dict[str, list[int]]] = {}
    for index, unit in enumerate(units):
        for loop in _loops(unit):
            found.setdefault(loop, {}).setdefault(str(unit.key[len(loop) - 1][2]), []).append(index)
    return found


def _loops(unit: Unit) -> list[ScopePlace]:
    """The loops around a unit, outermost first."""
    return [(*unit.key[:index], step[:2]) for index, step in steps_of(unit.key, "turn")]


def _fold(block: BlockClass, number: int, loop: ScopePlace, turns: Mapping[str, list[int]]) -> Fold | None:
    """The branches of a loop whose results a unit reads, if they can be folded."""
    units, branches = block.units, list(turns.values())
    if len(branches) < 2 or len({len(branch) for branch in branches}) > 1:
        return None
    reads = [wire[0] for wire in units[number].reads]
    outputs = [branch[-1] for branch in branches]
    if [read for read in reads if read in outputs] != outputs or not _adjacent(reads, outputs):
        return None
    if any(units[index].is_optional for branch in branches for index in branch):
        return None
    inner = [_normal(units, branch, loop, label) for label, branch in turns.items()]
    if any(_texts(branch) != _texts(inner[0]) for branch in inner) or _leaks(block, branches, number):
        return None
    first = inner[0]
    inside = [wire for unit in first for wire in unit.reads if wire[0] in branches[0]]
    if len(set(inside)) < len(inside):
        return None
    reads_of = tuple(dict.fromkeys(wire for unit in first for wire in unit.reads if wire[0] not in branches[0]))
    names, values = _variables(block, first, loop, list(turns))
    return Fold(branches[0][0], first, reads_of, branches[0][-1], branches, names, values)


def _adjacent(reads: list[int], outputs: list[int]) -> bool:
    start = reads.index(outputs[0])
    return reads[start : start + len(outputs)] == outputs


def _leaks(block: BlockClass, branches: list[list[int]], number: int) -> bool:
    """Whether anything except the result of a branch is used outside of it, or the result elsewhere."""
    home = {index: number for number, branch in enumerate(branches) for index in branch}
    ends = {branch[-1] for branch in branches}
    if any(wire[0] in home for wire in block.results):
        return True
    for index, unit in enumerate(block.units):
        for read in {wire[0] for wire in unit.reads if wire[0] in home}:
            if home.get(index) != home[read] and not (index == number and read in ends):
                return True
    return False


def _normal(units: Sequence[Unit], branch: list[int], loop: ScopePlace, label: str) -> list[Unit]:
    """The units of a branch with the loop's variables independent of the iteration."""
    turn = (*loop[:-1], (*loop[-1], label))
    free = (*loop[:-1], (*loop[-1], "*"))

    def meaning(given: Variable) -> Decided:
        return (
            name(LoopVariable(free, given.key.name))
            if isinstance(given.key, LoopVariable) and given.key.turn == turn
            else given
        )

    branched = [replace(units[index]) for index in branch]
    for unit in branched:
        unit.change(lambda symbol: replaced(symbol, meaning))
    return branched


def _texts(branch: list[Unit]) -> list[Any]:
    """A key that must be equal for all branches; wires between units of the branch are relative."""
    inside = {unit.number: position for position, unit in enumerate(branch)}
    return [
        (
            unit.kind,
            unit.modules,
            unit.apply,
            tuple(("in", inside[w[0]], w[1]) if w[0] in inside else ("out", *w) for w in unit.reads),
        )
        for unit in branch
    ]


def _variables(block: BlockClass, inner: Sequence[Unit], loop: ScopePlace, labels: list[str]) -> tuple[list[str], Code]:
    """Name the variables of a loop that the units of a branch use; also gives the lists of their values.

    If there are none, these are the numbers of the branches.
    """
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
        return [], Called("range", (len(labels),))
    columns = []
    for instance in block.instances:
        turns = [(*loop[:-1], (*loop[-1], label)) for label in labels]
        rows = tuple(tuple(instance.loops[LoopVariable(turn, own)] for own in names) for turn in turns)
        plain = tuple(row[0] for row in rows) if len(names) == 1 else rows
        columns.append(_written(instance, turns[0], names[0], plain))
    given = PythonNames(parameter.name for parameter in block.parameters)
    renamed = {LoopVariable(free, own): given.unique(own) for own in names}
    for unit in inner:
        unit.change(replacing({key: name(own) for key, own in renamed.items()}))
    return [*renamed.values()], Leaf(unify_scalars(columns, f"{names[0]}s", block.parameters))


def _written(instance: Instance, turn: ScopePlace, name: str, values: tuple[Any, ...]) -> Any:
    """The list of a loop as written in the source, if it has the required values."""
    for scope in instance.network.scopes_at(instance.scope, turn):
        bound = scope.names.get(name)
        if bound is not None and scope.frame is not None:
            return instance.given(bound.expression, scope.frame, name, values)
    return values


def _settle(block: BlockClass, unit: Unit) -> None:
    """Replace variables of loops that were not folded by their values; an instance may have fewer iterations."""

    def change(symbol: Formed) -> Any:
        used = [key for key in keys(symbol.form) if isinstance(key, LoopVariable)]
        if not used:
            return symbol
        values = [
            evaluate(symbol.form, environment) if environment.keys() >= {*used} else None
            for environment in block.parameters.environments()
        ]
        return unify_scalars(values, unit.kind, block.parameters)

    unit.change(change)
