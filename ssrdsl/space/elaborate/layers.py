"""Layers applied to tensors: layer values, operators, and blocks with a scope of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn, cast

from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import DiagnosticError, Label
from ssrdsl.language.source import Span
from ssrdsl.space.elaborate import choices
from ssrdsl.space.elaborate.arguments import Given, bind_block, bind_operator
from ssrdsl.space.elaborate.builder import Place
from ssrdsl.space.elaborate.faults import at_application, fail, led_from
from ssrdsl.space.elaborate.kinds import kind_of_value
from ssrdsl.space.elaborate.values import (
    BlockValue,
    Builtin,
    Environment,
    LayerValue,
    OperatorValue,
    Tensors,
    Value,
    described,
)

if TYPE_CHECKING:
    from ssrdsl.space.elaborate.elaborator import Elaborator


def apply_layer(elaborator: Elaborator, layer: LayerValue, inputs: Tensors, place: Place) -> Tensors:
    """Applies a layer in the environment in which it was written."""
    if layer.tie is not None:
        place = elaborator.builder.tie(place, layer.tie, str(layer.label))
    elif layer.home is not None:
        place = elaborator.builder.untie(place, layer.home)
    if isinstance(layer.expression, (syntax.ChooseAlternatives, syntax.ChooseOver)):
        label = None if layer.tie is not None else layer.label
        value = choices.choose(elaborator, layer.expression, layer.environment, inputs, place, label)
        return elaborator.tensors(value, layer.expression)
    return elaborator.apply(layer.expression, layer.environment, inputs, place)


def apply_call(
    elaborator: Elaborator, call: syntax.Call, environment: Environment, inputs: Tensors, place: Place
) -> Tensors:
    """Applies `function(arguments)` to tensors."""
    function = elaborator.evaluate(call.function, environment, place)
    if isinstance(function, BlockValue):
        return instantiate(elaborator, function, call, environment, inputs, place, call)
    if isinstance(function, Builtin):
        if function.result != "layer":
            fail(
                "E0404",
                f"`{function.name}(...)` is not a layer",
                call.span,
                help="it returns a value; bind it to a name, and apply a layer to it",
            )
        return cast(Tensors, function.function(elaborator, call, environment, inputs, place))
    if not isinstance(function, OperatorValue):
        fail("E0404", f"{described(function)} cannot be called", call.function.span,
             help="only operators, blocks and functions can be called, not a layer bound to a name")  # fmt: skip
    operator = function.operator
    given = bind_operator(elaborator, operator, call, environment, place)
    if operator.is_function:
        parts = [layer for argument, value in given.tensors for layer in _listed(value, argument)]
        inputs = tuple(
            port for part, where in parts for port in elaborator.apply_value(part, inputs, place, where, environment)
        )
    return operate(elaborator, given, inputs, environment, place, call)


def operate(
    elaborator: Elaborator,
    given: Given,
    inputs: Tensors,
    environment: Environment,
    place: Place,
    written: syntax.Expression,
) -> Tensors:
    """Applies an operator with what a call gives it; refuses a wrong number of tensors."""
    wanted = given.operator.inputs
    if not inputs if wanted is None else len(inputs) != wanted:
        count = "at least one tensor" if wanted is None else f"{wanted} tensor(s)"
        fail("E0401", f"`{given.operator.name}` takes {count}, got {len(inputs)}", written.span,
             help="write several tensors in parentheses: `(x, y) -> layer`")  # fmt: skip
    return elaborator.builder.operator(given.made(), inputs, place, environment.frame, written, given.like)


def _listed(value: Value, argument: syntax.Expression) -> list[tuple[Value, syntax.Expression]]:
    """The layers of a value that may be a list of them, each with the place it is written at."""
    if isinstance(value, list):
        return [layer for item in value for layer in _listed(item, argument)]
    return [(value, argument)]


def instantiate(
    elaborator: Elaborator,
    block: BlockValue,
    call: syntax.Call | None,
    environment: Environment,
    inputs: Tensors,
    place: Place,
    where: syntax.Expression,
) -> Tensors:
    """Applies a block: a scope of its own, its parameters and inputs bound, its body run."""
    try:
        return _instantiated(elaborator, block, call, environment, inputs, place, where)
    except RecursionError:
        fail("E0602", "expressions are nested too deeply", where.span, help="bind parts of it to names")
    except DiagnosticError as error:
        error = _choosing(error, call)
        if block.environment.library and not environment.library:
            raise DiagnosticError(tuple(at_application(found, where.span) for found in error.diagnostics)) from error
        if block.environment.library or all(_lies_in(found.label.span, where.span) for found in error.diagnostics):
            raise
        raise led_from(error, where.span, f"`{block.definition.name}` is used here") from error


def _choosing(error: DiagnosticError, call: syntax.Call | None) -> DiagnosticError:
    """The error of a condition in a block that depends on a set given to it, with the `choose` to write."""
    given = next((a for a in call.arguments if isinstance(a.value, syntax.Set)), None) if call is not None else None
    if given is None or error.diagnostics[0].code != "E0504" or call is None:
        return error
    name = given.name if given.name is not None and len(given.name) == 1 else "v"
    parts = [a.span.text if a is not given else name if a.name is None else f"{a.name}={name}" for a in call.arguments]
    layer = f"{call.function.span.text}({', '.join(parts)})"
    help = f"write `choose {name} in {given.value.span.text} {{ {layer} }}`: every option has its own weights"
    return DiagnosticError((replace(error.diagnostics[0], help=help), *error.diagnostics[1:]))


def _lies_in(inner: Span, outer: Span) -> bool:
    return inner.source == outer.source and outer.start <= inner.start and inner.end <= outer.end


def _instantiated(
    elaborator: Elaborator,
    block: BlockValue,
    call: syntax.Call | None,
    environment: Environment,
    inputs: Tensors,
    place: Place,
    where: syntax.Expression,
) -> Tensors:
    definition = block.definition
    arguments = bind_block(elaborator, block, call, environment, place, where)
    library = block.environment.library
    inner = elaborator.builder.enter(
        place, definition.name, "block", frame=None if block.environment.frame == "" else block.environment.frame,
        span=where.span, visible=not library, definition=definition, library=library, inputs=inputs,
    )  # fmt: skip
    if block.tie is not None:
        inner = elaborator.builder.tie(inner, block.tie, definition.name)
    scope = elaborator.builder.scopes[inner.scope]
    scope.arguments.update(arguments)
    names = {name: bound.value for name, bound in arguments.items()}
    if block.tie is not None:
        names = {name: _at_home(value, place) for name, value in names.items()}
    if definition.inputs:
        if len(inputs) != len(definition.inputs):
            _miscounted(definition, inputs, where)
        names |= {name.name: port for name, port in zip(definition.inputs, inputs, strict=True)}
    body = block.environment.inside(inner.scope).bind(names)
    scope.results = _block_result(elaborator, definition, body, inputs, inner)
    return scope.results


def _at_home(value: Value, place: Place) -> Value:
    """An argument of a tied block: the decisions inside it belong to the caller."""
    if isinstance(value, LayerValue) and value.home is None:
        return replace(value, home=place)
    if isinstance(value, list):
        return [_at_home(item, place) for item in value]
    return value


def _miscounted(definition: syntax.Block, inputs: Tensors, where: syntax.Expression) -> NoReturn:
    """Refuses a wrong number of inputs of a block."""
    fail(
        "E0401",
        f"`{definition.name}` takes {len(definition.inputs)} tensor(s), got {len(inputs)}",
        where.span,
        secondary=(Label(definition.inputs[0].span.to(definition.inputs[-1].span), "inputs defined here"),),
        help="write several tensors in parentheses: `(x, y) -> layer`",
    )


def _block_result(
    elaborator: Elaborator, definition: syntax.Block, environment: Environment, inputs: Tensors, place: Place
) -> Tensors:
    """The tensors that the body of a block gives."""
    after, value = elaborator.suite(definition.body, environment, place)
    body = definition.body.value
    if body is None:
        fail(
            "E0405",
            f"block `{definition.name}` has no value",
            definition.span,
            help="end its body with an expression",
        )
    layer = kind_of_value(value) == "layer"
    if layer and definition.inputs:
        name = definition.inputs[0].name
        fail("E0405", f"the body of `{definition.name}` is a layer that is not applied", body.span,
             help=f"apply it to `{name}`: `{name} -> ...`")  # fmt: skip
    if layer:
        return elaborator.apply_value(value, inputs, place, body, after)
    return elaborator.tensors(value, body)
