"""Values, shapes and decisions in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import groupby
from typing import Any

from ssrdsl.editor.meaning import AppliedLayer, Found, Meaning
from ssrdsl.language.syntax import Expression
from ssrdsl.operators.definition import Shape, Vector
from ssrdsl.operators.writing import written
from ssrdsl.space import expressions
from ssrdsl.space.decisions import Decision
from ssrdsl.space.elaborate.values import BlockValue, Builtin, LayerValue, OperatorValue, PickedLayer
from ssrdsl.space.expressions import Decided, ExactScalar, Switch
from ssrdsl.space.graph import Port
from ssrdsl.space.listing import as_set, listed
from ssrdsl.space.ranges.intervals import UnboundedError, interval

MOST_LINES = 6
MOST_VALUES = 10
_LONG = 80
_TENSOR = "tensor "
_LIBRARY = re.compile(r"<[^>]*>.*")


def shape_text(shape: Shape) -> str:
    """A shape: channels x height x width; a vector only has channels."""
    if isinstance(shape, Vector):
        return f"{scalar_text(shape.channels)} (a vector)"
    return " x ".join(map(scalar_text, shape))


def scalar_text(scalar: ExactScalar) -> str:
    """A scalar: the set of its values if it depends on one decision, its range if on several."""
    return _decided_text(scalar) if isinstance(scalar, Decided) else constant(scalar)


@lru_cache(maxsize=4096)
def _decided_text(scalar: Decided) -> str:
    if isinstance(scalar, Switch) and scalar.flat:
        return as_set(list(dict.fromkeys(constant(value) for _, value in scalar.branches)))
    try:
        least, greatest, _ = interval(scalar)
        return f"{constant(least)}..{constant(greatest)}"
    except (UnboundedError, TypeError):  # texts have no range
        return shortened(expressions.describe(scalar))


def constant(value: Any) -> str:
    """A plain value in the syntax of the language; a fraction exactly."""
    if isinstance(value, tuple):
        return f"({', '.join(map(constant, value))})"
    if isinstance(value, Fraction) and Fraction(f"{float(value):g}") != value:
        return str(value)
    return written(value)


def value_text(value: Any, meaning: Meaning) -> str:
    """A value of the language."""
    match value:
        case Port():
            shape = meaning.shape(value)
            return "tensor that no output uses" if shape is None else _TENSOR + shape_text(shape)
        case list():
            return _several(value, "[", "]", meaning)
        case tuple():
            return _several(value, "(", ")", meaning)
        case LayerValue(expression=expression):
            return layer_text(expression)
        case PickedLayer(layers=layers):
            return f"one of {len(layers)} layers"
        case BlockValue(definition=definition):
            return f"block `{definition.name}`"
        case OperatorValue(operator=operator):
            return f"operator `{operator.name}`"
        case Builtin(name=name):
            return f"function `{name}`"
    return scalar_text(value)


def layer_text(expression: Expression) -> str:
    """A layer by its source text."""
    return f"layer `{shortened(expression.span.text)}`"


def _several(values: Sequence[Any], opening: str, closing: str, meaning: Meaning) -> str:
    texts = (value_text(value, meaning) for value in values[:MOST_VALUES])
    shown = [_run(text, len(list(alike))) for text, alike in groupby(texts)]
    more = [f"... {len(values)} in total"] if len(values) > MOST_VALUES else []
    return opening + ", ".join([*shown, *more]) + closing


def _run(text: str, count: int) -> str:
    """A value that is repeated: for tensors, their number."""
    if count > 1 and text.startswith(_TENSOR):
        return f"{count} tensors {text.removeprefix(_TENSOR)}"
    return ", ".join([text] * count)


def value_lines(found: Iterable[Found], meaning: Meaning) -> list[str]:
    """The distinct values of a name with their places, one per line; a single value without places."""
    return _with_places((value_text(value, meaning), place) for place, value in found)


def extent_lines(found: Iterable[Found], extent: str, meaning: Meaning) -> list[str]:
    """An extent of the tensors of a name."""
    shapes = [(place, meaning.shape(value)) for place, value in found if isinstance(value, Port)]
    extents = [Found(place, getattr(shape, extent)) for place, shape in shapes if hasattr(shape, extent)]
    return value_lines(extents, meaning)


def applied_lines(applications: Iterable[AppliedLayer], meaning: Meaning) -> list[str]:
    """The inputs and results of a layer, a line for each distinct pair."""
    return _with_places((f"`{_applied(layer, meaning)}`", layer.place) for layer in applications)


def _applied(layer: AppliedLayer, meaning: Meaning) -> str:
    taken = f"{_shapes(layer.inputs, meaning)} " if layer.inputs else ""
    return f"{taken}-> {_shapes(layer.results, meaning)}"


def _shapes(ports: Iterable[Port], meaning: Meaning) -> str:
    shapes = (meaning.shape(port) for port in ports)
    return ", ".join("nothing" if shape is None else shape_text(shape) for shape in shapes) or "nothing"


def _with_places(found: Iterable[tuple[str, str]]) -> list[str]:
    """The distinct texts of pairs, each with its places; a single text without them."""
    places: dict[str, list[str]] = {}
    for text, place in found:
        places.setdefault(text, []).append(place)
    if len(places) == 1:
        return list(places)
    return _cut([f"{text} in {_places(where)}" for text, where in places.items()])


def _places(places: Iterable[str]) -> str:
    """The first of some places; a place inside the prelude counts as the place where it is applied."""
    distinct = list(dict.fromkeys(_LIBRARY.sub("", place) for place in places))
    first = f"`{distinct[0]}`" if distinct[0] else "the space"
    return first if len(distinct) == 1 else f"{first} and {len(distinct) - 1} more"


def _cut(lines: list[str]) -> list[str]:
    more = len(lines) - MOST_LINES
    return lines if more <= 0 else [*lines[:MOST_LINES], f"... {more} more"]


def decision_lines(decisions: Iterable[Decision]) -> list[str]:
    """Decisions that one expression makes: what they vary, their options, their names."""
    kinds: dict[str, list[str]] = {}
    for decision in decisions:
        text = f"{decision.dimension} decision of {len(decision.options)} options: {listed(decision)}"
        kinds.setdefault(text, []).append(decision.name)
    return _cut([f"{text}; {_places(names)}" for text, names in kinds.items()])


def number_text(number: int) -> str:
    """A large number, grouped, and in short."""
    if number < 10**6:
        return f"{number:,}"
    short = f"{Decimal(number):.2e}".replace("e+", "e")
    return f"{number:,} ({short})" if number < 10**42 else short


def shortened(text: str) -> str:
    """A text on one line, cut if it is long."""
    flat = " ".join(text.split())
    return flat if len(flat) <= _LONG else flat[: _LONG - 3] + "..."


def code(text: str) -> str:
    """A text of the language, for Markdown."""
    return f"```ssr\n{text}\n```"


def items(lines: Iterable[str]) -> str:
    """Lines as a Markdown list; a single one unchanged."""
    lines = list(lines)
    return lines[0] if len(lines) == 1 else "\n".join(f"- {line}" for line in lines)
