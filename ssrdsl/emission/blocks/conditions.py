"""Units that some instances lack, and the conditions that hold exactly in the instances that have them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import combinations
from typing import Any

from ssrdsl.emission.blocks.block_class import BlockClass
from ssrdsl.emission.blocks.units import Unit
from ssrdsl.emission.code.trees import Negated, symbols
from ssrdsl.emission.instances.instance import Instance, Untranslatable, inputs_of, results_of
from ssrdsl.emission.instances.parameters import Parameters
from ssrdsl.language import syntax
from ssrdsl.language.walk import walk
from ssrdsl.operators.construction import Called, Code, Infix, Leaf
from ssrdsl.space.expressions import Decided, ExactScalar
from ssrdsl.space.expressions.algebra import evaluate, name
from ssrdsl.space.expressions.formulas import is_atom
from ssrdsl.space.expressions.symbols import SymbolicValue, form_of, named
from ssrdsl.space.functions import FUNCTIONS
from ssrdsl.space.graph import OperatorNode

OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


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
    written: Sequence[Code] = (),
) -> Code | None:
    """A condition that is true in exactly the instances where `truth` is; None if there is none.

    Conditions of the source (`written`) are tried first, then the numbers of the part itself (`forms`: a pooling by `s`
    needs `s > 1`), then adjacent widths (`pairs`), the constructor's parameters and pairs of these.
    """
    single = [
        *(_compared(form, ">", least) for form in forms for least in (1, 0)),
        *(_compared(one, sign, other) for one, other in pairs for sign in ("!=", "==")),
        *_of_parameters(parameters),
    ]
    environments = list(parameters.environments())
    for test in (*written, *single, *_joined(single)):
        if all(_is_met(test, values) is wanted for values, wanted in zip(environments, truth, strict=True)):
            return test
    return None


def _is_met(test: Code, values: Mapping[Any, Any]) -> bool | None:
    """Whether a condition holds for values of the names; None if one of them has no suitable value."""
    try:
        return bool(_value(test, values))
    except (KeyError, TypeError, IndexError, ZeroDivisionError):
        return None


def _value(code: Code, values: Mapping[Any, Any]) -> Any:
    match code:
        case Leaf(scalar=SymbolicValue(form=form)):
            if (value := evaluate(form, values)) is None:
                raise KeyError(form)
            return value
        case Leaf(scalar=scalar):
            return scalar
        case Infix(sign=sign, operands=operands):
            return FUNCTIONS[sign](*(_value(part, values) for part in operands))
        case Negated(part=part):
            return not _value(part, values)
    raise TypeError(code)


def _leaf(form: ExactScalar) -> Leaf:
    """A form as part of a condition, independent of its value in an instance."""
    return Leaf(SymbolicValue(None, form) if isinstance(form, Decided) else form)


def _compared(one: ExactScalar, sign: str, other: ExactScalar) -> Code:
    return Infix(sign, (_leaf(one), _leaf(other)))


def _of_parameters(parameters: Parameters) -> Iterator[Code]:
    for parameter in parameters:
        form = name(parameter.name)
        known = [value for value in parameter.values if value is not None]
        if parameter.kind == "channels" or not known:
            continue
        if all(isinstance(value, bool) for value in known):
            yield _leaf(form)
            yield Negated(_leaf(form))
        elif all(isinstance(value, (int, Fraction)) for value in known):
            yield _compared(form, ">", 1)
            yield _compared(form, "==", 1)
            yield _compared(form, ">", 0)


def _joined(single: Sequence[Code]) -> Iterator[Code]:
    for pair in combinations(single, 2):
        if _subject(pair[0]) != _subject(pair[1]):
            yield Infix("and", pair)
            yield Infix("or", pair)


def _subject(test: Code) -> Code:
    """The subject of a condition."""
    return test.operands[0] if isinstance(test, Infix) else test.part if isinstance(test, Negated) else test


def written_conditions(block: BlockClass, unit: Unit) -> Iterator[Code]:
    """The conditions of the source for a piece in a branch of `... if condition else ...`."""
    instance, piece = next(pair for pair in zip(block.instances, unit.pieces, strict=True) if pair[1] is not None)
    assert piece is not None
    network = block.network
    inner = piece if isinstance(piece, OperatorNode) else network.scope(piece[0].scope)
    start = inner.scope if isinstance(inner, OperatorNode) else inner.parent or ""
    spans = [] if inner.span is None else [inner.span]
    for scope in network.graph.ancestry(start):
        for conditional in _conditionals(scope.definition):
            for span in spans:
                in_then = conditional.then.span.holds(span)
                if in_then or conditional.otherwise.span.holds(span):
                    with suppress(Untranslatable):
                        yield _stated(instance, conditional.condition, scope.id, in_then)
        if scope.id == instance.scope:
            return
        if scope.span is not None:
            spans.append(scope.span)


def _conditionals(definition: syntax.Node | None) -> Iterator[syntax.Conditional]:
    for node in walk(definition) if definition is not None else ():
        if isinstance(node, syntax.Conditional):
            yield node


def _stated(instance: Instance, expression: syntax.Expression, frame: str, wanted: bool) -> Code:
    """A condition of the source, or its negation, over the constructor's parameters. Raises `Untranslatable`."""
    match expression:
        case syntax.Junction(operator=operator, operands=operands):
            both = (operator == "and") is wanted
            parts = tuple(_stated(instance, operand, frame, wanted) for operand in operands)
            return Infix("and" if both else "or", parts)
        case syntax.Comparison(operands=(left, right), operators=(operator,)):
            one, other = (_form(instance.symbol(side, frame)) for side in (left, right))
            return _compared(one, operator if wanted else OPPOSITE[operator], other)
    stated = _leaf(_form(instance.symbol(expression, frame)))
    return stated if wanted else Negated(stated)


def _form(scalar: Any) -> ExactScalar:
    found = form_of(scalar)
    if found is None:
        raise Untranslatable
    return found
