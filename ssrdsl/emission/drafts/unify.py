"""One piece of code for several instances of a block: equal parts stay, different numbers become parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ssrdsl.emission.code.trees import COMPOUND, Called, Code, Leaf
from ssrdsl.emission.symbols.forms import Form
from ssrdsl.emission.symbols.symbol import FormedTuple, Symbol, is_literal, value_of


class Unfit(Exception):
    """The instances differ in more than numbers: one class cannot stand for them."""


class Reference:
    """A name of Python, such as a class, that is handed over as an argument."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reference) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return self.text


Hole = Callable[[str, list[Any]], str]
"""Makes a parameter with these values for the instances (None: any), near to a wanted name, and gives its name."""
Holds = Callable[[Form, list[Any]], bool]
"""Whether a form has these values in the instances (None: any)."""


def unify_scalars(scalars: Sequence[Any], hint: str, holds: Holds, hole: Hole) -> Any:
    """The scalar that has the right value in every instance; None stands for an instance that has no use for it."""
    scalars = [Symbol(tuple(s), s.form) if isinstance(s, FormedTuple) else s for s in scalars]
    present = [scalar for scalar in scalars if scalar is not None]
    if all(isinstance(scalar, tuple) for scalar in present):
        return _unify_tuples(scalars, hint, holds, hole)
    values = [None if scalar is None else value_of(scalar) for scalar in scalars]
    for scalar in present:
        if isinstance(scalar, Symbol) and holds(scalar.form, values):
            return scalar
    first = values[next(index for index, value in enumerate(values) if value is not None)]
    if all(value is None or _equal(value, first) for value in values):
        return first
    return Symbol(first, Form.atom(hole(hint, values)))


def _unify_tuples(scalars: Sequence[Any], hint: str, holds: Holds, hole: Hole) -> Any:
    lengths = {len(scalar) for scalar in scalars if scalar is not None}
    if len(lengths) > 1:
        values = [None if scalar is None else value_of(scalar) for scalar in scalars]
        first = next(value for value in values if value is not None)
        return Symbol(first, Form.atom(hole(hint, values)))
    count = lengths.pop()
    columns = ([None if scalar is None else scalar[i] for scalar in scalars] for i in range(count))
    return tuple(unify_scalars(column, hint, holds, hole) for column in columns)


def _equal(one: Any, other: Any) -> bool:
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def unify_codes(codes: Sequence[Code | None], hint: str, holds: Holds, hole: Hole) -> Code:
    """The code that becomes that of every instance when its parameters are given. Raises `Unfit`."""
    found = _unify(list(codes), hint, holds, hole)
    assert not isinstance(found, (tuple, str))
    return found  # type: ignore[no-any-return]


def _unify(parts: list[Any], hint: str, holds: Holds, hole: Hole) -> Any:
    present = [part for part in parts if part is not None]
    if not present:
        return None
    first = present[0]
    if any(type(part) is not type(first) for part in present):
        raise Unfit
    if isinstance(first, Leaf):
        return Leaf(unify_scalars([None if p is None else p.scalar for p in parts], hint, holds, hole))
    if isinstance(first, Called):
        return _unify_calls(parts, hint, holds, hole)
    if isinstance(first, tuple):
        if len({len(part) for part in present}) > 1:
            raise Unfit
        columns = ([None if part is None else part[i] for part in parts] for i in range(len(first)))
        return tuple(_unify(column, hint, holds, hole) for column in columns)
    if isinstance(first, COMPOUND):
        fields = type(first).__dataclass_fields__
        columns_of = {name: [None if p is None else getattr(p, name) for p in parts] for name in fields}
        return type(first)(**{name: _unify(column, hint, holds, hole) for name, column in columns_of.items()})
    if any(part != first for part in present):
        raise Unfit
    return first


def _unify_calls(calls: list[Called | None], hint: str, holds: Holds, hole: Hole) -> Called:
    present = [call for call in calls if call is not None]
    first = present[0]
    names = [name for name, _ in first.keywords]
    for call in present:
        if len(call.arguments) != len(first.arguments) or [name for name, _ in call.keywords] != names:
            raise Unfit
    arguments = tuple(
        _unify([None if c is None else c.arguments[i] for c in calls], hint, holds, hole)
        for i in range(len(first.arguments))
    )
    keywords = tuple(
        (name, _unify([None if c is None else c.keywords[i][1] for c in calls], name, holds, hole))
        for i, name in enumerate(names)
    )
    function = first.function
    if any(call.function != function for call in present):
        if any(call.arguments or call.keywords for call in present):
            raise Unfit
        function = hole(hint, [None if call is None else Reference(call.function) for call in calls])
    return Called(function, arguments, keywords)


__all__ = ["Holds", "Hole", "Reference", "Unfit", "is_literal", "unify_codes", "unify_scalars"]
