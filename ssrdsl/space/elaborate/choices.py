"""Sets and `choose`: where decisions are made."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import Label
from ssrdsl.language.source import Span
from ssrdsl.space.decisions import Dimension, Kind
from ssrdsl.space.elaborate.builder import MAX_VALUES, Names, Place, refuse_many
from ssrdsl.space.elaborate.faults import fail
from ssrdsl.space.elaborate.kinds import holds_tensors, kind_of_value
from ssrdsl.space.elaborate.labels import labels_of, name_of
from ssrdsl.space.elaborate.roles import dimension_of_names
from ssrdsl.space.elaborate.sorts import sort
from ssrdsl.space.elaborate.values import (
    BlockValue,
    Builtin,
    Environment,
    LayerValue,
    OperatorValue,
    PickedLayer,
    Tensors,
    Value,
)
from ssrdsl.space.expressions import Decided, Scalar, describe, switch
from ssrdsl.space.graph import Port

if TYPE_CHECKING:
    from ssrdsl.space.elaborate.elaborator import Elaborator

Option = tuple[str, str, object, Callable[[Place], Value]]
"""Label, name within paths, value, and a function that builds the sub-network of an option at its place."""


def values_of_set(
    elaborator: Elaborator, expression: syntax.Set, environment: Environment, place: Place
) -> list[Value]:
    """The distinct values that a set lists."""
    values = elaborator.items(expression.items, environment, place)
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
    """What tells a value from others: `true` is not 1; what is no scalar is distinguished by its place in memory."""
    if isinstance(value, tuple):
        return tuple(map(_identity, value))
    return (type(value) is bool, value) if kind_of_value(value) == "scalar" else id(value)


def decide_set(
    elaborator: Elaborator, expression: syntax.Set, environment: Environment, place: Place, label: str
) -> Scalar:
    """The decided scalar of a set; a set of one value is that value."""
    values = values_of_set(elaborator, expression, environment, place)
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
    decision = elaborator.builder.decide(place, label, Kind.SET, options, expression.span)
    return switch(decision, enumerate(values))


def shown(value: Value) -> str:
    """A value as the label of an option."""
    match value:
        case Port(node=node, index=index):
            return f"{node}[{index}]" if index else node
        case tuple():
            return "(" + ",".join(map(shown, value)) + ")"
        case list():
            return "[" + ",".join(map(shown, value)) + "]"
        case LayerValue(label=str(label)):
            return label
        case LayerValue(expression=expression) | PickedLayer(expression=expression):
            return name_of(expression)
        case BlockValue(definition=definition):
            return definition.name
        case OperatorValue(operator=operator):
            return operator.name
        case Builtin(name=name):
            return name
    return describe(value)


LONGEST = 40
"""The largest number of characters of a value in a message."""


def bound_texts(names: Mapping[str, Value]) -> str:
    """What names are bound to, for messages: `here i = 3, c = 16`."""
    texts = {name: "a tensor" if isinstance(value, Port) else shown(value) for name, value in names.items()}
    return "here " + ", ".join(f"{name} = {cut(text)}" for name, text in texts.items())


def cut(text: str) -> str:
    """A text as a message shows it: not too long."""
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def choose(
    elaborator: Elaborator,
    expression: syntax.ChooseAlternatives | syntax.ChooseOver,
    environment: Environment,
    inputs: Tensors | None,
    place: Place,
    label: str | None,
) -> Value:
    """Makes the decision of a `choose`, and every option's sub-network at a place of its own.

    With `inputs` the options are layers, applied to them; without, they are tensors.
    """
    if isinstance(expression, syntax.ChooseAlternatives):
        options = _alternatives(elaborator, expression, environment, inputs)
        label, dimension = label or "choose", Dimension.OPERATOR
    else:
        options = _product(elaborator, expression, environment, inputs, place)
        names = [name.name for domain in expression.domains for name in domain.names]
        label = names[0] if len(names) == 1 else f"({','.join(names)})"
        dimension = dimension_of_names(names, expression.body, environment)
    if len(options) == 1:
        return options[0][-1](place)
    decision = elaborator.builder.decide(
        place, label, Kind.CHOOSE, [(text, value) for text, _, value, _ in options], expression.span
    )
    draft = elaborator.builder.decisions[decision]
    draft.dimension = draft.dimension or dimension
    results = [
        (index, option_results(elaborator, build, place, label, name, environment, expression.span))
        for index, (_, name, _, build) in enumerate(options)
    ]
    return mixed(elaborator, decision, results, place, environment.frame, expression.span)


def option_results(
    elaborator: Elaborator,
    build: Callable[[Place], Value],
    place: Place,
    label: str,
    text: str,
    environment: Environment,
    span: Span,
) -> Tensors:
    """The tensors that an option gives, made at a place of its own."""
    inner = elaborator.builder.enter(
        replace(place, suffix=""), f"{label}{place.suffix}={text}", "option", frame=environment.frame, span=span
    )
    value = build(inner)
    found = kind_of_value(value)
    if found == "layer":
        fail("E0404", "some options of `choose` are tensors, others are layers", span, label=f"`{text}` is a layer",
             help="apply every option to a tensor, `x -> ...`, or none: `x -> choose { f | g }`")  # fmt: skip
    if not holds_tensors(found):
        fail("E0404", "an option of `choose` is a scalar", span, help="for scalars, write a set: `{a, b}`")
    return (value,) if isinstance(value, Port) else tuple(value)


def mixed(
    elaborator: Elaborator, decision: str, results: Sequence[tuple[int, Tensors]], place: Place, frame: str, span: Span
) -> Value:
    """The tensors of the chosen option; `results` are pairs of option index and its tensors."""
    counts = {len(result) for _, result in results}
    if len(counts) > 1:
        fail("E0401", "the options return different numbers of tensors", span,
             help="return the same number of tensors in every option, `(x, y)` or one tensor")  # fmt: skip
    made = tuple(
        elaborator.builder.mux(decision, [(index, ports[part]) for index, ports in results], place, frame, span)
        for part in range(counts.pop())
    )
    return elaborator.unpacked(made)


def _alternatives(
    elaborator: Elaborator,
    expression: syntax.ChooseAlternatives,
    environment: Environment,
    inputs: Tensors | None,
) -> list[Option]:
    names = Names()
    options: list[Option] = []
    numbered = [names.unique(name_of(alternative)) for alternative in expression.alternatives]
    labels = labels_of(expression.alternatives, numbered)
    for alternative, name, label in zip(expression.alternatives, numbered, labels, strict=True):

        def build(place: Place, alternative: syntax.Expression = alternative) -> Value:
            inner = environment.inside(place.scope)
            if inputs is None:
                return elaborator.evaluate(alternative, inner, place)
            return elaborator.apply(alternative, inner, inputs, place)

        options.append((label, name, name, build))
    return options


def _product(
    elaborator: Elaborator,
    expression: syntax.ChooseOver,
    environment: Environment,
    inputs: Tensors | None,
    place: Place,
) -> list[Option]:
    domains = [_domain(elaborator, domain, environment, place) for domain in expression.domains]
    count = prod(map(len, domains))
    elaborator.builder.spend(count, expression.span)
    refuse_many(count, expression.span)
    labels = Names()
    options: list[Option] = []
    for picked in product(*domains):
        names = {name: value for part in picked for name, value in part.items()}
        values = tuple(names.values())
        text = labels.unique(shown(values[0]) if len(values) == 1 else shown(values))

        def build(place: Place, names: dict[str, Value] = names) -> Value:
            inner = elaborator.bind(environment.inside(place.scope), names, None)
            after, value = elaborator.suite(expression.body, inner, place)
            body = expression.body.value
            if body is None:
                fail("E0405", "the body of `choose` has no value", expression.span, help="end it with a layer")
            if kind_of_value(value) != "layer":
                return value
            if inputs is None:
                fail("E0404", "this layer is not applied", body.span, help="apply it to a tensor: `x -> ...`")
            return elaborator.apply_value(value, inputs, place, body, after)

        options.append((text, text, values, build))
    return options


def _domain(
    elaborator: Elaborator, domain: syntax.Domain, environment: Environment, place: Place
) -> list[dict[str, Value]]:
    if isinstance(domain.values, syntax.Set):
        values = values_of_set(elaborator, domain.values, environment, place)
    else:
        listed = elaborator.evaluate(domain.values, environment, place)
        if isinstance(listed, Decided):
            fail("E0404", "the values of `choose` cannot depend on another decision",
                 domain.values.span, help="write the set itself, `d in {1, 2}`, or a list of values")  # fmt: skip
        values = elaborator.listed(listed, domain.values)
    if not values:
        fail("E0503", "no values to choose from", domain.values.span, secondary=(Label(domain.span),),
             help="ranges are increasing: `{1..4}`")  # fmt: skip
    return [elaborator.destructure(domain.names, value, domain.values) for value in values]
