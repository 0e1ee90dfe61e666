"""One piece of code for several instances of a block: equal parts stay, different numbers become parameters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ssrdsl.emission.instances.parameters import Parameters, has_sides
from ssrdsl.operators.construction import Called, Code, Leaf
from ssrdsl.space.expressions import Decided
from ssrdsl.space.expressions.formulas import is_application, is_integer
from ssrdsl.space.expressions.symbols import Formed, applied, equal, named, value_of, with_form


class Unfit(Exception):
    """The instances differ in more than numbers, so that they cannot share a class."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A Python name, such as a class, that is passed as an argument."""

    text: str

    def __repr__(self) -> str:
        return self.text


def unify_scalars(scalars: Iterable[Any], hint: str, parameters: Parameters) -> Any:
    """The scalar that has the right value in every instance; None for an instance that does not use it.

    If there is none, it is a new parameter, with a name like `hint`. Raises `Unfit` if sizes are different functions of
    those of tensors: they cannot be a parameter, since they are only known at run time.
    """
    scalars = list(scalars)
    present = [scalar for scalar in scalars if scalar is not None]
    if all(type(scalar) is tuple for scalar in present) and len(set(map(len, present))) == 1:
        return tuple(unify_scalars(column, hint, parameters) for column in _columns(scalars, len(present[0])))
    sized = [scalar for scalar in present if isinstance(scalar, Formed) and has_sides(scalar)]
    if sized:
        if len(sized) < len(present) or len({str(symbol) for symbol in sized}) > 1:
            raise Unfit
        return sized[0]
    values = [value_of(scalar) for scalar in scalars]
    first = next(value for value in values if value is not None)
    for form in (*parameters.settled(scalars), *(scalar.form for scalar in present if isinstance(scalar, Formed))):
        if parameters.holds(form, values):
            return _as_integer(with_form(first, form), values, parameters) if isinstance(form, Decided) else first
    if all(value is None or equal(value, first) for value in values):
        return first
    return named(first, parameters.hole(hint, values))


def _as_integer(symbol: Formed, values: Sequence[Any], parameters: Parameters) -> Any:
    """A symbol with integer values in a form that Python evaluates to an integer: `p // q`, `round(ratio * c)`."""
    used = [env for env, value in zip(parameters.environments(), values, strict=True) if value is not None]
    if any(type(value) is not int for value in values if value is not None):
        return symbol
    form = symbol.form
    if all(is_integer(form, environment) for environment in used):
        return symbol
    if is_application(form, "divide") and all(is_integer(part, one) for part in form.arguments for one in used):
        return applied("floordiv", symbol.value, *form.arguments)
    return applied("whole", symbol.value, form)


def unify_codes(codes: Sequence[Code | None], hint: str, parameters: Parameters) -> Code:
    """One code that equals that of each instance, given its parameter values. Raises `Unfit`."""
    found: Code = _unify(codes, hint, parameters)
    return found


def _unify(parts: Sequence[Any], hint: str, parameters: Parameters) -> Any:
    present = [part for part in parts if part is not None]
    if not present:
        return None
    first = present[0]
    if any(type(part) is not type(first) for part in present):
        raise Unfit
    if isinstance(first, Leaf):
        return Leaf(unify_scalars([None if part is None else part.scalar for part in parts], hint, parameters))
    if isinstance(first, Called):
        return _unify_calls(parts, hint, parameters)
    if isinstance(first, tuple):
        if len(set(map(len, present))) > 1:
            raise Unfit
        return tuple(_unify(column, hint, parameters) for column in _columns(parts, len(first)))
    if isinstance(first, Code):
        return type(first)(*_unify([None if part is None else part.held() for part in parts], hint, parameters))
    if any(part != first for part in present):
        raise Unfit
    return first


def _unify_calls(calls: Sequence[Called | None], hint: str, parameters: Parameters) -> Called:
    """The call of all instances; a keyword argument gives its name to a new parameter; functions may differ, too."""
    present = [call for call in calls if call is not None]
    first = present[0]
    names = [name for name, _ in first.keywords]
    if any([name for name, _ in call.keywords] != names for call in present):
        raise Unfit
    arguments = _unify([None if call is None else call.arguments for call in calls], hint, parameters)
    values = _columns([None if call is None else [value for _, value in call.keywords] for call in calls], len(names))
    hints = [f"{hint}_{name}" if parameters.has(name) else name for name in names]
    keywords = [
        (name, _unify(column, wanted, parameters)) for name, column, wanted in zip(names, values, hints, strict=True)
    ]
    target = first.target
    if any(call.target != target for call in present):
        if arguments or keywords:
            raise Unfit
        target = parameters.hole(hint, [None if call is None else Reference(call.target) for call in calls])
    return Called(target, arguments, tuple(keywords))


def _columns(rows: Iterable[Any], count: int) -> list[list[Any]]:
    """The columns of rows, with None for missing rows."""
    held = list(rows)
    return [[None if row is None else row[index] for row in held] for index in range(count)]
