"""The functions of the language: for scalars and lists, `repeat` and `chain`, and joint decisions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial, reduce
from itertools import combinations
from math import comb
from typing import cast

from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import DiagnosticError
from ssrdsl.operators.merging import Add
from ssrdsl.operators.zeros import Zeros
from ssrdsl.space import expressions
from ssrdsl.space.binding.primitives import FUNCTIONS
from ssrdsl.space.decisions import Dimension, Kind
from ssrdsl.space.elaborate.arguments import matched
from ssrdsl.space.elaborate.builder import refuse_many
from ssrdsl.space.elaborate.choices import mixed, values_of_set
from ssrdsl.space.elaborate.context import ElaborationContext
from ssrdsl.space.elaborate.elements import mixture
from ssrdsl.space.elaborate.labels import shown
from ssrdsl.space.elaborate.lists import sequence, tensors, unpacked
from ssrdsl.space.elaborate.scalars import limited, number, refuse_zero, whole
from ssrdsl.space.elaborate.values import Builtin, Tensors, Value
from ssrdsl.space.expressions import Decided, ExactScalar, Switch, switch
from ssrdsl.space.expressions.symbols import applied, element, is_range, length, value_of
from ssrdsl.space.faults import fail, led_from
from ssrdsl.space.graph import Bound, Extents, InputNode, Port

MAX_PERMUTED = 64

Function = Callable[..., Value]
Operation = Callable[[ExactScalar, ExactScalar], ExactScalar]


def _arguments(call: syntax.Call, *names: str) -> list[syntax.Expression]:
    """The arguments of a function whose parameters are all required."""
    assert isinstance(call.function, syntax.Name)
    given = dict(matched(call.function.name, names, names, call.arguments))
    for name in names:
        if name not in given:
            fail("E0403", f"`{call.function.name}` needs `{name}`", call.span,
                 help=f"write `{call.function.name}({', '.join(names)})`")  # fmt: skip
    return [given[name].value for name in names]


# Scalars and lists


def _numbers(context: ElaborationContext, call: syntax.Call) -> list[ExactScalar]:
    """The numbers passed to a function, or its only argument if that is a range with a form."""
    found: list[ExactScalar] = []
    for argument in call.arguments:
        if argument.name is not None:
            fail("E0402", "this function only takes positional arguments", argument.span, help="omit the name")
        value = context.evaluate(argument.value)
        if len(call.arguments) == 1 and is_range(value):
            return value
        parts = [element(value, index) for index in range(len(value))] if isinstance(value, list) else [value]
        context.builder.spend(len(parts), argument.span)
        found += [_truth_as_number(part, argument) for part in parts]
    if not found:
        fail("E0403", "missing arguments", call.span, help="pass numbers, `max(a, b)`, or a list of numbers")
    return found


def _truth_as_number(value: Value, argument: syntax.Argument) -> ExactScalar:
    return value if isinstance(value, bool) else number(value, argument.span)


def _rounded(name: str, arity: int, context: ElaborationContext, call: syntax.Call) -> ExactScalar:
    values = _numbers(context, call)
    # `round(x, 8)` is the nearest multiple, `round_to(x, 8)` the one that keeps 90 %.
    nearest = name == "round" and len(values) == 2
    if len(values) != arity and not nearest:
        fail("E0401", f"`{name}` takes {arity} argument(s), got {len(values)}", call.span,
             help=f"`ssrdsl operators {name}` describes it")  # fmt: skip
    if len(values) == 2:
        refuse_zero(values[1], call.span, context.builder)
    if nearest:
        return limited(call.span, _nearest_multiple, *values)
    return limited(call.span, expressions.apply, name, *values)


def _nearest_multiple(x: ExactScalar, multiple: ExactScalar) -> ExactScalar:
    return expressions.multiply(expressions.apply("round", expressions.divide(x, multiple)), multiple)


def _folded(name: str, operation: Operation, context: ElaborationContext, call: syntax.Call) -> ExactScalar:
    numbers = _numbers(context, call)
    result: ExactScalar = limited(call.span, reduce, operation, numbers)
    return applied(name, value_of(result), numbers.form) if is_range(numbers) else result


def _len(context: ElaborationContext, call: syntax.Call) -> ExactScalar:
    (values,) = _arguments(call, "list")
    return cast(ExactScalar, length(sequence(context, values)))


# Layers composed of layers


def _repeat(context: ElaborationContext, call: syntax.Call, inputs: Tensors) -> Tensors:
    layer, depth = _arguments(call, "layer", "depth")
    count = number(context.labelled("repeat.depth").evaluate(depth), depth.span)
    counts = _counts(count, depth)
    after = [inputs]
    builder = context.builder
    for index in range(most := max(counts.values())):
        left = builder.fuel
        turn = context.turn(index, call.span)
        builder.scopes[turn.place.scope].arguments["depth"] = Bound(count, depth, context.frame)
        try:
            after.append(turn.apply(layer, after[-1]))
        except DiagnosticError as error:
            if index == 0:
                raise
            raise led_from(error, depth.span, f"in iteration {index + 1} of this repeat") from error
        builder.foresee(left - builder.fuel, most - index - 1, depth.span)
    if not isinstance(count, Switch):
        return after[counts[0]]
    builder.tag(count, Dimension.DEPTH)
    if (made := builder.decisions[count.decision]).kind is Kind.SET:
        builder.decisions[made.name] = replace(made, kind=Kind.REPEAT)
    if len({len(after[times]) for times in counts.values()}) > 1:
        fail("E0401", "this layer changes the number of tensors, so its repetitions cannot be searched", call.span,
             help="the layer must return as many tensors as it takes")  # fmt: skip
    return mixed(context, count.decision, [(option, after[times]) for option, times in counts.items()], call.span)


def _counts(count: ExactScalar, depth: syntax.Expression) -> dict[int, int]:
    """The number of repetitions for each option of the depth; a single entry if the depth is not decided."""
    if isinstance(count, Decided) and not (isinstance(count, Switch) and count.flat):
        fail("E0502", "the depth of this `repeat` depends on several decisions", depth.span,
             help="use one set or `split` for the depth")  # fmt: skip
    pairs = dict(count.branches) if isinstance(count, Switch) else {0: count}
    for times in pairs.values():
        if not isinstance(times, int) or isinstance(times, bool) or times < 0:
            fail("E0407", f"a layer cannot be repeated {expressions.describe(times)} times", depth.span,
                 help="the count must be an integer of at least 0")  # fmt: skip
    return pairs  # type: ignore[return-value]


def _chain(context: ElaborationContext, call: syntax.Call, inputs: Tensors) -> Tensors:
    (layers,) = _arguments(call, "layers")
    for index, layer in enumerate(sequence(context, layers)):
        inputs = context.turn(index, layers.span).apply_value(layer, inputs, layers)
    return inputs


# Joint decisions


def _select(context: ElaborationContext, call: syntax.Call) -> Value:
    taken, listed = _arguments(call, "k", "tensors")
    sizes: list[Value] = []
    if isinstance(taken, syntax.Set):
        sizes = values_of_set(context, taken)
    else:
        sizes = [number(context.labelled("k").evaluate(taken), taken.span)]
    groups = [tensors(item, listed) for item in sequence(context, listed)]
    if not groups or len({len(group) for group in groups}) > 1:
        fail("E0401", "`select` takes tensors, or tuples of equal length", listed.span,
             help="write `select(1, [a, b])`, or `select(1, [(a, b), (c, d)])`")  # fmt: skip

    def summed(sizes: Sequence[Value]) -> Tensors:
        return _summed(context, sizes, groups, call)

    if isinstance(sizes[0], Decided):  # a named set: a separate decision, and one decision for each of its values
        context.builder.tag(sizes[0], Dimension.TOPOLOGY)
        return unpacked(mixture(context, sizes[0], lambda size: summed([size]), call))
    return unpacked(summed(sizes))


def _summed(
    context: ElaborationContext,
    sizes: Sequence[Value],
    groups: Sequence[Tensors],
    call: syntax.Call,
) -> Tensors:
    """The sums of all selections of these sizes, chosen by one decision."""
    for size in sizes:
        if not isinstance(size, int) or not 0 <= size <= len(groups):
            fail("E0407", f"cannot select {shown(size)} of {len(groups)} tensors", call.arguments[0].span,
                 help=f"select 0 to {len(groups)}")  # fmt: skip
    refuse_many(sum(comb(len(groups), size) for size in sizes), call.span)
    subsets = [subset for size in sizes for subset in combinations(range(len(groups)), size)]
    columns = list(zip(*groups, strict=True))
    if len(subsets) == 1:
        return tuple(_sum(context, [column[i] for i in subsets[0]], column[0], call) for column in columns)
    builder = context.builder
    options = [("+".join(map(str, subset)) or "none", subset) for subset in subsets]
    decision = builder.decide(context.place, context.label_or("select"), Kind.SELECT, options, call.span)
    builder.dimensions[decision] = Dimension.TOPOLOGY
    branches = [[(o, tuple(column[i] for i in subset)) for o, subset in enumerate(subsets)] for column in columns]
    return tuple(builder.select(decision, members, context.place, context.frame, call.span) for members in branches)


def _sum(context: ElaborationContext, members: Sequence[Port], like: Port, call: syntax.Call) -> Port:
    """The sum of tensors. An empty sum is zeros of the shape of `like`, but does not depend on `like`."""
    builder = context.builder
    if members:
        return builder.operator(Add(), tuple(members), context.place, context.frame, call)[0]
    image = next(Port(node.id) for node in builder.nodes.values() if isinstance(node, InputNode))
    zeros, extents = Zeros.of(builder.shape(like)), Extents(like, ())
    return builder.operator(zeros, (image,), context.place, context.frame, call, extents=extents)[0]


def _split(context: ElaborationContext, call: syntax.Call) -> tuple[ExactScalar, ...]:
    amount, into = _arguments(call, "total", "parts")
    total, parts = whole(context, amount), whole(context, into)
    if parts < 1 or total < parts:
        fail("E0407", f"{total} cannot be split into {parts} parts of at least one", call.span,
             help="the number must be at least the number of parts")  # fmt: skip
    count = comb(total - 1, parts - 1)
    refuse_many(count, call.span)
    shares = [
        tuple(b - a for a, b in zip((0, *cuts), (*cuts, total), strict=True))
        for cuts in combinations(range(1, total), parts - 1)
    ]
    if count == 1:
        return shares[0]
    options = [(shown(share), share) for share in shares]
    decision = context.builder.decide(context.place, context.label_or("split"), Kind.SPLIT, options, call.span)
    return tuple(switch(decision, [(i, share[part]) for i, share in enumerate(shares)]) for part in range(parts))


def _permutation(context: ElaborationContext, call: syntax.Call) -> list[ExactScalar]:
    """The items in a decided order: one decision for each position, over the remaining items.

    Orders of positions are counted, so equal items are distinguished.
    """
    (listed,) = _arguments(call, "list")
    left: list[ExactScalar] = [number(item, listed.span) for item in sequence(context, listed)]
    if len(left) > MAX_PERMUTED:
        fail("E0604", f"a permutation of {len(left):,} items", call.span, help=f"at most {MAX_PERMUTED}")
    name = context.label_or("permutation")
    ordered: list[ExactScalar] = []
    for position in range(len(left) - 1):
        options = [(str(index), index) for index in range(len(left))]
        decision = context.builder.decide(context.place, f"{name}[{position}]", Kind.PERMUTATION, options, call.span)
        context.builder.dimensions[decision] = Dimension.TOPOLOGY
        ordered.append(limited(call.span, switch, decision, list(enumerate(left))))
        left = [limited(call.span, _remaining_item, decision, left, index) for index in range(len(left) - 1)]
    return ordered + left


def _remaining_item(decision: str, items: Sequence[ExactScalar], index: int) -> ExactScalar:
    """The item at an index of the list that remains after the decision has removed one item."""
    return switch(decision, [(o, items[index] if index < o else items[index + 1]) for o in range(len(items))])


_IMPLEMENTED: dict[str, Function] = {
    "min": partial(_folded, "min", partial(expressions.apply, "min")),
    "max": partial(_folded, "max", partial(expressions.apply, "max")),
    "sum": partial(_folded, "sum", expressions.add),
    **{name: partial(_rounded, name, 1) for name in ("floor", "ceil", "round")},
    "round_to": partial(_rounded, "round_to", 2),
    "len": _len,
    "repeat": _repeat,
    "chain": _chain,
    "select": _select,
    "split": _split,
    "permutation": _permutation,
}
BUILTINS = {name: Builtin(name, result, _IMPLEMENTED[name]) for name, result in FUNCTIONS.items()}
"""The functions by name."""
