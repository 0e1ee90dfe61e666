"""The algebra of expressions: sums, products and functions in simplified forms."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from itertools import count
from typing import Any, TypeAlias, TypeGuard, cast
from weakref import WeakValueDictionary

from ssrdsl.space.decisions import only
from ssrdsl.space.expressions.limits import MAX_DEPTH, MAX_MAGNITUDE, MAX_TERMS, ExpressionLimit, count_values
from ssrdsl.space.functions import COMPARISONS, FUNCTIONS, ROUNDINGS

MAX_DESCRIBED = 64
"""Limit on the parts of an expression in its text."""


class ArithmeticOperators:
    """Operators that follow from sums, products, ratios and `floor`."""

    __slots__ = ()

    def __sub__(self: Any, other: Any) -> Any:
        return self + -1 * other

    def __rsub__(self: Any, other: Any) -> Any:
        return other + -1 * self

    def __floordiv__(self: Any, other: Any) -> Any:
        return math.floor(self / other)

    def __rfloordiv__(self: Any, other: Any) -> Any:
        return math.floor(other / self)

    def __neg__(self: Any) -> Any:
        return -1 * self


class Decided(ArithmeticOperators):
    """A scalar that depends on decisions, or on names. Arithmetic gives simplified, hash-consed expressions."""

    __slots__ = ("__weakref__", "depth", "parts", "serial", "support")
    serial: int
    """Order of creation: the order of terms and factors, so that the same file gives the same forms."""
    support: frozenset[str]
    """The names of the decisions that it depends on; empty for an expression over names."""
    depth: int
    parts: tuple[ExactScalar, ...]
    """The scalars it is computed from: the values of a switch, the atoms of a sum, factors, arguments."""

    def __add__(self, other: ExactScalar) -> ExactScalar:
        return add(self, other)

    def __radd__(self, other: ExactScalar) -> ExactScalar:
        return add(other, self)

    def __mul__(self, other: ExactScalar) -> ExactScalar:
        return multiply(self, other)

    def __rmul__(self, other: ExactScalar) -> ExactScalar:
        return multiply(other, self)

    def __truediv__(self, other: ExactScalar) -> ExactScalar:
        return divide(self, other)

    def __rtruediv__(self, other: ExactScalar) -> ExactScalar:
        return divide(other, self)

    def __floor__(self) -> ExactScalar:
        return floor(self)

    def __mod__(self, other: ExactScalar) -> ExactScalar:
        return add(self, multiply(-1, multiply(other, self // other)))

    def __repr__(self) -> str:
        return describe(self)


ExactScalar: TypeAlias = int | Fraction | bool | str | Decided


class Switch(Decided):
    """The value of the chosen option: `branches` are pairs of original option index and scalar."""

    __slots__ = ("branches", "decision", "flat")
    decision: str
    branches: tuple[tuple[int, ExactScalar], ...]
    flat: bool


class LinearForm(Decided):
    """constant + sum of coefficient * atom; atoms are switches, names, products and applications."""

    __slots__ = ("constant", "terms")
    constant: int | Fraction
    terms: tuple[tuple[Decided, int | Fraction], ...]


class Product(Decided):
    """An unexpanded product of factors that depend on more than one decision, or are names and applications."""

    __slots__ = ("factors",)
    factors: tuple[Decided, ...]


class Apply(Decided):
    """A function applied to scalars of which at least one is decided."""

    __slots__ = ("arguments", "function")
    function: str
    arguments: tuple[ExactScalar, ...]


class Variable(Decided):
    """A number by its name, the text of the key; keys distinguish numbers of the same name."""

    __slots__ = ("key",)
    key: Any


_serial = count()
_interned: WeakValueDictionary[tuple[Any, ...], Decided] = WeakValueDictionary()


def _identity(scalar: ExactScalar) -> Any:
    """A key that distinguishes True from 1 and one expression from another."""
    return (Decided, scalar.serial) if isinstance(scalar, Decided) else (type(scalar), scalar)


def _intern(kind: type[Decided], identity: tuple[Any, ...], parts: Iterable[ExactScalar], **slots: Any) -> Decided:
    found = _interned.get(identity)
    if found is not None:
        return found
    decided = [part for part in parts if isinstance(part, Decided)]
    made = kind()
    made.serial = next(_serial)
    made.parts = tuple(parts)
    made.support = frozenset().union(*[part.support for part in decided])
    made.depth = 1 + max([part.depth for part in decided], default=0)
    if made.depth > MAX_DEPTH:
        raise ExpressionLimit("an expression over decisions is nested too deeply")
    for name, value in slots.items():
        setattr(made, name, value)
    if isinstance(made, Switch):
        made.support |= {made.decision}
        made.flat = not decided
    _interned[identity] = made
    return made


def name(key: Any) -> Decided:
    """The number with this key, any hashable value."""
    return _intern(Variable, ("name", key), (), key=key)


def number(value: ExactScalar) -> ExactScalar:
    """An integral Fraction as an int; raises `ExpressionLimit` for numbers beyond the limit."""
    if type(value) is int and -MAX_MAGNITUDE <= value <= MAX_MAGNITUDE:  # nearly always
        return value
    if isinstance(value, Fraction) and value.denominator == 1:
        value = int(value)
    if isinstance(value, (int, Fraction)) and max(abs(value.numerator), value.denominator) > MAX_MAGNITUDE:
        raise ExpressionLimit(f"a number is larger than {MAX_MAGNITUDE:.0e}")
    return value


def switch(decision: str, branches: Iterable[tuple[int, ExactScalar]]) -> ExactScalar:
    """The scalar with the value of the chosen option's branch; equal branches collapse to their value."""
    # Below an option of a decision nothing depends on that decision any more.
    pairs = tuple([(index, assign(value, {decision: index})) for index, value in branches])
    count_values(len(pairs))
    identities = [(index, _identity(value)) for index, value in pairs]
    first = identities[0][1]
    if all(identity == first for _, identity in identities):
        return pairs[0][1]
    key = ("switch", decision, tuple(identities))
    return _intern(Switch, key, [value for _, value in pairs], decision=decision, branches=pairs)


def _elementwise(function: Callable[..., ExactScalar], arguments: tuple[ExactScalar, ...]) -> ExactScalar | None:
    """The result over the options of the one decision that all decided arguments are flat switches of, or None."""
    decided = [argument for argument in arguments if isinstance(argument, Decided)]
    first = decided[0]
    if not isinstance(first, Switch):
        return None
    for other in decided:
        if not (is_flat(other) and other.decision == first.decision):
            return None
    tables = [dict(a.branches) if isinstance(a, Switch) else None for a in arguments]
    return switch(
        first.decision,
        (
            (index, function(*(a if t is None else t[index] for a, t in zip(arguments, tables, strict=True))))
            for index, _ in first.branches
            if all(t is None or index in t for t in tables)
        ),
    )


def is_flat(scalar: ExactScalar) -> TypeGuard[Switch]:
    """Whether a scalar is a switch of constants."""
    return isinstance(scalar, Switch) and scalar.flat


def _is_decided(*arguments: ExactScalar) -> bool:
    return any(isinstance(argument, Decided) for argument in arguments)


def as_linear(scalar: ExactScalar) -> tuple[int | Fraction, tuple[tuple[Decided, int | Fraction], ...]]:
    """A number as a constant and terms: pairs of atom and coefficient."""
    if isinstance(scalar, LinearForm):
        return scalar.constant, scalar.terms
    if isinstance(scalar, Decided):
        return 0, ((scalar, 1),)
    return cast("int | Fraction", scalar), ()


def add(left: ExactScalar, right: ExactScalar) -> ExactScalar:
    """The sum; switches of the same decision merge."""
    if not _is_decided(left, right):
        return number(cast(int, left) + cast(int, right))
    found = _elementwise(add, (left, right))
    if found is not None:
        return found
    constant, terms = as_linear(left)
    more, further = as_linear(right)
    return _linear(number(constant + more), (*terms, *further))


def _linear(constant: ExactScalar, terms: Sequence[tuple[Decided, int | Fraction]]) -> ExactScalar:
    flats, numbers = _merged(((atom.decision, _scale(atom, c)) for atom, c in terms if is_flat(atom)), add)
    constant = number(sum(numbers, cast(int, constant)))
    others: dict[Decided, int | Fraction] = {}
    for atom, coefficient in terms:
        if not is_flat(atom):
            others[atom] = others.get(atom, 0) + coefficient
    merged: list[tuple[Decided, int | Fraction]] = [(flat, 1) for flat in flats]
    merged += [(atom, cast(int, number(c))) for atom, c in others.items() if c]
    if not merged:
        return constant
    if len(merged) == 1:
        atom, coefficient = merged[0]
        if constant == 0 and coefficient == 1:
            return atom
        if is_flat(atom):
            return cast(ExactScalar, _elementwise(lambda value: number(value + constant), (atom,)))
    count_values(len(merged))
    if len(merged) > MAX_TERMS:
        raise ExpressionLimit("a sum over decisions has too many terms")
    if merged[0][0].support:  # sums of names are printed in the order in which they are written
        merged.sort(key=lambda term: term[0].serial)
    key = ("linear", _identity(constant), tuple((atom.serial, c) for atom, c in merged))
    return _intern(LinearForm, key, [atom for atom, _ in merged], constant=constant, terms=tuple(merged))


def multiply(left: ExactScalar, right: ExactScalar) -> ExactScalar:
    """The product; a constant distributes over a sum, products that depend on decisions stay unexpanded."""
    if not _is_decided(left, right):
        return number(cast(int, left) * cast(int, right))
    if not isinstance(left, Decided):
        return _scale(cast(Decided, right), cast(int, left))
    if not isinstance(right, Decided):
        return _scale(left, cast(int, right))
    found = _elementwise(multiply, (left, right))
    return found if found is not None else _product(left, right)


def _scale(expression: Decided, factor: int | Fraction) -> ExactScalar:
    if factor == 0:
        return 0
    if factor == 1:
        return expression
    if is_flat(expression):
        branches = cast("tuple[tuple[int, int | Fraction], ...]", expression.branches)
        return switch(expression.decision, [(index, number(value * factor)) for index, value in branches])
    constant, terms = as_linear(expression)
    return _linear(number(constant * factor), [(atom, cast(int, number(c * factor))) for atom, c in terms])


def _product(left: Decided, right: Decided) -> ExactScalar:
    if not (left.support or right.support):
        for one, other in ((left, right), (right, left)):
            if isinstance(one, LinearForm):
                return _multiplied_out(one, other)
    coefficient: int | Fraction = 1
    factors: list[Decided] = []
    for side in (left, right):
        if isinstance(side, LinearForm) and side.constant == 0 and len(side.terms) == 1:
            coefficient *= side.terms[0][1]
            side = side.terms[0][0]
        factors += side.factors if isinstance(side, Product) else [side]
    flats, numbers = _merged(((factor.decision, factor) for factor in factors if is_flat(factor)), multiply)
    coefficient = math.prod(numbers, start=coefficient)
    factors = [factor for factor in factors if not is_flat(factor)] + flats
    if not factors or coefficient == 0:
        return number(coefficient)
    if len(factors) == 1:
        return _scale(factors[0], coefficient)
    factors.sort(key=lambda factor: factor.serial)
    product = _intern(Product, ("product", *(factor.serial for factor in factors)), factors, factors=tuple(factors))
    return _scale(product, coefficient)


def _multiplied_out(total: LinearForm, factor: Decided) -> ExactScalar:
    """The product of a sum of names: `(c + x) * e - e * x` is `e * c`."""
    result: ExactScalar = 0
    for atom, coefficient in total.terms:
        result = add(result, multiply(coefficient, multiply(atom, factor)))
    return add(result, multiply(total.constant, factor))


def _merged(
    flats: Iterable[tuple[str, ExactScalar]], combine: Callable[..., ExactScalar]
) -> tuple[list[Decided], list[Any]]:
    """Combine the values of each decision: flat switches, and numbers to which some of them simplify."""
    found: dict[str, ExactScalar] = {}
    for decision, flat in flats:
        found[decision] = combine(found[decision], flat) if decision in found else flat
    decided = [value for value in found.values() if isinstance(value, Decided)]
    return decided, [value for value in found.values() if not isinstance(value, Decided)]


def divide(left: ExactScalar, right: ExactScalar) -> ExactScalar:
    """The exact quotient; for a multiple it is a number.

    Raises ZeroDivisionError if the divisor is zero in some architecture.
    """
    if not isinstance(left, Decided) and not isinstance(right, Decided):
        return number((Fraction(left) if isinstance(left, int) else cast(Fraction, left)) / cast(int, right))
    if not isinstance(right, Decided):
        return multiply(left, number(Fraction(1) / Fraction(cast(int, right))))
    if isinstance(left, Decided) and (below := _at_one_point(right)):
        times = number(Fraction(_at_one_point(left)) / Fraction(below))
        if multiply(times, right) == left:
            return times
    return apply("divide", left, right)


def _at_one_point(scalar: Decided) -> int | Fraction:
    """The sum with every decision at its first option and 1 for all other atoms."""
    constant, terms = as_linear(scalar)
    firsts = (atom.branches[0][1] if is_flat(atom) else 1 for atom, _ in terms)
    return constant + sum(cast(int, first) * c for first, (_, c) in zip(firsts, terms, strict=True))


def apply(function: str, *arguments: ExactScalar) -> ExactScalar:
    """A function of `FUNCTIONS` applied to scalars."""
    if not _is_decided(*arguments):
        return number(FUNCTIONS[function](*arguments))
    found = _elementwise(lambda *a: apply(function, *a), arguments)
    if found is not None:
        return found
    index = arguments[0]
    if function == "item" and is_flat(index):
        # Only the chosen item may be evaluated: the decisions of the others may be inactive.
        return switch(
            index.decision, [(option, FUNCTIONS["item"](value, *arguments[1:])) for option, value in index.branches]
        )
    if function in COMPARISONS and arguments[1] != 0 and support(*arguments):  # those of names keep their sides
        return apply(function, add(arguments[0], multiply(-1, arguments[1])), 0)
    if function in ROUNDINGS and is_whole(arguments[0]):
        return arguments[0]
    key = ("apply", function, tuple(map(_identity, arguments)))
    return _intern(Apply, key, arguments, function=function, arguments=arguments)


def mapped(scalar: Decided, function: Callable[[ExactScalar], ExactScalar]) -> ExactScalar:
    """A function of each scalar of which a switch or `item` selects one."""
    if isinstance(scalar, Switch):
        return switch(scalar.decision, [(index, function(value)) for index, value in scalar.branches])
    index, *items = cast(Apply, scalar).arguments
    return apply("item", index, *map(function, items))


def is_whole(scalar: ExactScalar, memo: dict[Decided, bool] | None = None) -> bool:
    """Whether a scalar is known, without enumeration, to be an integer in every architecture."""
    if not isinstance(scalar, Decided):
        return isinstance(scalar, int)
    memo = {} if memo is None else memo
    if scalar not in memo:
        memo[scalar] = _is_whole(scalar, memo)
    return memo[scalar]


def _is_whole(scalar: Decided, memo: dict[Decided, bool]) -> bool:
    if isinstance(scalar, Switch):
        return all(is_whole(value, memo) for _, value in scalar.branches)
    if isinstance(scalar, LinearForm):
        whole = all(isinstance(c, int) and is_whole(a, memo) for a, c in scalar.terms)
        return whole and isinstance(scalar.constant, int)
    if isinstance(scalar, Product):
        return all(is_whole(factor, memo) for factor in scalar.factors)
    return isinstance(scalar, Apply) and (scalar.function in ROUNDINGS or scalar.function == "round_to")


def floor(scalar: ExactScalar) -> ExactScalar:
    """The largest integer not above."""
    return apply("floor", scalar)


def assign(
    scalar: ExactScalar, assignment: Mapping[str, int], memo: dict[Decided, ExactScalar] | None = None
) -> ExactScalar:
    """The scalar under an assignment of option indices to some decisions."""
    return restrict(scalar, only(assignment), memo)


def restrict(
    scalar: ExactScalar, survivors: Mapping[str, tuple[int, ...]], memo: dict[Decided, ExactScalar] | None = None
) -> ExactScalar:
    """The scalar with only the given options in the named decisions; others keep all of theirs.

    `memo` may be shared between calls with the same survivors.
    """
    if not isinstance(scalar, Decided):
        return scalar
    memo = {} if memo is None else memo
    found = memo.get(scalar)
    if found is None:
        found = scalar if survivors.keys().isdisjoint(scalar.support) else _restricted(scalar, survivors, memo)
        memo[scalar] = found
    return found


def _restricted(
    scalar: Decided, survivors: Mapping[str, tuple[int, ...]], memo: dict[Decided, ExactScalar]
) -> ExactScalar:
    if isinstance(scalar, Switch):
        kept = survivors.get(scalar.decision)
        pairs = [pair for pair in scalar.branches if kept is None or pair[0] in kept]
        if len(pairs) == 1:
            return restrict(pairs[0][1], survivors, memo)
        return switch(scalar.decision, [(index, restrict(value, survivors, memo)) for index, value in pairs])
    return rebuilt(scalar, lambda part: restrict(part, survivors, memo))


def rebuilt(scalar: Decided, change: Callable[[ExactScalar], ExactScalar]) -> ExactScalar:
    """A sum, product or application with its parts changed."""
    if isinstance(scalar, LinearForm):
        constant, terms = scalar.constant, []
        for atom, coefficient in scalar.terms:
            more, parts = as_linear(change(atom))
            constant += more * coefficient
            terms += [(part, c * coefficient) for part, c in parts]
        return _linear(number(constant), terms)
    if isinstance(scalar, Product):
        return reduce(multiply, map(change, scalar.factors))
    applied = cast(Apply, scalar)
    first, *others = applied.arguments
    first = change(first)
    if applied.function == "if" and not isinstance(first, Decided):  # the other branch may have no value
        return change(others[0 if first else 1])
    return apply(applied.function, first, *map(change, others))


def support(*scalars: ExactScalar) -> frozenset[str]:
    """The names of the decisions that scalars depend on."""
    return frozenset().union(*(s.support for s in scalars if isinstance(s, Decided)))


def describe(scalar: ExactScalar) -> str:
    """A readable text: `{60, 64}`, `128 - half.c`, `out if ...`; with `...` in very long ones."""
    return _describe(scalar, [MAX_DESCRIBED])


def _describe(scalar: ExactScalar, left: list[int]) -> str:
    """The text of a scalar; `left` limits the number of parts, since shared parts are repeated."""
    if not isinstance(scalar, Decided):
        return str(scalar).lower() if isinstance(scalar, bool) else str(scalar)
    left[0] -= 1
    if left[0] < 0:
        return "..."
    if isinstance(scalar, Switch):
        return "{" + ", ".join(dict.fromkeys(_describe(value, left) for _, value in scalar.branches)) + "}"
    if isinstance(scalar, LinearForm):
        terms = [("" if c == 1 else f"{c} * ") + _describe(atom, left) for atom, c in scalar.terms]
        return " + ".join(([str(scalar.constant)] if scalar.constant else []) + terms)
    if isinstance(scalar, Product):
        return " * ".join(_describe(factor, left) for factor in scalar.factors)
    if isinstance(scalar, Variable):
        return str(scalar.key)
    applied = cast(Apply, scalar)
    return f"{applied.function}({', '.join(_describe(argument, left) for argument in applied.arguments)})"
