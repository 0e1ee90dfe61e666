"""Totals over decisions as sums of small tables, for elimination.

A `Problem` has variables and factors. Variables are the decisions, and *derived* variables: the value of a switch
between decided values (a tensor's width after a `choose`), a partial sum, a condition with branches. A derived variable
has few values even if the decisions it depends on have very many combinations. A factor is a table over a few
variables that is nonzero only in a context, which is a set of options of other decisions; so decisions nested in
different options are never in one table. Constraints are factors of 0 and infinity; they define derived variables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache, reduce
from math import lcm, prod
from typing import Any, NamedTuple, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from ssrdsl.space import expressions
from ssrdsl.space.conditions.budget import Budget
from ssrdsl.space.expressions import Apply, Decided, ExactScalar, LinearForm, Product, Switch, number
from ssrdsl.space.functions import FUNCTIONS

Array: TypeAlias = NDArray[Any]
PositionMasks: TypeAlias = Mapping[int, int]
"""For some variables, the positions (as bits) at which a factor applies; elsewhere it is 0."""
FactorKey: TypeAlias = tuple[tuple[tuple[int, int], ...], tuple[int, ...]]
"""The context and the axes of a factor."""

MAX_ENTRIES = 3 * 2**20
"""Limit on the entries of all tables of expressions, which take less than 1 GB of memory."""
MANIFOLD = 4
"""A switch with more combinations per value becomes a derived variable."""
FOLD = 2048
"""If a table would have more entries, the parts of its expression become derived variables."""
ENDS = (1, -1)
"""The signs under which a total is minimised: the minimum of its negative is the negative of its greatest value."""
EXACT = 2**53
"""Smaller integers are exact in float64."""


class Table(NamedTuple):
    """Values over variables: one axis for each, in ascending order. Entries are Python numbers or booleans."""

    axes: tuple[int, ...]
    array: Array


class Factor:
    """A summand of the totals: a table of numbers that applies in a context.

    The first axis of the array is that of the rows, one for each end of each total. If its length is 1, the factor is a
    constraint: 0 or infinity for all rows. The other axes are the variables `axes`.
    """

    __slots__ = ("array", "axes", "context", "is_constraint", "variables")

    def __init__(self, context: PositionMasks, axes: tuple[int, ...], array: Array) -> None:
        self.context = context
        self.axes = axes
        self.array = array
        self.is_constraint = len(array) == 1
        self.variables = {*context, *axes}
        """The variables that the factor depends on."""


def aligned(array: Array, axes: tuple[int, ...], union: tuple[int, ...]) -> Array:
    """The array with an axis of length 1 for each further variable of `union`; leading axes are kept."""
    front = array.ndim - len(axes)
    sizes = dict(zip(axes, array.shape[front:], strict=True))
    return array.reshape([*array.shape[:front], *(sizes.get(axis, 1) for axis in union)])


def union_of(tables: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    """All axes, in ascending order."""
    return tuple(sorted({axis for axes in tables for axis in axes}))


@lru_cache(maxsize=4096)
def bits(mask: int, size: int) -> Array:
    """A mask as a read-only boolean array of the given size."""
    packed = np.frombuffer(mask.to_bytes((size + 7) // 8, "little"), dtype=np.uint8)
    return np.unpackbits(packed, count=size, bitorder="little").astype(bool)


def boxed(values: Any) -> Array:
    """An array of Python objects; numpy returns a single object without an array."""
    return np.asarray(values, dtype=object)


def column(values: Sequence[Any]) -> Array:
    """An array of Python objects with one axis."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


class Problem:
    """Variables and factors of totals over decisions with these option indices."""

    def __init__(self, domains: Mapping[str, tuple[int, ...]], totals: int = 1, budget: Budget | None = None) -> None:
        """`budget` limits the table entries of expressions; `MAX_ENTRIES` by default."""
        self.positions: list[tuple[Any, ...]] = list(domains.values())
        """For each variable, its values; for a decision, its option indices."""
        self.decisions = {name: number for number, name in enumerate(domains)}
        self.definitions: list[Factor] = []
        """The definitions of derived variables, the last axis, by earlier variables: one position is admitted each."""
        self.required: list[Factor] = []
        self.totals = totals
        self.unit = 1
        """The factor by which `factors` multiplies costs, so that all entries are integers."""
        self._budget = Budget(MAX_ENTRIES) if budget is None else budget
        self._costs: list[dict[FactorKey, Array]] = [{} for _ in range(totals)]
        self._tables: dict[Decided, Table] = {}
        self._polynomials: dict[Decided, list[Table]] = {}

    @property
    def sizes(self) -> list[int]:
        """For each variable, the number of its values; decisions are first."""
        return [len(values) for values in self.positions]

    def cost(self, entry: Any) -> Any:
        """The cost for an entry of the tables in `factors`, which is multiplied by `unit`."""
        value = Fraction(int(entry), self.unit)
        return int(value) if value.denominator == 1 else value

    def options(self, row: Array) -> dict[str, int]:
        """The option index of each decision, from a row of positions."""
        return {name: self.positions[at][row[at]] for name, at in self.decisions.items()}

    # Summands

    def add_cost(self, cost: ExactScalar, context: PositionMasks | None = None, total: int = 0) -> None:
        """Add a cost, which applies in a context, to one of the totals."""
        if cost == 0:
            return
        context = context or {}
        where = tuple(sorted(context.items()))
        for axes, array in self._polynomial(self._known(cost, context)):
            held = self._costs[total].get((where, axes), 0)
            self._costs[total][where, axes] = boxed(held + array)

    def require(self, condition: ExactScalar) -> None:
        """Admit only assignments under which the condition is true."""
        if isinstance(condition, Apply) and condition.function == "and":
            for part in condition.arguments:
                self.require(part)
            return
        axes, array = self.table(condition)
        self.required.append(constraint({}, axes, array.astype(bool)))

    def factors(self, ends: Sequence[int] = ENDS) -> list[Factor]:
        """The constraints, definitions first, and the costs: each total with the signs in `ends`, multiplied by `unit`.

        They are float64 if that is exact, otherwise Python objects.
        """
        entries = [value for costs in self._costs for array in costs.values() for value in array.ravel().tolist()]
        self.unit = lcm(*{value.denominator for value in entries if isinstance(value, Fraction)})
        kind = np.float64 if all(map(self._is_small, self._costs)) else object
        places = dict.fromkeys(place for costs in self._costs for place in costs)
        constraints = [Factor(f.context, f.axes, _of_kind(f.array, kind)) for f in self.definitions + self.required]
        return constraints + [self._stacked(place, kind, ends) for place in places]

    def _is_small(self, costs: Mapping[FactorKey, Array]) -> bool:
        """Whether float64 holds all sums of these costs exactly."""
        most: Any = sum(max(map(abs, array.ravel().tolist())) for array in costs.values())
        return bool(most * self.unit < EXACT)

    def _stacked(self, place: FactorKey, kind: type, ends: Sequence[int]) -> Factor:
        context, axes = place
        rows = self.totals * len(ends)
        array: Array = np.zeros([rows, *(len(self.positions[axis]) for axis in axes)], dtype=kind)
        for total, costs in enumerate(self._costs):
            if place in costs:
                for at, sign in enumerate(ends):
                    array[total * len(ends) + at] = costs[place] * (sign * self.unit)
        return Factor(dict(context), axes, array)

    def _polynomial(self, cost: ExactScalar) -> list[Table]:
        """Tables whose sum is a cost."""
        if not isinstance(cost, Decided):
            return [constant(cost)]
        found = self._polynomials.get(cost)
        if found is None:
            scaled = [(self.table(term), coefficient) for term, coefficient in self._terms(cost, 1)]
            found = [Table(axes, _scaled(array, coefficient)) for (axes, array), coefficient in scaled]
            self._polynomials[cost] = found
        return found

    def _terms(self, cost: ExactScalar, coefficient: Any) -> Iterator[tuple[ExactScalar, Any]]:
        """The terms of a polynomial, with coefficients: products are expanded so that terms depend on few variables."""
        if isinstance(cost, LinearForm):
            if cost.constant:
                yield 1, coefficient * cost.constant
            for atom, factor in cost.terms:
                yield from self._terms(atom, coefficient * factor)
        elif isinstance(cost, Product) and any(isinstance(part, LinearForm) for part in cost.factors):
            at, wide = next((at, part) for at, part in enumerate(cost.factors) if isinstance(part, LinearForm))
            others: tuple[ExactScalar, ...] = cost.factors[:at] + cost.factors[at + 1 :]
            rest = reduce(expressions.multiply, others)
            yield from self._terms(rest, coefficient * wide.constant)
            for atom, factor in wide.terms:
                yield from self._terms(expressions.multiply(rest, atom), coefficient * factor)
        elif coefficient:
            yield cost, coefficient

    def _known(self, cost: ExactScalar, context: PositionMasks) -> ExactScalar:
        """The cost, simplified by the decisions for which its context has one option."""
        if not isinstance(cost, Decided):
            return cost
        settled = {
            name: positions[mask.bit_length() - 1]
            for name in cost.support
            if (mask := context.get(number := self.decisions[name])) is not None
            and mask.bit_count() == 1
            and (positions := self.positions[number])
        }
        return expressions.assign(cost, settled) if settled else cost

    # Expressions

    def table(self, scalar: ExactScalar) -> Table:
        """The values of a scalar over variables; derived variables are added if it would depend on many."""
        if not isinstance(scalar, Decided):
            return constant(scalar)
        found = self._tables.get(scalar)
        if found is None:
            found = self._tables[scalar] = self._tabulate(scalar)
        return found

    def _tabulate(self, scalar: Decided) -> Table:
        if isinstance(scalar, Switch):
            return self._switch(scalar)
        if isinstance(scalar, LinearForm):
            total = constant(scalar.constant)
            for atom, coefficient in scalar.terms:
                axes, array = self.table(atom)
                term = Table(axes, boxed(array * coefficient))
                total = self.combine(np.add, [self._fold_beside(total, term), term])
            return total
        if isinstance(scalar, Product):
            return self.combine(lambda *arrays: prod(arrays), self._folded(scalar.factors))
        applied = cast(Apply, scalar)
        if applied.function == "item":
            self._derive(applied.arguments[0])
        return self.combine(_elementwise(applied.function, len(applied.arguments)), self._folded(applied.arguments))

    def _switch(self, scalar: Switch) -> Table:
        variable = self.decisions[scalar.decision]
        branches = dict(scalar.branches)
        chosen = [branches[index] for index in self.positions[variable]]
        if scalar.flat:
            return Table((variable,), column(chosen))
        masks: dict[int, int] = {}
        values: dict[int, ExactScalar] = {}
        for at, value in enumerate(chosen):
            key = value.serial if isinstance(value, Decided) else -1 - at
            masks[key] = masks.get(key, 0) | 1 << at
            values[key] = value
        cases = [({variable: masks[key]}, self.table(value)) for key, value in values.items()]
        axes = union_of([(variable,), *(table.axes for _, table in cases)])
        if self._entries(axes) > MANIFOLD * len(_values(cases)):
            return self.define(cases)
        whole = np.empty([len(self.positions[axis]) for axis in axes], dtype=object)
        for context, table in cases:
            is_inside = aligned(bits(context[variable], len(chosen)), (variable,), axes)
            np.copyto(whole, aligned(table.array, table.axes, axes), where=is_inside)
        return Table(axes, whole)

    def define(self, cases: Sequence[tuple[PositionMasks, Table]]) -> Table:
        """Add a derived variable that equals, in each context, the table of that context; return its values."""
        domain = _values(cases)
        variable = len(self.positions)
        self.positions.append(domain)
        number = {value: at for at, value in enumerate(domain)}
        for context, (axes, array) in cases:
            self._spend(array.size * len(domain))
            taken = np.array([number[value] for value in array.ravel().tolist()]).reshape(array.shape)
            admitted = taken[..., None] == np.arange(len(domain))
            self.definitions.append(constraint(context, (*axes, variable), admitted))
        return Table((variable,), column(domain))

    def _derive(self, scalar: ExactScalar) -> Table:
        """The values of a scalar, from now on over a single variable."""
        table = self.table(scalar)
        if len(table.axes) > 1:
            table = self._tables[cast(Decided, scalar)] = self.define([({}, table)])
        return table

    def _fold_beside(self, total: Table, other: Table) -> Table:
        """A partial sum, as a derived variable if it would depend on more than two variables with the next term."""
        if len(total.axes) > 1 and len({*total.axes, *other.axes}) > 2:
            return self.define([({}, total)])
        return total

    def _folded(self, scalars: Sequence[ExactScalar]) -> list[Table]:
        """The tables of some scalars; each over a single variable if their combination is too large."""
        tables = [self.table(scalar) for scalar in scalars]
        whole = self._entries(union_of(axes for axes, _ in tables))
        return tables if whole <= FOLD else [self._derive(scalar) for scalar in scalars]

    def combine(self, function: Any, tables: list[Table]) -> Table:
        """A function applied elementwise to several tables."""
        union = union_of(axes for axes, _ in tables)
        self._spend(self._entries(union))
        return Table(union, boxed(function(*(aligned(array, axes, union) for axes, array in tables))))

    def _spend(self, entries: int) -> None:
        """Count table entries. Raises `TooWide` at the limit."""
        self._budget.spend(entries, "an expression has too many values to list")

    def _entries(self, axes: tuple[int, ...]) -> int:
        return prod(len(self.positions[axis]) for axis in axes)


def constant(value: Any) -> Table:
    """A table over no variables."""
    return Table((), boxed(value))


def _values(cases: Sequence[tuple[PositionMasks, Table]]) -> tuple[Any, ...]:
    """The distinct values of some tables."""
    return tuple(dict.fromkeys(value for _, table in cases for value in table.array.ravel().tolist()))


def constraint(context: PositionMasks, axes: tuple[int, ...], admitted: Array) -> Factor:
    """The factor that admits the true entries of a table."""
    return Factor(context, axes, np.where(admitted, 0.0, np.inf)[None])


def _scaled(array: Array, coefficient: Any) -> Array:
    """The array times a number; of integers if possible, since fractions are slow."""
    numerator, denominator = coefficient.numerator, coefficient.denominator
    multiple = array * numerator
    whole = multiple // denominator
    return boxed(whole if np.all(whole * denominator == multiple) else array * coefficient)


def _of_kind(table: Array, kind: type) -> Array:
    """A table of 0 and infinity; as objects, zeros are integers, so that sums with them remain integers."""
    if kind is np.float64:
        return table
    return np.where(table == 0, boxed(0), boxed(np.inf))


def _elementwise(function: str, count: int) -> Any:
    def value(*arguments: Any) -> Any:
        try:
            return number(FUNCTIONS[function](*arguments))
        except ZeroDivisionError:
            return 0  # happens in no architecture: elaboration refuses divisors that may be zero

    return np.frompyfunc(value, count, 1)
