"""The condition under which a part exists, found from what holds in the instances that have it and in no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from fractions import Fraction
from itertools import combinations
from typing import Any

from ssrdsl.emission.drafts.draft import Draft
from ssrdsl.emission.drafts.expressions import Instance, Untranslatable
from ssrdsl.emission.drafts.parameters import Parameters
from ssrdsl.emission.instances.templates import Slot
from ssrdsl.emission.symbols.forms import Form
from ssrdsl.emission.symbols.symbol import form_of
from ssrdsl.language import syntax
from ssrdsl.language.source import Span
from ssrdsl.space.functions import FUNCTIONS

Test = Callable[[Mapping[Any, Any]], bool]
Comparison = tuple[str, Test]


def condition(
    parameters: Parameters,
    truth: Sequence[bool],
    forms: Sequence[Form],
    pairs: Sequence[tuple[Form, Form]],
    flag: str,
    written: Sequence[Comparison] = (),
) -> str | None:
    """The text of a condition that is true in exactly the instances where `truth` is.

    Asked for first is what the source says (`written`), then the numbers of the part itself (`forms`: a pooling by `s`
    needs `s > 1`), then widths that meet (`pairs`), the constructor's parameters and two of these; where nothing tells
    the instances apart, a parameter named after `flag` does; None if there shall be none.
    """
    single = [*written, *_of_forms(forms), *_of_pairs(pairs), *_of_parameters(parameters)]
    environments = [parameters.environment(index) for index in range(parameters.count)]
    for text, test in [*single, *_joined(single[len(written) :])]:
        if all(_holds(test, values) is wanted for values, wanted in zip(environments, truth, strict=True)):
            return text
    return parameters.add(flag, "flag", list(truth), default=False) if flag else None


def _holds(test: Test, values: Mapping[Any, Any]) -> bool | None:
    try:
        return test(values)
    except (KeyError, TypeError):
        return None


def _compared(one: Form, sign: str, other: Form) -> Comparison:
    """A comparison of two numbers."""

    def test(values: Mapping[Any, Any]) -> bool:
        return bool(FUNCTIONS[sign](one.evaluate(values), other.evaluate(values)))

    return f"{one.text} {sign} {other.text}", test


def _stated(form: Form, wanted: bool) -> Comparison:
    """A truth value, or its opposite."""

    def test(values: Mapping[Any, Any]) -> bool:
        return form.evaluate(values) is wanted

    return form.text if wanted else f"not {form.text}", test


def _of_forms(forms: Sequence[Form]) -> Iterator[Comparison]:
    for form in forms:
        yield _compared(form, ">", Form.constant(1))
        yield _compared(form, ">", Form.constant(0))


def _of_pairs(pairs: Sequence[tuple[Form, Form]]) -> Iterator[Comparison]:
    for one, other in pairs:
        if one.text != other.text:
            yield _compared(one, "!=", other)
            yield _compared(one, "==", other)


def _of_parameters(parameters: Parameters) -> Iterator[Comparison]:
    for parameter in parameters:
        form = Form.atom(parameter.name)
        known = [value for value in parameter.values if value is not None]
        if parameter.kind == "channels" or not known:
            continue
        if all(isinstance(value, bool) for value in known):
            yield _stated(form, True)
            yield _stated(form, False)
        elif all(isinstance(value, (int, Fraction)) for value in known):
            yield _compared(form, ">", Form.constant(1))
            yield _compared(form, "==", Form.constant(1))
            yield _compared(form, ">", Form.constant(0))


def _joined(single: Sequence[Comparison]) -> Iterator[Comparison]:
    for (left, one), (right, other) in combinations(single, 2):
        if left.split()[0] != right.split()[0]:
            yield f"{left} and {right}", _together(all, [one, other])
            yield f"{left} or {right}", _together(any, [one, other])


def _together(every: Callable[[Iterable[bool]], bool], tests: Sequence[Test]) -> Test:
    def test(values: Mapping[Any, Any]) -> bool:
        return every(one(values) for one in tests)

    return test


def written_conditions(draft: Draft, slot: Slot) -> Iterator[Comparison]:
    """The conditions of the source on which a piece depends: it stands in an arm of `... if condition else ...`."""
    index = next(i for i, piece in enumerate(slot.pieces) if piece is not None)
    piece, instance = slot.pieces[index], draft.instances[index]
    assert piece is not None
    network = draft.network
    inner = piece.node if piece.node is not None else network.scope(piece.children[0])
    start = piece.node.scope if piece.node is not None else network.scope(piece.children[0]).parent or ""
    spans = [inner.span]
    for scope in network.graph.ancestry(start):
        for conditional in _conditionals(scope.definition):
            for span in spans:
                in_then = span is not None and _within(span, conditional.then.span)
                if in_then or (span is not None and _within(span, conditional.otherwise.span)):
                    try:
                        yield _comparison(instance, conditional.condition, scope.id, in_then)
                    except Untranslatable:
                        continue
        spans.append(scope.span)
        if scope.id == instance.scope:
            return


def _conditionals(node: Any) -> Iterator[syntax.Conditional]:
    if isinstance(node, tuple):
        for part in node:
            yield from _conditionals(part)
    elif isinstance(node, syntax.Node):
        if isinstance(node, syntax.Conditional):
            yield node
        for item in fields(node):
            if item.name not in {"span", "name_span"}:
                yield from _conditionals(getattr(node, item.name))


def _within(inner: Span, outer: Span) -> bool:
    return inner.source.name == outer.source.name and outer.start <= inner.start and inner.end <= outer.end


OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def _comparison(instance: Instance, expression: syntax.Expression, frame: str, wanted: bool) -> Comparison:
    """A condition of the source, or its opposite, over the constructor's parameters."""
    match expression:
        case syntax.Junction(operator=operator, operands=operands):
            parts = [_comparison(instance, operand, frame, wanted) for operand in operands]
            both = (operator == "and") is wanted
            texts = [f"({text})" if " or " in text and both else text for text, _ in parts]
            test = _together(all if both else any, [test for _, test in parts])
            return (" and " if both else " or ").join(texts), test
        case syntax.Comparison(operands=(left, right), operators=(operator,)):
            one, other = (_form(instance.symbol(side, frame, "")) for side in (left, right))
            return _compared(one, operator if wanted else OPPOSITE[operator], other)
    return _stated(_form(instance.symbol(expression, frame, "")), wanted)


def _form(scalar: Any) -> Form:
    found = form_of(scalar)
    if found is None:
        raise Untranslatable
    return found
