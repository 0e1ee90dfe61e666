"""Records: frozen classes of typed fields with slots, declared in a fifth of the time that such dataclasses take.

For every class a dataclass compiles the text of six methods: a hundred classes take longer than most files to check.
A record is a dataclass to `fields`, `replace`, `match` and type checkers, but `__init__` alone is compiled for it; all
records share the other methods.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from types import FunctionType
from typing import Any, ClassVar, NoReturn, TypeVar, dataclass_transform, overload

Class = TypeVar("Class", bound=type)


@overload
def record(cls: Class, /) -> Class: ...


@overload
def record(*, kw_only: bool) -> Callable[[Class], Class]: ...


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: Any = None, /, *, kw_only: bool = False) -> Any:
    """Makes a class a record: it then means what it would mean below `@dataclass(frozen=True, slots=True)`."""
    if cls is None:
        return lambda cls: _made(cls, kw_only)
    return _made(cls, kw_only)


def _made(cls: type, kw_only: bool) -> Any:
    made: Any = dataclass(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)(cls)
    compared = [item.name for item in fields(made) if item.compare]
    made._compared = attrgetter(*compared) if compared else type
    made.__init__ = _initializer(made)
    for name, method in _SHARED.items():
        if name not in cls.__dict__:
            setattr(made, name, method)
    return made


def _initializer(made: Any) -> Callable[..., None]:
    """The `__init__` of a record, compiled."""
    given = [item for item in fields(made) if item.init]
    known = {"put": object.__setattr__, **{f"default_{item.name}": _default(item) for item in given}}
    by_position = [_parameter(item) for item in given if not item.kw_only]
    by_name = [_parameter(item) for item in given if item.kw_only]
    head = ", ".join(["self", *by_position, *(["*", *by_name] if by_name else [])])
    body = [f"put(self, {item.name!r}, {_value(item)})" for item in given]
    if hasattr(made, "__post_init__"):
        body.append("self.__post_init__()")
    exec(f"def __init__({head}):\n " + "\n ".join(body or ["pass"]), known)
    initializer: Callable[..., None] = known["__init__"]
    return initializer


def _default(item: Field[Any]) -> Any:
    return item.default if item.default_factory is MISSING else item.default_factory


def _parameter(item: Field[Any]) -> str:
    return item.name if _default(item) is MISSING else f"{item.name}=default_{item.name}"


def _value(item: Field[Any]) -> str:
    """What a field is set to: its argument; where that is the factory of its default, what the factory makes."""
    if item.default_factory is MISSING:
        return item.name
    return f"{item.name}() if {item.name} is default_{item.name} else {item.name}"


class _Record:
    """The methods that records share."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    _compared: Callable[[Any], Any]
    """What tells records of one class apart: the values of their fields that are compared."""

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return bool(self._compared(self) == self._compared(other))

    def __hash__(self) -> int:
        return hash(self._compared(self))

    def __repr__(self) -> str:
        shown = (f"{item.name}={getattr(self, item.name)!r}" for item in fields(self) if item.repr)
        return f"{type(self).__qualname__}({', '.join(shown)})"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __getstate__(self) -> list[Any]:
        return [getattr(self, item.name) for item in fields(self)]

    def __setstate__(self, state: list[Any]) -> None:
        for item, value in zip(fields(self), state, strict=True):
            object.__setattr__(self, item.name, value)


_SHARED = {name: method for name, method in vars(_Record).items() if isinstance(method, FunctionType)}
