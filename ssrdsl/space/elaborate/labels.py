"""Labels of options, and values in messages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from ssrdsl.language import syntax
from ssrdsl.space.elaborate.values import BlockValue, Builtin, LayerValue, OperatorValue, PickedLayer, Value
from ssrdsl.space.expressions import describe
from ssrdsl.space.graph import Port

LONGEST = 40
"""The largest length of a label, or of a value in a message; options that need longer labels are numbered."""


def name_of(expression: syntax.Expression) -> str:
    """The first name in an expression."""
    match expression:
        case syntax.Name(name=name):
            return name
        case syntax.Call(function=function):
            return name_of(function)
        case syntax.Pipe(stages=stages):
            return name_of(stages[0])
        case syntax.Index(value=value):
            return name_of(value)
    return "option"


def labels_of(alternatives: Sequence[syntax.Expression], numbered: Sequence[str]) -> list[str]:
    """A distinct label for each alternative, as short as possible.

    `a -> conv(8)` and `a -> depthwise(3)` get the labels `a -> conv` and `a -> depthwise`; `conv(8, 3)` and
    `conv(8, 5)` get their full text. `numbered` are labels used otherwise, such as `conv` and `conv_2`.
    """
    groups: dict[str, list[int]] = defaultdict(list)
    for place, alternative in enumerate(alternatives):
        groups[name_of(alternative)].append(place)
    labels = list(numbered)
    for places in groups.values():
        if len(places) > 1:
            found = _distinct([_stages(alternatives[place]) for place in places])
            for place, label in zip(places, found or (), strict=found is not None):
                labels[place] = label
    return labels if len(set(labels)) == len(labels) else list(numbered)


def _distinct(group: Sequence[Sequence[syntax.Expression]]) -> list[str] | None:
    """The shortest distinct labels of pipes: the names of their first stages, or the text of the last of these."""
    for length in range(1, max(map(len, group)) + 1):
        for last in (name_of, _text):
            labels = [_joined(stages[:length], last) for stages in group]
            if len(set(labels)) == len(labels):
                return labels if max(map(len, labels)) <= LONGEST else None
    return None


def _joined(stages: Sequence[syntax.Expression], last: Callable[[syntax.Expression], str]) -> str:
    return " -> ".join([*map(name_of, stages[:-1]), last(stages[-1])])


def _stages(expression: syntax.Expression) -> Sequence[syntax.Expression]:
    return expression.stages if isinstance(expression, syntax.Pipe) else (expression,)


def _text(expression: syntax.Expression) -> str:
    return " ".join(expression.span.text.split())


def shown(value: Value) -> str:
    """The text of a value, as used in labels of options."""
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


def bound_texts(names: Mapping[str, Value]) -> str:
    """The values of names, for messages: `here i = 3, c = 16`."""
    texts = {name: "a tensor" if isinstance(value, Port) else shown(value) for name, value in names.items()}
    return "here " + ", ".join(f"{name} = {cut(text)}" for name, text in texts.items())


def cut(text: str) -> str:
    """A text, shortened for a message if it is too long."""
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."
