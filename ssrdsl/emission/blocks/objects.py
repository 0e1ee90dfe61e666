"""The code of inner instances: the calls of their classes, one code for all instances."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ssrdsl.emission.blocks.block_class import BlockClass, class_of
from ssrdsl.emission.blocks.conditions import condition
from ssrdsl.emission.blocks.signature import call
from ssrdsl.emission.blocks.unify import Unfit, unify_codes, unify_scalars
from ssrdsl.emission.blocks.units import Unit
from ssrdsl.emission.blocks.written import written_depths
from ssrdsl.emission.code.trees import Each, Starred, Ternary
from ssrdsl.emission.instances.network import steps_of
from ssrdsl.emission.instances.parameters import Parameters
from ssrdsl.operators.construction import Called, Code, Operand, Self_
from ssrdsl.space.expressions import ExactScalar, add
from ssrdsl.space.expressions.algebra import name
from ssrdsl.space.expressions.symbols import SymbolicValue


def write_object(block: BlockClass, unit: Unit) -> None:
    """Write the code of inner instances. Raises `Unfit` if they differ in more than numbers."""
    rows = [
        tuple(call(child, instance) for child in run) or None
        for instance, run in zip(block.instances, unit.runs, strict=True)
    ]
    unit.is_stateful = True
    name = class_of(next(run[0] for run in unit.runs if run)).definition.name
    unit.label = "conv" if name.startswith("conv_") else name
    lengths = {len(row) for row in rows if row is not None}
    # Those of a unit that are all iterations of a loop may be none in some instances.
    is_loop = any(label == "*" for _, (_, _, label) in steps_of(unit.key, "turn"))
    unit.repeats = len(lengths) > 1 or (unit.is_optional and is_loop)
    if unit.repeats:
        depths = written_depths(block.instances[unit.pieces.index(unit.first)], unit.first)
        unit.modules = (_repeated(rows, unit.label, block.parameters, depths),)
    else:
        columns = ([None if row is None else row[i] for row in rows] for i in range(lengths.pop()))
        unit.modules = tuple(_module(column, unit.label, block.parameters) for column in columns)
    unit.apply = Called("", (Self_(), *map(Operand, range(len(unit.reads)))))
    for result in range(unit.results):
        block.set_widths((unit.number, result), block.widths_at((unit.number, result)))


def _module(column: Sequence[Called | None], label: str, parameters: Parameters) -> Code:
    """One call for all instances, or one of two classes."""
    kinds = list(dict.fromkeys(call.target for call in column if call is not None))
    codes = [
        unify_codes([call if call is not None and call.target == kind else None for call in column], label, parameters)
        for kind in kinds
    ]
    if len(codes) == 1:
        return codes[0]
    test = condition(parameters, [call is not None and call.target == kinds[0] for call in column])
    if len(codes) > 2 or test is None:
        raise Unfit
    return Ternary(codes[0], test, codes[1])


def _repeated(
    rows: Sequence[tuple[Called, ...] | None], label: str, parameters: Parameters, depths: Iterable[ExactScalar]
) -> Code:
    """Runs of different lengths, each of equal calls."""
    present = [row for row in rows if row is not None]
    if any(len(set(row)) > 1 for row in present) or len({row[0].target for row in present}) > 1:
        raise Unfit
    every = unify_codes([None if row is None else row[0] for row in rows], label, parameters)
    count = _count([0 if row is None else len(row) for row in rows], parameters, depths)
    return Starred(Each(every, "_", Called("range", (count,)), "()"))


def _count(known: list[int], parameters: Parameters, depths: Iterable[ExactScalar]) -> Any:
    """The number of repetitions, as a sum of a depth or parameter and a small number if that is right everywhere."""
    of_parameters = (name(parameter.name) for parameter in parameters if parameter.kind != "channels")
    for depth in (*depths, *of_parameters):
        for more in (0, -1, 1, -2, 2):
            form = add(depth, more)
            if parameters.holds(form, known):
                return SymbolicValue(known[0], form)
    return unify_scalars(known, "repeats", parameters)
