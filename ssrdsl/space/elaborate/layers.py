"""Apply layers to tensors: layer values, operators and blocks."""

from __future__ import annotations

from dataclasses import replace
from typing import NoReturn, cast

from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import DiagnosticError, Label, suggest
from ssrdsl.space.elaborate.arguments import BoundArguments, bind_block, bind_operator
from ssrdsl.space.elaborate.builder import Place
from ssrdsl.space.elaborate.choices import apply_choose
from ssrdsl.space.elaborate.context import ElaborationContext
from ssrdsl.space.elaborate.lists import flattened, tensors, unpacked
from ssrdsl.space.elaborate.scalars import taken_arm
from ssrdsl.space.elaborate.values import (
    BlockValue,
    Builtin,
    LayerValue,
    OperatorValue,
    Tensors,
    Value,
    described,
    kind_of_value,
)
from ssrdsl.space.expressions import ExactScalar
from ssrdsl.space.faults import at_application, fail, led_from
from ssrdsl.space.graph import Port

NOT_CALLED = "only operators, blocks and functions can be called; apply a layer with `x -> layer`"

# Expressions with tensors or scalars as values


def pipe(context: ElaborationContext, expression: syntax.Pipe) -> Value:
    """Evaluate `x -> f -> g`."""
    context = context.unnamed
    first, *layers = expression.stages
    inputs = tensors(context.evaluate(first), first)
    for layer in layers:
        inputs = context.apply(layer, inputs)
    return unpacked(inputs)


def call(context: ElaborationContext, call: syntax.Call) -> Value:
    """Evaluate a call with a scalar or tensors as value: a function, or an operator with tensors as arguments."""
    function = context.unnamed.evaluate(call.function)
    if isinstance(function, Builtin):
        return function.function(context, call)
    if isinstance(function, OperatorValue):
        given = bind_operator(context, function.operator, call)
        inputs = (port for where, value in given.tensors for part in flattened(value) for port in tensors(part, where))
        return unpacked(operate(context, given, tuple(inputs), call))
    fail("E0404", f"{described(function)} cannot be called", call.function.span, help=NOT_CALLED)


def attribute(context: ElaborationContext, expression: syntax.Attribute) -> ExactScalar:
    """Evaluate `x.channels`, `x.height` or `x.width`."""
    value = context.unnamed.evaluate(expression.value)
    if not isinstance(value, Port):
        fail(
            "E0404", f"{described(value)} has no attribute `{expression.name}`", expression.value.span,
            label="expected a tensor", help="only tensors have channels, height and width",
        )  # fmt: skip
    extents = context.builder.shape(value)._asdict()
    if expression.name not in extents:
        known = suggest(expression.name, extents)
        fail(
            "E0302", f"a tensor has no attribute `{expression.name}`", expression.span,
            help=known or "the attributes of a tensor are channels, height and width",
        )  # fmt: skip
    return cast(ExactScalar, extents[expression.name])


# Layer expressions


def apply_pipe(context: ElaborationContext, expression: syntax.Pipe, inputs: Tensors) -> Tensors:
    """Apply the layers of a pipe in sequence."""
    for stage in expression.stages:
        inputs = context.apply(stage, inputs)
    return inputs


def apply_conditional(context: ElaborationContext, expression: syntax.Conditional, inputs: Tensors) -> Tensors:
    """Apply the layer selected by a condition."""
    return context.apply(taken_arm(context, expression), inputs)


def apply_call(context: ElaborationContext, call: syntax.Call, inputs: Tensors) -> Tensors:
    """Apply `function(arguments)` to tensors."""
    function = context.evaluate(call.function)
    if isinstance(function, BlockValue):
        return instantiate(context, function, inputs, call, call)
    if isinstance(function, Builtin):
        if function.result != "layer":
            fail(
                "E0404",
                f"`{function.name}(...)` is not a layer",
                call.span,
                help="it returns a value; bind it to a name, and apply a layer to it",
            )
        return cast(Tensors, function.function(context, call, inputs))
    if not isinstance(function, OperatorValue):
        fail("E0404", f"{described(function)} cannot be called", call.function.span,
             help="only operators, blocks and functions can be called, not a layer bound to a name")  # fmt: skip
    given = bind_operator(context, function.operator, call)
    if function.operator.is_function:
        parts = [(where, part) for where, value in given.tensors for part in flattened(value)]
        inputs = tuple(port for where, part in parts for port in context.apply_value(part, inputs, where))
    return operate(context, given, inputs, call)


# Layers


def apply_layer(context: ElaborationContext, layer: LayerValue, inputs: Tensors, where: syntax.Expression) -> Tensors:
    """Apply a layer in the environment of its definition."""
    place = context.place
    if layer.tie is not None:
        place = context.builder.tie(place, layer.tie, str(layer.label))
    elif layer.home is not None:
        place = context.builder.untie(place, layer.home)
    context = context.seeing(layer.environment).at(place)
    if isinstance(layer.expression, (syntax.ChooseAlternatives, syntax.ChooseOver)):
        return apply_choose(context, layer.expression, inputs, None if layer.tie is not None else layer.label)
    return context.apply(layer.expression, inputs)


def apply_operator(
    context: ElaborationContext, value: OperatorValue, inputs: Tensors, where: syntax.Expression
) -> Tensors:
    """Apply an operator written without arguments."""
    given = bind_operator(context, value.operator, syntax.Call(where, (), span=where.span))
    return operate(context, given, inputs, where)


def operate(context: ElaborationContext, given: BoundArguments, inputs: Tensors, written: syntax.Expression) -> Tensors:
    """Apply an operator with bound arguments. Raises an error for a wrong number of tensors."""
    wanted = given.operator.inputs
    if not inputs if wanted is None else len(inputs) != wanted:
        count = "at least one tensor" if wanted is None else f"{wanted} tensor(s)"
        _miscounted(given.operator.name, count, inputs, written)
    return context.builder.operator(given.made(), inputs, context.place, context.frame, written, given.like)


def _miscounted(name: str, wanted: str, given: Tensors, where: syntax.Expression, *secondary: Label) -> NoReturn:
    """Raise the error for a wrong number of tensors."""
    fail("E0401", f"`{name}` takes {wanted}, got {len(given)}", where.span, secondary=secondary,
         help="write several tensors in parentheses: `(x, y) -> layer`")  # fmt: skip


# Blocks


def instantiate(
    context: ElaborationContext,
    block: BlockValue,
    inputs: Tensors,
    where: syntax.Expression,
    call: syntax.Call | None = None,
) -> Tensors:
    """Apply a block: open its scope, bind its parameters and inputs, and run its body."""
    library = block.environment.library
    try:
        return _instantiated(context, block, call, inputs, where)
    except RecursionError:
        fail("E0602", "expressions are nested too deeply", where.span, help="bind parts of it to names")
    except DiagnosticError as error:
        error = _choosing(error, call)
        if library and not context.environment.library:
            raise DiagnosticError(tuple(at_application(found, where.span) for found in error.diagnostics)) from error
        if library or all(where.span.holds(found.label.span) for found in error.diagnostics):
            raise
        raise led_from(error, where.span, f"`{block.definition.name}` is used here") from error


def _choosing(error: DiagnosticError, call: syntax.Call | None) -> DiagnosticError:
    """The error of a condition in a block that depends on a set passed to it, with a `choose` in the help."""
    given = next((a for a in call.arguments if isinstance(a.value, syntax.Set)), None) if call is not None else None
    if given is None or error.diagnostics[0].code != "E0504" or call is None:
        return error
    name = given.name if given.name is not None and len(given.name) == 1 else "v"
    parts = [a.span.text if a is not given else name if a.name is None else f"{a.name}={name}" for a in call.arguments]
    layer = f"{call.function.span.text}({', '.join(parts)})"
    help = f"write `choose {name} in {given.value.span.text} {{ {layer} }}`: every option has its own weights"
    return DiagnosticError((replace(error.diagnostics[0], help=help), *error.diagnostics[1:]))


def _instantiated(
    context: ElaborationContext, block: BlockValue, call: syntax.Call | None, inputs: Tensors, where: syntax.Expression
) -> Tensors:
    definition, library = block.definition, block.environment.library
    arguments = bind_block(context, block, call, where)
    inner = context.builder.enter(
        context.place, definition.name, "block", frame=block.environment.frame or None,
        span=where.span, visible=not library, definition=definition, library=library, inputs=inputs,
    )  # fmt: skip
    if block.tie is not None:
        inner = context.builder.tie(inner, block.tie, definition.name)
    scope = context.builder.scopes[inner.scope]
    scope.arguments.update(arguments)
    names = {name: bound.value for name, bound in arguments.items()}
    if block.tie is not None:
        names = {name: _at_home(value, context.place) for name, value in names.items()}
    if definition.inputs:
        if len(inputs) != len(definition.inputs):
            place = Label(definition.inputs[0].span.to(definition.inputs[-1].span), "inputs defined here")
            _miscounted(definition.name, f"{len(definition.inputs)} tensor(s)", inputs, where, place)
        names |= {name.name: port for name, port in zip(definition.inputs, inputs, strict=True)}
    body = context.seeing(block.environment.bind(names)).at(inner).framed
    scope.results = _block_result(body, definition, inputs)
    return scope.results


def _at_home(value: Value, place: Place) -> Value:
    """An argument of a tied block; decisions inside the argument belong to the caller."""
    if isinstance(value, LayerValue) and value.home is None:
        return replace(value, home=place)
    if isinstance(value, list):
        return [_at_home(item, place) for item in value]
    return value


def _block_result(context: ElaborationContext, definition: syntax.Block, inputs: Tensors) -> Tensors:
    """Run the body of a block; return its tensors."""
    after, value = context.suite(definition.body)
    body = definition.body.value
    assert body is not None, "the parser refuses such bodies"
    layer = kind_of_value(value) == "layer"
    if layer and definition.inputs:
        name = definition.inputs[0].name
        fail("E0405", f"the body of `{definition.name}` is a layer that is not applied", body.span,
             help=f"apply it to `{name}`: `{name} -> ...`")  # fmt: skip
    if layer:
        return after.apply_value(value, inputs, body)
    return tensors(value, body)
