"""Python expressions as trees, with their text on one line.

`layout` breaks what is too long for a line; here each tree only knows how it reads flat and how tightly it binds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from ssrdsl.emission.symbols.forms import Form
from ssrdsl.emission.symbols.symbol import Symbol

ATOM, UNARY, PRODUCT, SUM, COMPARISON, TERNARY = range(6)


@dataclass(frozen=True, slots=True)
class Raw:
    """A text that stands for itself, a name by default."""

    text: str
    binding: int = ATOM


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar: a number, a text, a truth value, a symbol, or a tuple of those."""

    scalar: Any


@dataclass(frozen=True, slots=True)
class Called:
    """`function(arguments, keyword=argument)`; the function is a name, or `$self` for the module itself."""

    function: str
    arguments: tuple[Code, ...] = ()
    keywords: tuple[tuple[str, Code], ...] = ()


@dataclass(frozen=True, slots=True)
class Method:
    """`owner.name(arguments)`."""

    owner: Code
    name: str
    arguments: tuple[Code, ...] = ()
    keywords: tuple[tuple[str, Code], ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """`owner.name`."""

    owner: Code
    name: str


@dataclass(frozen=True, slots=True)
class Subscript:
    """`owner[start:stop:step, ...]`."""

    owner: Code
    slices: tuple[Slice, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """`start:stop:step`, each of which may be left out."""

    start: Code | None = None
    stop: Code | None = None
    step: Code | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """`[items]`."""

    items: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class Tupled:
    """`items`, separated by commas, without parentheses."""

    items: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class Mapped:
    """`{"name": value}`."""

    items: tuple[tuple[str, Code], ...]


@dataclass(frozen=True, slots=True)
class Each:
    """`element for names in values`; `brackets` are `()`, `[]`, or none for a sole argument."""

    element: Code
    names: str
    values: Code
    brackets: str = ""


@dataclass(frozen=True, slots=True)
class Spread:
    """`*value`."""

    value: Code


@dataclass(frozen=True, slots=True)
class Infix:
    """`left operator right`, where the operator is `+` or `*`."""

    operator: str
    left: Code
    right: Code


@dataclass(frozen=True, slots=True)
class Ternary:
    """`then if condition else otherwise`."""

    then: Code
    condition: str
    otherwise: Code


Code: TypeAlias = (
    Raw
    | Leaf
    | Called
    | Method
    | Member
    | Subscript
    | Slice
    | Listed
    | Tupled
    | Mapped
    | Each
    | Spread
    | Infix
    | Ternary
)


def flat(code: Code) -> str:
    """The text on one line."""
    match code:
        case Raw(text=text):
            return text
        case Leaf(scalar=scalar):
            return scalar_text(scalar)
        case Called(function=function):
            return f"{function}({flat_arguments(code)})"
        case Method(owner=owner, name=name):
            return f"{bound(owner, ATOM)}.{name}({flat_arguments(code)})"
        case Member(owner=owner, name=name):
            return f"{bound(owner, ATOM)}.{name}"
        case Subscript(owner=owner, slices=slices):
            return f"{bound(owner, ATOM)}[{', '.join(map(flat, slices))}]"
        case Slice(start=start, stop=stop, step=step):
            ends = ":".join("" if part is None else bound(part, UNARY) for part in (start, stop))
            if step is None:
                return ends
            text = bound(step, UNARY)
            return f"{ends}:{text}" if text.isalnum() else f"{ends}: {text}"
        case Listed(items=items):
            return f"[{', '.join(map(flat, items))}]"
        case Tupled(items=items):
            return ", ".join(map(flat, items))
        case Mapped(items=pairs):
            return "{" + ", ".join(f'"{name}": {flat(value)}' for name, value in pairs) + "}"
        case Each(element=element, names=names, values=values, brackets=brackets):
            return f"{brackets[:1]}{flat(element)} for {names} in {flat(values)}{brackets[1:]}"
        case Spread(value=value):
            return f"*{flat(value)}"
        case Infix(operator=operator, left=left, right=right):
            strength = binding(code)
            return f"{bound(left, strength)} {operator} {bound(right, strength)}"
        case Ternary(then=then, condition=condition, otherwise=otherwise):
            return f"{flat(then)} if {condition} else {flat(otherwise)}"


def flat_arguments(call: Called | Method) -> str:
    """The arguments of a call on one line."""
    return ", ".join([*map(flat, call.arguments), *(f"{name}={flat(value)}" for name, value in call.keywords)])


def binding(code: Code) -> int:
    """How tightly the outermost operation of a tree binds."""
    match code:
        case Raw(binding=strength):
            return strength
        case Leaf(scalar=Symbol(form=form)):
            return form_binding(form)
        case Leaf(scalar=scalar):
            return UNARY if isinstance(scalar, (int, Fraction, float)) and scalar < 0 else ATOM
        case Infix(operator=operator):
            return PRODUCT if operator == "*" else SUM
        case Ternary():
            return TERNARY
        case _:
            return ATOM


def form_binding(form: Form) -> int:
    """How tightly the text of a form binds."""
    if form.is_atom:
        return ATOM
    return SUM if " + " in form.text or " - " in form.text else PRODUCT


def bound(code: Code, strength: int) -> str:
    """The text, in parentheses where it binds less tightly than asked."""
    return flat(code) if binding(code) <= strength else f"({flat(code)})"


def scalar_text(scalar: Any) -> str:
    """A scalar as Python."""
    if isinstance(scalar, Symbol):
        return scalar.form.text
    if isinstance(scalar, (tuple, list)):
        inner = ", ".join(map(scalar_text, scalar))
        return f"({inner},)" if len(scalar) == 1 else f"({inner})"
    if isinstance(scalar, str):
        return '"' + scalar.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(scalar, Fraction) and scalar.denominator == 1:
        return str(int(scalar))
    return _real_text(float(scalar)) if isinstance(scalar, (Fraction, float)) else repr(scalar)


def _real_text(number: float) -> str:
    """A real number; small powers of ten as 1e-3."""
    power = f"{number:.0e}".replace("e-0", "e-")
    return power if 0 < number < 0.01 and float(power) == number else repr(number)


def leaves(code: Any) -> Iterator[Any]:
    """The scalars in a tree."""
    if isinstance(code, Leaf):
        yield code.scalar
    elif isinstance(code, tuple):
        for part in code:
            yield from leaves(part)
    elif isinstance(code, COMPOUND):
        for name in code.__dataclass_fields__:
            yield from leaves(getattr(code, name))


def calls(code: Any) -> Iterator[Called]:
    """The calls in a tree, outer ones first."""
    if isinstance(code, Called):
        yield code
    if isinstance(code, tuple):
        for part in code:
            yield from calls(part)
    elif isinstance(code, COMPOUND):
        for name in code.__dataclass_fields__:
            yield from calls(getattr(code, name))


def mapped(code: Any, change: Callable[[Any], Any]) -> Any:
    """The tree with every scalar changed."""
    if isinstance(code, Leaf):
        return Leaf(change(code.scalar))
    if isinstance(code, tuple):
        return tuple(mapped(part, change) for part in code)
    if isinstance(code, COMPOUND):
        return type(code)(*(mapped(getattr(code, name), change) for name in code.__dataclass_fields__))
    return code


COMPOUND = (Called, Method, Member, Subscript, Slice, Listed, Tupled, Mapped, Each, Spread, Infix, Ternary)
