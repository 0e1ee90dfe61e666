"""The statements of a body: bindings, blocks, loops and requirements."""

from __future__ import annotations

from dataclasses import replace

from ssrdsl.language import syntax
from ssrdsl.space.binding.kinds import holds, kind
from ssrdsl.space.elaborate import lists
from ssrdsl.space.elaborate.context import ElaborationContext
from ssrdsl.space.elaborate.requirements import requirements
from ssrdsl.space.elaborate.values import BlockValue, LayerValue, PickedLayer, Value
from ssrdsl.space.graph import Port


def bind(context: ElaborationContext, binding: syntax.Binding) -> ElaborationContext:
    """Run `names = value`; return the context after it."""
    inner = context
    if holds(kind(binding.value, context.environment.kind), "tensor") and not context.environment.library:
        label = binding.names[0].name
        place = context.builder.enter(context.place, label, "binding", frame=context.frame, span=binding.span)
        inner = context.at(place)
    return context.bind(bound(inner, binding), binding.value)


def bound(context: ElaborationContext, binding: syntax.Binding) -> dict[str, Value]:
    """The values of the names of a binding; decisions are named after the names they are bound to."""
    names = [name.name for name in binding.names]
    label = names[0] if len(names) == 1 else f"({','.join(names)})"
    if isinstance(binding.value, syntax.Tuple) and len(binding.value.items) == len(names):
        context.builder.spend(1, binding.value.span)
        parts = zip(binding.value.items, names, strict=True)
        values = {name: context.labelled(name).evaluate(item) for item, name in parts}
        return {name: _named(context, value, name, binding.tied) for name, value in values.items()}
    value = _named(context, context.labelled(label).evaluate(binding.value), label, binding.tied)
    return lists.destructure(binding.names, value, binding.value)


def _named(context: ElaborationContext, value: Value, label: str, tied: bool) -> Value:
    """A value that is bound to a name: a layer is given the name, and the key of its tied uses."""
    ties = tied and not isinstance(value, Port)
    if isinstance(value, LayerValue):
        tie = context.builder.tie_key(context.place, label) if ties and value.tie is None else value.tie
        return replace(value, label=label, tie=tie)
    if not ties:
        return value
    if isinstance(value, BlockValue):
        return replace(value, tie=value.tie or context.builder.tie_key(context.place, label))
    if isinstance(value, PickedLayer):
        return replace(value, layers=tuple(_named(context, list(value.layers), label, tied)))
    if isinstance(value, (list, tuple)):
        return type(value)(_named(context, v, f"{label}[{i}]", tied) for i, v in enumerate(value))
    return value


def define(context: ElaborationContext, block: syntax.Block) -> ElaborationContext:
    """Define a block; return the context after it."""
    return context.seeing(context.environment.bind({block.name: defined(context, block)}))


def defined(context: ElaborationContext, block: syntax.Block) -> BlockValue:
    """The value of a block definition."""
    tie = context.builder.tie_key(context.place, block.name) if block.tied else None
    return BlockValue(block, context.environment, tie)


def loop(context: ElaborationContext, statement: syntax.For) -> ElaborationContext:
    """Run a loop; names bound in its body remain bound after it."""
    builder, outer = context.builder, context.frame
    values = lists.sequence(context, statement.values)
    for index, item in enumerate(values):
        left = builder.fuel
        with lists.turn(context, statement, index, item) as turn:
            inner, _ = turn.suite(statement.body)
        context = context.seeing(inner.environment.inside(outer))
        builder.scopes[outer].names.update(builder.scopes[turn.place.scope].names)
        # Iterations differ: the remaining ones are assumed to take at least a tenth of this one.
        builder.foresee(left - builder.fuel, (len(values) - index - 1) // 10, statement.span)
    return context


def require(context: ElaborationContext, statement: syntax.Require) -> ElaborationContext:
    """Add the requirements of a `require`."""
    context.builder.requirements.extend(requirements(context, statement.condition))
    return context
