"""The kind of an expression, determined before it is evaluated.

Evaluating a layer would make decisions. So the kind of an expression is determined from its syntax tree and the kinds
of its names. A kind is `scalar`, `tensor`, `layer`, `unknown`, or a pair:
`("tuple", kinds)`, and `("list", (kind,))` with the kind of the first element.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from ssrdsl.language import syntax
from ssrdsl.space.elaborate.values import (
    BlockValue,
    Builtin,
    Environment,
    Kinded,
    LayerValue,
    OperatorValue,
    PickedLayer,
    Value,
)
from ssrdsl.space.graph import Port

KindOf: TypeAlias = Any

_LAYERS = (LayerValue, BlockValue, OperatorValue, PickedLayer, Builtin)
_KINDS: dict[type, KindOf] = {
    Port: "tensor",
    **dict.fromkeys(_LAYERS, "layer"),
}


def kind_of_value(value: Value) -> KindOf:
    """The kind of a value."""
    if type(value) is list:
        return ("list", (kind_of_value(value[0]) if value else "unknown",))
    if type(value) is tuple:
        return ("tuple", tuple(map(kind_of_value, value)))
    return value.kind if type(value) is Kinded else _KINDS.get(type(value), "scalar")


def holds(kind: KindOf, part: str) -> bool:
    """Whether a kind is `part`, or a tuple or list that contains it."""
    return any(holds(inner, part) for inner in kind[1]) if isinstance(kind, tuple) else bool(kind == part)


def kind(expression: syntax.Expression, environment: Environment) -> KindOf:
    """The kind of an expression."""
    match expression:
        case syntax.Name(name=name):
            value = environment.get(name)
            return "unknown" if value is None else kind_of_value(value)
        case syntax.Pipe(stages=stages):
            return _kind_of_pipe(stages, environment)
        case syntax.Call():
            return _kind_of_call(expression, environment)
        case syntax.Conditional():
            return _first_known((expression.then, expression.otherwise), environment)
        case syntax.ChooseAlternatives(alternatives=alternatives):
            return kind(alternatives[0], environment)
        case syntax.ChooseOver(domains=domains, body=body):
            known: dict[str, Value] = {}
            for domain in domains:
                known |= _of_domain(domain, environment)
            return _kind_of_suite(body, environment.bind(known))
        case syntax.Tuple(items=items):
            return ("tuple", tuple(kind(item, environment) for item in items))
        case syntax.List(items=items):
            return ("list", (_first_known(items, environment),))
        case syntax.Comprehension():
            inner = environment.bind(_targets(expression.names, element(kind(expression.values, environment))))
            return ("list", (kind(expression.element, inner),))
        case syntax.Index(value=value, index=index):
            whole = kind(value, environment)
            return whole if isinstance(index, syntax.Range) else element(whole, index)
        case syntax.Arithmetic(left=left, right=right):
            first = kind(left, environment)
            return first if first != ("list", ("unknown",)) else kind(right, environment)
        case _:
            return "scalar"


def _first_known(items: tuple[syntax.Expression, ...], environment: Environment) -> KindOf:
    kinds = (kind(item, environment) for item in items)
    return next((found for found in kinds if found != "unknown"), "unknown")


def _kind_of_pipe(stages: tuple[syntax.Expression, ...], environment: Environment) -> KindOf:
    first = kind(stages[0], environment)
    if holds(first, "tensor"):
        return _kind_of_result(stages[-1], environment)
    # A scalar is no layer either; evaluation reports it.
    return "unknown" if first == "scalar" or holds(first, "unknown") else "layer"


def _kind_of_result(stage: syntax.Expression, environment: Environment) -> KindOf:
    """The kind of the result of a layer, if its name determines it: a tuple for operators with several results."""
    function = stage.function if isinstance(stage, syntax.Call) else stage
    if isinstance(function, syntax.Name):
        value = environment.get(function.name)
        if isinstance(value, OperatorValue) and value.operator.results > 1:
            return ("tuple", ("tensor",) * value.operator.results)
    return "tensor"


def _kind_of_call(call: syntax.Call, environment: Environment) -> KindOf:
    if not isinstance(call.function, syntax.Name):
        return "layer"
    value = environment.get(call.function.name)
    if isinstance(value, Builtin):
        if value.result != "tensors":
            return value.result
        listed = element(kind(call.arguments[1].value, environment)) if len(call.arguments) > 1 else "tensor"
        return listed if isinstance(listed, tuple) else "tensor"
    if isinstance(value, OperatorValue) and value.operator.is_function:
        given = [kind(argument.value, environment) for argument in call.arguments]
        if holds(("tuple", given), "tensor"):
            return "tensor"
        return "unknown" if holds(("tuple", given), "unknown") else "layer"
    return "layer"


def _of_domain(domain: syntax.Domain, environment: Environment) -> dict[str, Value]:
    """The kinds of the names of a `choose`: values of a set are scalars, items of a list may be layers or tensors."""
    if isinstance(domain.values, syntax.Set):
        return {name.name: Kinded("scalar") for name in domain.names}
    return _targets(domain.names, element(kind(domain.values, environment)))


def element(kind: KindOf, index: syntax.Expression | None = None) -> KindOf:
    """The kind of the elements of a list or tuple."""
    if not isinstance(kind, tuple):
        return "scalar" if kind == "scalar" else "unknown"
    if isinstance(index, syntax.Number) and isinstance(index.value, int) and index.value < len(kind[1]):
        return kind[1][index.value]
    return kind[1][0] if kind[1] else "unknown"


def _targets(names: tuple[syntax.Name, ...], kind: KindOf) -> dict[str, Value]:
    if len(names) == 1:
        return {names[0].name: Kinded(kind)}
    parts = kind[1] if isinstance(kind, tuple) and kind[0] == "tuple" else ()
    return {name.name: Kinded(parts[i] if i < len(parts) else "unknown") for i, name in enumerate(names)}


def _kind_of_suite(suite: syntax.Suite, environment: Environment) -> KindOf:
    """The kind of the value of a suite."""
    environment = _learned(suite, environment)
    return "unknown" if suite.value is None else kind(suite.value, environment)


def _learned(suite: syntax.Suite, environment: Environment) -> Environment:
    """The environment after the statements of a suite, with the kinds of bound names."""
    for statement in suite.statements:
        if isinstance(statement, syntax.Binding):
            environment = environment.bind(_targets(statement.names, kind(statement.value, environment)))
        elif isinstance(statement, syntax.Block):
            environment = environment.bind({statement.name: Kinded("layer")})
        elif isinstance(statement, syntax.For):
            values = element(kind(statement.values, environment))
            environment = _learned(statement.body, environment.bind(_targets(statement.names, values)))
    return environment
