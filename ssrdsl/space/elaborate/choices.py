"""Decisions made by sets and `choose`."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from itertools import product
from math import prod

from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import Label
from ssrdsl.language.source import Span
from ssrdsl.space.binding.kinds import holds
from ssrdsl.space.decisions import Dimension, Kind
from ssrdsl.space.elaborate.builder import MAX_VALUES, UniqueNames, refuse_many
from ssrdsl.space.elaborate.context import ElaborationContext
from ssrdsl.space.elaborate.labels import labels_of, name_of, shown
from ssrdsl.space.elaborate.lists import destructure, items, listed, tensors, unpacked
from ssrdsl.space.elaborate.roles import dimension_of_names
from ssrdsl.space.elaborate.sorts import sort
from ssrdsl.space.elaborate.values import Tensors, Value, kind_of_value
from ssrdsl.space.expressions import Decided, ExactScalar, switch
from ssrdsl.space.faults import fail
from ssrdsl.space.graph import Port

OptionToBuild = tuple[str, str, object, Callable[[ElaborationContext], Value]]
"""Label, name within paths, value, and a function that builds the sub-network of an option at its place."""
Choose = syntax.ChooseAlternatives | syntax.ChooseOver


def values_of_set(context: ElaborationContext, expression: syntax.Set) -> list[Value]:
    """The values of a set. Raises an error if two are equal."""
    values = items(context.unnamed, expression)
    if not values:
        fail("E0503", "a set without values", expression.span, help="ranges are increasing: `{8..16 step 4}`")
    if len(values) > MAX_VALUES:
        fail("E0604", f"a set of {len(values):,} values", expression.span, help=f"at most {MAX_VALUES:,}")
    if len(set(map(_identity, values))) < len(values):
        twice = next(value for index, value in enumerate(values) if value in values[:index])
        what = "a value" if kind_of_value(twice) in {"layer", "tensor"} else shown(twice)
        fail("E0503", f"the set contains {what} twice", expression.span, help="every option must be different")
    return values


def _identity(value: Value) -> Hashable:
    """A key for comparisons: `true` is not 1, and values that are not scalars are compared by identity."""
    if isinstance(value, tuple):
        return tuple(map(_identity, value))
    return (type(value) is bool, value) if kind_of_value(value) == "scalar" else id(value)


def decide_set(context: ElaborationContext, expression: syntax.Set) -> ExactScalar:
    """Make the decision of a set; return its decided scalar. A set of one value is that value."""
    values = values_of_set(context, expression)
    for value in values:
        if kind_of_value(value) != "scalar":
            fail(
                "E0404", "a set can only contain scalars", expression.span,
                help="for layers, write `choose { f | g }`" if kind_of_value(value) == "layer" else None,
            )  # fmt: skip
    if len(set(map(sort, values))) > 1:
        fail("E0404", "a set of values of different types", expression.span,
             help="use values of one type: numbers, strings, or booleans")  # fmt: skip
    if len(values) == 1:
        return values[0]  # type: ignore[no-any-return]
    options = [(shown(value), value) for value in values]
    decision = context.builder.decide(context.place, context.label, Kind.SET, options, expression.span)
    return switch(decision, enumerate(values))


def choose(context: ElaborationContext, expression: Choose) -> Value:
    """Make the decision of a `choose` between tensors."""
    return _chosen(context.unnamed, expression, None, None)


def apply_choose(context: ElaborationContext, expression: Choose, inputs: Tensors, label: str | None = None) -> Tensors:
    """Make the decision of a `choose` between layers, and apply them."""
    return tensors(_chosen(context, expression, inputs, label), expression)


def _chosen(context: ElaborationContext, expression: Choose, inputs: Tensors | None, label: str | None) -> Value:
    """Make the decision of a `choose`, and build the sub-network of each option in a separate scope.

    With `inputs`, the options are layers applied to them; otherwise they are tensors.
    """
    if isinstance(expression, syntax.ChooseAlternatives):
        options = _alternatives(context, expression, inputs)
        label, dimension = label or "choose", Dimension.OPERATOR
    else:
        options = _product(context, expression, inputs)
        names = [name.name for domain in expression.domains for name in domain.names]
        label = names[0] if len(names) == 1 else f"({','.join(names)})"
        dimension = dimension_of_names(names, expression.body, context.environment)
    if len(options) == 1:
        return options[0][-1](context)
    listed = [(text, value) for text, _, value, _ in options]
    decision = context.builder.decide(context.place, label, Kind.CHOOSE, listed, expression.span)
    context.builder.dimensions.setdefault(decision, dimension)
    results = [
        (index, option_results(context, build, label, name, expression.span))
        for index, (_, name, _, build) in enumerate(options)
    ]
    return unpacked(mixed(context, decision, results, expression.span))


def option_results(
    context: ElaborationContext, build: Callable[[ElaborationContext], Value], label: str, text: str, span: Span
) -> Tensors:
    """Build the tensors of an option in a separate scope."""
    place = context.place
    inner = context.builder.enter(
        place._replace(suffix=""), f"{label}{place.suffix}={text}", "option", frame=context.frame, span=span
    )
    value = build(context.at(inner))
    found = kind_of_value(value)
    if found == "layer":
        fail("E0404", "some options of `choose` are tensors, others are layers", span, label=f"`{text}` is a layer",
             help="apply every option to a tensor, `x -> ...`, or none: `x -> choose { f | g }`")  # fmt: skip
    if not holds(found, "tensor"):
        fail("E0404", "an option of `choose` is a scalar", span, help="for scalars, write a set: `{a, b}`")
    return (value,) if isinstance(value, Port) else tuple(value)


def mixed(context: ElaborationContext, decision: str, results: Sequence[tuple[int, Tensors]], span: Span) -> Tensors:
    """The tensors of the chosen option; `results` are pairs of option index and tensors."""
    counts = {len(result) for _, result in results}
    if len(counts) > 1:
        fail("E0401", "the options return different numbers of tensors", span,
             help="return the same number of tensors in every option, `(x, y)` or one tensor")  # fmt: skip
    return tuple(
        context.builder.mux(
            decision, [(index, ports[part]) for index, ports in results], context.place, context.frame, span
        )
        for part in range(counts.pop())
    )


def _alternatives(
    context: ElaborationContext, expression: syntax.ChooseAlternatives, inputs: Tensors | None
) -> list[OptionToBuild]:
    names = UniqueNames()
    numbered = [names.unique(name_of(alternative)) for alternative in expression.alternatives]
    labels = labels_of(expression.alternatives, numbered)
    builds = [partial(_alternative, alternative, inputs) for alternative in expression.alternatives]
    return list(zip(labels, numbered, numbered, builds, strict=True))


def _alternative(alternative: syntax.Expression, inputs: Tensors | None, context: ElaborationContext) -> Value:
    inner = context.framed
    return inner.evaluate(alternative) if inputs is None else inner.apply(alternative, inputs)


def _product(context: ElaborationContext, expression: syntax.ChooseOver, inputs: Tensors | None) -> list[OptionToBuild]:
    domains = [_domain(context, domain) for domain in expression.domains]
    count = prod(map(len, domains))
    context.builder.spend(count, expression.span)
    refuse_many(count, expression.span)
    labels = UniqueNames()
    options: list[OptionToBuild] = []
    for picked in product(*domains):
        names = {name: value for part in picked for name, value in part.items()}
        values = tuple(names.values())
        text = labels.unique(shown(values[0]) if len(values) == 1 else shown(values))
        options.append((text, text, values, partial(_body, expression.body, names, inputs)))
    return options


def _body(suite: syntax.Suite, names: dict[str, Value], inputs: Tensors | None, context: ElaborationContext) -> Value:
    """The value of the body of a `choose` for given values of its names; a layer is applied to the inputs."""
    after, value = context.framed.bind(names, None).suite(suite)
    assert suite.value is not None, "the parser refuses such bodies"
    if kind_of_value(value) != "layer":
        return value
    if inputs is None:
        fail("E0404", "this layer is not applied", suite.value.span, help="apply it to a tensor: `x -> ...`")
    return after.apply_value(value, inputs, suite.value)


def _domain(context: ElaborationContext, domain: syntax.Domain) -> list[dict[str, Value]]:
    if isinstance(domain.values, syntax.Set):
        values = values_of_set(context, domain.values)
    else:
        value = context.evaluate(domain.values)
        if isinstance(value, Decided):
            fail("E0404", "the values of `choose` cannot depend on another decision",
                 domain.values.span, help="write the set itself, `d in {1, 2}`, or a list of values")  # fmt: skip
        values = listed(value, domain.values)
    if not values:
        fail("E0503", "no values to choose from", domain.values.span, secondary=(Label(domain.span),),
             help="ranges are increasing: `{1..4}`")  # fmt: skip
    return [destructure(domain.names, value, domain.values) for value in values]
