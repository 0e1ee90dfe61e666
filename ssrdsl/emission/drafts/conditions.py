"""The condition under which a part exists, which holds exactly in the instances that have it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import combinations
from typing import Any

from ssrdsl.emission.code.trees import Negated
from ssrdsl.emission.drafts.block_class import BlockClass
from ssrdsl.emission.drafts.units import Unit
from ssrdsl.emission.instances.instance import Instance, Untranslatable
from ssrdsl.emission.instances.network import holds, text_of
from ssrdsl.emission.instances.parameters import Parameters
from ssrdsl.language import syntax
from ssrdsl.language.walk import walk
from ssrdsl.operators.construction import Code, Infix, Leaf
from ssrdsl.space.expressions import Decided, ExactScalar
from ssrdsl.space.expressions.algebra import evaluate, name
from ssrdsl.space.expressions.symbols import SymbolicValue, form_of
from ssrdsl.space.functions import FUNCTIONS


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
    single = [*_of_forms(forms), *_of_pairs(pairs), *_of_parameters(parameters)]
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


def _of_forms(forms: Sequence[ExactScalar]) -> Iterator[Code]:
    for form in forms:
        yield _compared(form, ">", 1)
        yield _compared(form, ">", 0)


def _of_pairs(pairs: Sequence[tuple[ExactScalar, ExactScalar]]) -> Iterator[Code]:
    for one, other in pairs:
        yield _compared(one, "!=", other)
        yield _compared(one, "==", other)


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
    inner = piece.node if piece.node is not None else network.scope(piece.children[0])
    start = piece.node.scope if piece.node is not None else network.scope(piece.children[0]).parent or ""
    texts = [] if inner.span is None else [text_of(inner.span)]
    for scope in network.graph.ancestry(start):
        for conditional in _conditionals(scope.definition):
            for text in texts:
                in_then = holds(text_of(conditional.then.span), text)
                if in_then or holds(text_of(conditional.otherwise.span), text):
                    with suppress(Untranslatable):
                        yield _stated(instance, conditional.condition, scope.id, in_then)
        if scope.id == instance.scope:
            return
        if scope.span is not None:
            texts.append(text_of(scope.span))


def _conditionals(definition: syntax.Node | None) -> Iterator[syntax.Conditional]:
    for node in walk(definition) if definition is not None else ():
        if isinstance(node, syntax.Conditional):
            yield node


OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def _stated(instance: Instance, expression: syntax.Expression, frame: str, wanted: bool) -> Code:
    """A condition of the source, or its negation, over the constructor's parameters. Raises `Untranslatable`."""
    match expression:
        case syntax.Junction(operator=operator, operands=operands):
            both = (operator == "and") is wanted
            parts = tuple(_stated(instance, operand, frame, wanted) for operand in operands)
            return Infix("and" if both else "or", parts)
        case syntax.Comparison(operands=(left, right), operators=(operator,)):
            one, other = (_form(instance.symbol(side, frame, "")) for side in (left, right))
            return _compared(one, operator if wanted else OPPOSITE[operator], other)
    stated = _leaf(_form(instance.symbol(expression, frame, "")))
    return stated if wanted else Negated(stated)


def _form(scalar: Any) -> ExactScalar:
    found = form_of(scalar)
    if found is None:
        raise Untranslatable
    return found
