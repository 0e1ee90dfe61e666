"""The kind of an expression, determined before it is evaluated.

Evaluation of a layer would make decisions, so whether an expression is a layer, a tensor or a scalar is found here from
the text and the kinds of the names in it. A kind is `scalar`, `tensor`, `layer`, `unknown`, or a pair: `("list", kind)`
and `("tuple", kinds)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from ssrdsl.language import syntax
from ssrdsl.space.elaborate.values import (
    Ambiguous,
    BlockValue,
    Builtin,
    Environment,
    LayerValue,
    OperatorValue,
    PickedLayer,
    Unknown,
    Value,
)
from ssrdsl.space.graph import Port

KindOf: TypeAlias = Any
Kinds: TypeAlias = Mapping[str, KindOf]
NONE: Kinds = {}

_LAYERS = (LayerValue, BlockValue, OperatorValue, PickedLayer, Builtin)
_KINDS: dict[type, KindOf] = {
    Port: "tensor",
    Unknown: "unknown",
    Ambiguous: "unknown",
    **dict.fromkeys(_LAYERS, "layer"),
}


def kind_of_value(value: Value) -> KindOf:
    """The kind of a value."""
    if type(value) is list:
        return ("list", kind_of_value(value[0]) if value else "unknown")
    if type(value) is tuple:
        return ("tuple", tuple(map(kind_of_value, value)))
    return _KINDS.get(type(value), "scalar")


def holds_tensors(kind: KindOf) -> bool:
    """Whether a kind is that of a tensor, or of a tuple or list of tensors."""
    if isinstance(kind, tuple):
        return holds_tensors(kind[1]) if kind[0] == "list" else any(map(holds_tensors, kind[1]))
    return bool(kind == "tensor")


def kind(expression: syntax.Expression, environment: Environment, local: Kinds = NONE) -> KindOf:
    """The kind of an expression; `local` gives the kinds of names that are not bound yet."""
    match expression:
        case syntax.Name(name=name):
            return _kind_of_name(name, environment, local)
        case syntax.Pipe(stages=stages):
            return _kind_of_pipe(stages, environment, local)
        case syntax.Call():
            return _kind_of_call(expression, environment, local)
        case syntax.Conditional():
            first = kind(expression.then, environment, local)
            return first if first != "unknown" else kind(expression.otherwise, environment, local)
        case syntax.ChooseAlternatives(alternatives=alternatives):
            return kind(alternatives[0], environment, local)
        case syntax.ChooseOver(domains=domains, body=body):
            known = dict(local)
            for domain in domains:
                known.update(_of_domain(domain, environment, local))
            return kind_of_suite(body, environment, known)
        case syntax.Tuple(items=items):
            return ("tuple", tuple(kind(item, environment, local) for item in items))
        case syntax.List(items=items):
            return ("list", _first_known(items, environment, local))
        case syntax.Comprehension():
            inner = {**local, **_targets(expression.names, element(kind(expression.values, environment, local)))}
            return ("list", kind(expression.element, environment, inner))
        case syntax.Index(value=value, index=index):
            whole = kind(value, environment, local)
            return whole if isinstance(index, syntax.Range) else element(whole, index)
        case syntax.Arithmetic(left=left, right=right):
            first = kind(left, environment, local)
            return first if first != ("list", "unknown") else kind(right, environment, local)
        case _:
            return "scalar"


def _first_known(items: tuple[syntax.Expression, ...], environment: Environment, local: Kinds) -> KindOf:
    for item in items:
        found = kind(item, environment, local)
        if found != "unknown":
            return found
    return "unknown"


def _kind_of_name(name: str, environment: Environment, local: Kinds) -> KindOf:
    if name in local:
        return local[name]
    value = environment.get(name)
    return "unknown" if value is None else kind_of_value(value)


def _kind_of_pipe(stages: tuple[syntax.Expression, ...], environment: Environment, local: Kinds) -> KindOf:
    first = kind(stages[0], environment, local)
    if holds_tensors(first):
        return _kind_of_result(stages[-1], environment)
    # A scalar is no layer either: that is told where it is evaluated.
    return "unknown" if first == "scalar" or _holds_unknown(first) else "layer"


def _holds_unknown(kind: KindOf) -> bool:
    if isinstance(kind, tuple):
        return any(map(_holds_unknown, kind[1:] if kind[0] == "list" else kind[1]))
    return bool(kind == "unknown")


def _kind_of_result(stage: syntax.Expression, environment: Environment) -> KindOf:
    """What a layer gives where that can be determined from its name: a tuple for operators of several results."""
    function = stage.function if isinstance(stage, syntax.Call) else stage
    if isinstance(function, syntax.Name):
        value = environment.get(function.name)
        if isinstance(value, OperatorValue) and value.operator.results > 1:
            return ("tuple", ("tensor",) * value.operator.results)
    return "tensor"


def _kind_of_call(call: syntax.Call, environment: Environment, local: Kinds) -> KindOf:
    if not isinstance(call.function, syntax.Name) or call.function.name in local:
        return "layer"
    value = environment.get(call.function.name)
    if isinstance(value, Builtin):
        if value.result != "tensors":
            return value.result
        listed = element(kind(call.arguments[1].value, environment, local)) if len(call.arguments) > 1 else "tensor"
        return listed if isinstance(listed, tuple) else "tensor"
    if isinstance(value, OperatorValue) and value.operator.is_function:
        given = [kind(argument.value, environment, local) for argument in call.arguments]
        if any(map(holds_tensors, given)):
            return "tensor"
        return "unknown" if any(map(_holds_unknown, given)) else "layer"
    return "layer"


def _of_domain(domain: syntax.Domain, environment: Environment, local: Kinds) -> dict[str, KindOf]:
    """The kinds of what a `choose` runs over: a set holds scalars, a list may hold layers or tensors."""
    if isinstance(domain.values, syntax.Set):
        return {name.name: "scalar" for name in domain.names}
    return _targets(domain.names, element(kind(domain.values, environment, local)))


def element(kind: KindOf, index: syntax.Expression | None = None) -> KindOf:
    """The kind of the elements of a list or tuple."""
    if not isinstance(kind, tuple):
        return "scalar" if kind == "scalar" else "unknown"
    if kind[0] == "list":
        return kind[1]
    if isinstance(index, syntax.Number) and isinstance(index.value, int) and index.value < len(kind[1]):
        return kind[1][index.value]
    return kind[1][0] if kind[1] else "unknown"


def _targets(names: tuple[syntax.Name, ...], kind: KindOf) -> dict[str, KindOf]:
    if len(names) == 1:
        return {names[0].name: kind}
    parts = kind[1] if isinstance(kind, tuple) and kind[0] == "tuple" else ()
    return {name.name: parts[i] if i < len(parts) else "unknown" for i, name in enumerate(names)}


def kind_of_suite(suite: syntax.Suite, environment: Environment, local: Kinds) -> KindOf:
    """The kind of the value of a suite."""
    known = dict(local)
    for statement in suite.statements:
        _learn(statement, environment, known)
    return "unknown" if suite.value is None else kind(suite.value, environment, known)


def _learn(statement: syntax.Statement, environment: Environment, known: dict[str, KindOf]) -> None:
    if isinstance(statement, syntax.Binding):
        known.update(_targets(statement.names, kind(statement.value, environment, known)))
    elif isinstance(statement, syntax.Block):
        known[statement.name] = "layer"
    elif isinstance(statement, syntax.For):
        known.update(_targets(statement.names, element(kind(statement.values, environment, known))))
        for inner in statement.body.statements:
            _learn(inner, environment, known)
