"""The kind of an expression, determined from its syntax tree before it is evaluated.

Evaluating a layer would make decisions. So the kind of an expression is determined from the kinds of its names; those
of the parameters of a block differ between its calls. A kind is `scalar`, `tensor`, `layer`, `unknown`, or a pair:
`("tuple", kinds)`, and `("list", (kind,))` with the kind of the first element.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ssrdsl.language import syntax
from ssrdsl.operators.definition import Operator

KindOf: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class FunctionKind:
    """The kind of the name of a function: the kind of the results of its calls, `tensors` as many as it is given."""

    result: str


@dataclass(frozen=True, slots=True)
class OperatorKind:
    """The kind of the name of an operator."""

    operator: type[Operator]


NameKinds: TypeAlias = Callable[[str], "KindOf | FunctionKind | OperatorKind"]
"""The kind of each name."""


def holds(kind: KindOf, part: str) -> bool:
    """Whether a kind is `part`, or a tuple or list that contains it."""
    return any(holds(inner, part) for inner in kind[1]) if isinstance(kind, tuple) else bool(kind == part)


def kind(expression: syntax.Expression, names: NameKinds) -> KindOf:
    """The kind of an expression."""
    match expression:
        case syntax.Name(name=name):
            found = names(name)
            return "layer" if isinstance(found, (FunctionKind, OperatorKind)) else found
        case syntax.Pipe(stages=stages):
            return _kind_of_pipe(stages, names)
        case syntax.Call():
            return _kind_of_call(expression, names)
        case syntax.Conditional():
            return _first_known((expression.then, expression.otherwise), names)
        case syntax.ChooseAlternatives(alternatives=alternatives):
            return kind(alternatives[0], names)
        case syntax.ChooseOver(domains=domains, body=body):
            known: dict[str, KindOf] = {}
            for domain in domains:
                known |= _of_domain(domain, names)
            return _kind_of_suite(body, _with(known, names))
        case syntax.Tuple(items=items):
            return ("tuple", tuple(kind(item, names) for item in items))
        case syntax.List(items=items):
            return ("list", (_first_known(items, names),))
        case syntax.Comprehension():
            inner = _with(_targets(expression.names, element(kind(expression.values, names))), names)
            return ("list", (kind(expression.element, inner),))
        case syntax.Index(value=value, index=index):
            whole = kind(value, names)
            return whole if isinstance(index, syntax.Range) else element(whole, index)
        case syntax.Arithmetic(left=left, right=right):
            first = kind(left, names)
            return first if first != ("list", ("unknown",)) else kind(right, names)
        case _:
            return "scalar"


def _first_known(items: tuple[syntax.Expression, ...], names: NameKinds) -> KindOf:
    kinds = (kind(item, names) for item in items)
    return next((found for found in kinds if found != "unknown"), "unknown")


def _kind_of_pipe(stages: tuple[syntax.Expression, ...], names: NameKinds) -> KindOf:
    first = kind(stages[0], names)
    if holds(first, "tensor"):
        return _kind_of_result(stages[-1], names)
    # A scalar is no layer either; evaluation reports it.
    return "unknown" if first == "scalar" or holds(first, "unknown") else "layer"


def _kind_of_result(stage: syntax.Expression, names: NameKinds) -> KindOf:
    """The kind of the result of a layer, if its name determines it: a tuple for operators with several results."""
    function = stage.function if isinstance(stage, syntax.Call) else stage
    if isinstance(function, syntax.Name):
        found = names(function.name)
        if isinstance(found, OperatorKind) and found.operator.results > 1:
            return ("tuple", ("tensor",) * found.operator.results)
    return "tensor"


def _kind_of_call(call: syntax.Call, names: NameKinds) -> KindOf:
    if not isinstance(call.function, syntax.Name):
        return "layer"
    function = names(call.function.name)
    if isinstance(function, FunctionKind):
        if function.result != "tensors":
            return function.result
        listed = element(kind(call.arguments[1].value, names)) if len(call.arguments) > 1 else "tensor"
        return listed if isinstance(listed, tuple) else "tensor"
    if isinstance(function, OperatorKind) and function.operator.is_function:
        given = [kind(argument.value, names) for argument in call.arguments]
        if holds(("tuple", given), "tensor"):
            return "tensor"
        return "unknown" if holds(("tuple", given), "unknown") else "layer"
    return "layer"


def _of_domain(domain: syntax.Domain, names: NameKinds) -> dict[str, KindOf]:
    """The kinds of the names of a `choose`: values of a set are scalars, items of a list may be layers or tensors."""
    if isinstance(domain.values, syntax.Set):
        return {name.name: "scalar" for name in domain.names}
    return _targets(domain.names, element(kind(domain.values, names)))


def element(kind: KindOf, index: syntax.Expression | None = None) -> KindOf:
    """The kind of the elements of a list or tuple."""
    if not isinstance(kind, tuple):
        return "scalar" if kind == "scalar" else "unknown"
    if isinstance(index, syntax.Number) and isinstance(index.value, int) and index.value < len(kind[1]):
        return kind[1][index.value]
    return kind[1][0] if kind[1] else "unknown"


def _targets(targets: tuple[syntax.Name, ...], kind: KindOf) -> dict[str, KindOf]:
    if len(targets) == 1:
        return {targets[0].name: kind}
    parts = kind[1] if isinstance(kind, tuple) and kind[0] == "tuple" else ()
    return {name.name: parts[i] if i < len(parts) else "unknown" for i, name in enumerate(targets)}


def _kind_of_suite(suite: syntax.Suite, names: NameKinds) -> KindOf:
    """The kind of the value of a suite."""
    names = _learned(suite, names)
    return "unknown" if suite.value is None else kind(suite.value, names)


def _learned(suite: syntax.Suite, names: NameKinds) -> NameKinds:
    """The kinds of names after the statements of a suite."""
    for statement in suite.statements:
        if isinstance(statement, syntax.Binding):
            names = _with(_targets(statement.names, kind(statement.value, names)), names)
        elif isinstance(statement, syntax.Block):
            names = _with({statement.name: "layer"}, names)
        elif isinstance(statement, syntax.For):
            values = element(kind(statement.values, names))
            names = _learned(statement.body, _with(_targets(statement.names, values), names))
    return names


def _with(bound: Mapping[str, KindOf], names: NameKinds) -> NameKinds:
    """The kinds of names after some were bound."""
    return lambda name: bound[name] if name in bound else names(name)
