"""The decided numbers of operators and shapes, and others in their place: the largest, or those of an assignment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from ssrdsl.operators.definition import Operator, Shape
from ssrdsl.space.expressions import Decided


def mapped_operator(operator: Operator, function: Callable[[Any], Any]) -> Operator:
    """The operator with a function applied to each of its decided numbers, in tuples as well; itself if all stay."""
    values = {each.name: getattr(operator, each.name) for each in fields(operator)}
    changed = {name: new for name, value in values.items() if (new := _mapped(value, function)) != value}
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
    """The numbers of an operator, or of a part of it, that depend on decisions."""
    if isinstance(value, Decided):
        return (value,)
    if isinstance(value, tuple):
        return tuple(found for item in value for found in decided_numbers(item))
    if isinstance(value, Operator):
        return tuple(found for each in fields(value) for found in decided_numbers(getattr(value, each.name)))
    return ()
