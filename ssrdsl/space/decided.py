"""The decided numbers of operators and shapes, and others in their place: the largest, or those of an assignment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from fractions import Fraction
from functools import cache
from types import NoneType
from typing import Any

from ssrdsl.operators.definition import Operator, Shape
from ssrdsl.space.expressions import Decided


def mapped_operator(operator: Operator, function: Callable[[Any], Any]) -> Operator:
    """The operator with a function applied to each of its decided numbers, in tuples as well; itself if all stay."""
    changed = {name: new for name, value in attributes(operator).items() if (new := _mapped(value, function)) != value}
    return replace(operator, **changed) if changed else operator


def mapped_shape(shape: Shape, function: Callable[[Any], Any]) -> Shape:
    """The shape, of its kind, with a function applied to each of its decided extents."""
    return type(shape)(*(_mapped(extent, function) for extent in shape))


def _mapped(value: Any, function: Callable[[Any], Any]) -> Any:
    if isinstance(value, Shape):
        return mapped_shape(value, function)
    if isinstance(value, tuple):
        return tuple(_mapped(item, function) for item in value)
    return function(value) if isinstance(value, Decided) else value


def decided_numbers(value: Any) -> tuple[Decided, ...]:
    """The numbers of an operator, or of a tuple or list, that depend on decisions, each once."""
    if isinstance(value, Decided):
        return (value,)
    if isinstance(value, Operator):
        value = tuple(attributes(value).values())
    if isinstance(value, (tuple, list)):
        parts = [part for item in value if type(item) not in _PLAIN for part in decided_numbers(item)]
        return tuple(dict.fromkeys(parts))
    return ()


_PLAIN = (int, bool, str, float, Fraction, NoneType)


def attributes(operator: Operator) -> dict[str, Any]:
    """The attributes of an operator by name."""
    return {name: getattr(operator, name) for name in _names(type(operator))}  # type: ignore[arg-type]


@cache
def _names(operator: type[Operator]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(operator))
