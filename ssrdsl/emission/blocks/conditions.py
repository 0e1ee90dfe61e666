"""Units that some instances lack, and the conditions that hold exactly in the instances that have them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any

from ssrdsl.emission.blocks.block_class import BlockClass
from ssrdsl.emission.blocks.units import Unit
from ssrdsl.emission.blocks.written import negated, written_conditions
from ssrdsl.emission.code.trees import symbols
from ssrdsl.emission.instances.instance import inputs_of, results_of
from ssrdsl.emission.instances.parameters import Parameters
from ssrdsl.operators.construction import Called, Code, Leaf
from ssrdsl.space.expressions import Apply, ExactScalar
from ssrdsl.space.expressions.algebra import apply, name
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
    instance = block.instances[list(truth).index(True)]
    written = [test for unit in group for test in written_conditions(instance, unit.first)]
    test = condition(parameters, truth, own, _pairs(block, group), written)
    if test is not None:
        return test
    flag = next((unit.label or unit.kind for unit in group if unit.is_stateful), group[0].kind)
    return Leaf(named(True, parameters.add(flag, "flag", list(truth), default=False)))


def _matches_always(block: BlockClass, unit: Unit) -> bool:
    """Whether a `match` can be written even where it is not needed: its input has the channels that it returns."""
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
    ports = [port for side in (inputs_of, results_of) for piece in pieces for port in side(piece)]
    forms = map(form_of, map(block.instances[index].channels, ports))
    return list(combinations(dict.fromkeys(form for form in forms if form is not None), 2))


def condition(
    parameters: Parameters,
    truth: Sequence[bool],
    forms: Sequence[ExactScalar] = (),
    pairs: Sequence[tuple[ExactScalar, ExactScalar]] = (),
    written: Sequence[ExactScalar] = (),
) -> Code | None:
    """A condition that is true in exactly the instances where `truth` is; None if there is none.

    Conditions of the source (`written`) are tried first, then the numbers of the part itself (`forms`: a pooling by `s`
    needs `s > 1`), then adjacent widths (`pairs`), the constructor's parameters and pairs of these.
    """
    single = [
        *(apply(">", form, least) for form in forms for least in (1, 0)),
        *(apply(sign, one, other) for one, other in pairs for sign in ("!=", "==")),
        *_of_parameters(parameters),
    ]
    for form in (*written, *single, *_joined(single)):
        if parameters.holds(form, truth):
            return Leaf(SymbolicValue(truth[0], form))
    return None


def _of_parameters(parameters: Parameters) -> Iterator[ExactScalar]:
    for parameter in parameters:
        form = name(parameter.name)
        known = [value for value in parameter.values if value is not None]
        if parameter.kind == "channels" or not known:
            continue
        if all(isinstance(value, bool) for value in known):
            yield form
            yield negated(form)
        elif all(isinstance(value, (int, Fraction)) for value in known):
            yield apply(">", form, 1)
            yield apply("==", form, 1)
            yield apply(">", form, 0)


def _joined(single: Sequence[ExactScalar]) -> Iterator[ExactScalar]:
    for one, other in combinations(single, 2):
        if _subject(one) != _subject(other):
            yield apply("and", one, other)
            yield apply("or", one, other)


def _subject(test: ExactScalar) -> ExactScalar:
    """The subject of a condition."""
    return test.arguments[0] if isinstance(test, Apply) else test
