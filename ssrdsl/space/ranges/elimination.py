"""Variable elimination: a lower bound of the minimum of a sum of factors, and an assignment that may attain it.

Bucket elimination (Dechter, 1999) for min-sum, with factors that are nonzero only in contexts (context-specific
independence, Boutilier et al., 1996): each context shared by all factors of a variable is a separate case.

If the table over all neighbours of a variable would be too large, its factors are minimised in groups (mini-buckets:
Dechter and Rish, 2003). The sum of the minima of the groups is at most the minimum of the sum. They are equal if one
position of the variable is best in all groups, and moment matching makes this likely. So the bound always holds, and
it is the minimum if an assignment attains it.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import prod
from typing import Any

import numpy as np

from ssrdsl.space.conditions.budget import Budget
from ssrdsl.space.ranges.factors import Array, Factor, PositionMasks, aligned, bits, union_of

MAX_TABLE = 2**20
"""Entries per row of the largest table, as long as no factors have been grouped."""
SMALL_TABLE = 2**16
"""Entries per row of the largest table after factors have been grouped: the result is only a bound."""
MAX_EFFORT = 2**26
"""Entries of all tables after which tables are limited to `TINY_TABLE` entries."""
TINY_TABLE = 2**10
OBJECT = 16
"""The cost of an entry that is a Python object, in entries of floats."""
MAX_WORK = 2**31
"""Limit on the entries read or written, plus `WORK_OF_A_TABLE` per table: some seconds."""
WORK_OF_A_TABLE = 20_000
CROWDED = 24
"""A variable in more factors is not re-evaluated when a neighbour is eliminated."""


class Elimination:
    """Lower bounds of the sum of factors over variables of these sizes, one for each row of their tables.

    Raises `TooWide` if this takes more than `MAX_WORK`.
    """

    def __init__(
        self, factors: Sequence[Factor], sizes: Sequence[int], rows: int, order: Sequence[int] | None = None
    ) -> None:
        self.sizes = sizes
        self.order = order
        """The order of elimination: the given one, or the one found; None before it is found."""
        self._rows = rows
        self._scale = OBJECT if any(factor.array.dtype == object for factor in factors) else 1
        self._limit, self._effort = MAX_TABLE, 0
        self.renew()
        self._eliminate(factors)

    def renew(self) -> None:
        """Reset the work that counts towards the limit."""
        self._work = Budget(MAX_WORK)

    def _eliminate(self, factors: Sequence[Factor]) -> None:
        self.total: Any = np.array([0] * self._rows, dtype=object)
        """A lower bound of the sum for each row; infinite if no assignment is admitted."""
        self._holding: list[dict[Factor, None]] = [{} for _ in self.sizes]
        """For each variable, the factors that depend on it, in order of creation."""
        self._steps: list[tuple[int, list[Factor]]] = []
        for factor in factors:
            self._add(factor)
        for variable in self._best_order() if self.order is None else self.order:
            gathered = list(self._holding[variable])
            for factor in gathered:
                for other in factor.variables:
                    del self._holding[other][factor]
            self._steps.append((variable, gathered))
            for factor in self._step(variable, gathered):
                self._add(factor)
        self.order = [variable for variable, _ in self._steps]

    def trace(self) -> Array:
        """Positions of all variables for each row, whose sum is the minimum if it was found, and otherwise small."""
        return self._backwards(np.arange(len(self.total)), lambda sums: np.asarray(sums.argmin(axis=1)))

    def _backwards(self, rows: Array, pick: Callable[[Array], Array]) -> Array:
        """Positions of all variables for some rows, chosen in reverse order of elimination.

        `pick` chooses the positions of one variable by the sums for each of its positions.
        """
        chosen = np.zeros((len(self.sizes), len(rows)), dtype=np.int64)
        for variable, gathered in reversed(self._steps):
            sums: Any = np.zeros((len(rows), self.sizes[variable]), dtype=np.int64)
            for factor in gathered:
                sums = sums + _column(variable, factor, 0 if factor.is_constraint else rows, chosen, self.sizes)
            chosen[variable] = pick(sums)
        return chosen.T

    def _add(self, factor: Factor) -> None:
        """Add a factor; a constant is added to the total."""
        if not factor.variables:
            self.total = self.total + factor.array
            return
        for variable in factor.variables:
            self._holding[variable][factor] = None

    def _spend(self, tables: Sequence[Factor], entries: float = 0) -> None:
        """Count the work of reading tables, and of writing a number of entries for each of them."""
        read = sum([table.array.size for table in tables])
        work = int(read + len(tables) * (WORK_OF_A_TABLE + entries)) * self._scale
        self._work.spend(work, "too many decisions have to be considered together")

    # Which variable is next

    def _best_order(self) -> Iterator[int]:
        """The variables, the least weight first (see `_weight`).

        The weight of a variable is updated when a neighbour is eliminated; if it is in very many factors, only when it
        is the next one.
        """
        heap: list[tuple[tuple[float, float], int]] = []
        current: dict[int, tuple[float, float]] = {}
        around = [self._around(variable) for variable in range(len(self.sizes))]

        def weigh(variable: int) -> tuple[float, float]:
            current[variable] = weight = self._weight(variable, around)
            heapq.heappush(heap, (weight, variable))
            return weight

        for variable in range(len(self.sizes)):
            weigh(variable)
        while heap:
            weight, variable = heapq.heappop(heap)
            if current.get(variable) != weight or (self._is_crowded(variable) and weigh(variable) > weight):
                continue
            del current[variable]
            yield variable
            for neighbour in around[variable]:
                around[neighbour] = self._around(neighbour)
            for neighbour in around[variable]:
                if not self._is_crowded(neighbour):
                    weigh(neighbour)

    def _around(self, variable: int) -> set[int]:
        """The neighbours of a variable: those that share a factor with it."""
        return set[int]().union(*[factor.variables for factor in self._holding[variable]]) - {variable}

    def _is_crowded(self, variable: int) -> bool:
        """Whether very many factors depend on a variable."""
        return len(self._holding[variable]) > CROWDED

    def _weight(self, variable: int, around: list[set[int]]) -> tuple[float, float]:
        """The fill-in of eliminating a variable (weighted min-fill: Kjaerulff, 1990), and the size of its table."""
        held = list(self._holding[variable])
        entries = self._entries(held) * self.sizes[variable]
        if entries > TINY_TABLE and self._is_seen_to_settle(variable, held):
            return 0, sum(factor.array.size for factor in held)
        self._work.spend(100 * len(around[variable]) ** 2, "too many decisions have to be considered together")
        fill = 0.0
        for one in around[variable]:
            fill += self.sizes[one] * sum([self.sizes[other] for other in around[variable] - around[one] - {one}])
        return fill, entries

    def _is_seen_to_settle(self, variable: int, held: list[Factor]) -> bool:
        """Whether a quick test shows that one position is best in all cases. Constraints, tested first, rarely do."""
        if sum(factor.array.size for factor in held) > SMALL_TABLE:
            return False
        self._spend(held)
        constraints = [factor for factor in held if factor.is_constraint]
        return all(_is_settled(along(variable, part, self.sizes)) for part in (constraints, held))

    def _entries(self, tables: Sequence[Factor]) -> float:
        """The number of entries of the sum of some tables, in each context shared by all of them."""
        if not tables:
            return 1
        shared = set(tables[0].context).intersection(*[table.context for table in tables])
        scope = set[int]().union(*[table.variables for table in tables]) - shared
        return prod([float(self.sizes[variable]) for variable in scope])

    # Minimising over one variable

    def _step(self, variable: int, gathered: list[Factor]) -> Iterable[Factor]:
        self._spend(gathered)
        return self._minimised(variable, gathered)

    def _minimised(self, variable: int, gathered: list[Factor]) -> Iterator[Factor]:
        """The factors that replace the gathered ones when the variable is eliminated."""
        for part in self._parts(along(variable, gathered, self.sizes), self.sizes[variable]):
            self._effort += part.array.size * self._scale
            left = self._reduced(part.array)
            if left.any():
                yield Factor(part.context, part.axes, left)

    def _reduced(self, array: Array) -> Array:
        """The minimum over the second axis."""
        return np.asarray(array.min(axis=1))

    def _parts(self, tables: list[Factor], size: int) -> list[Factor]:
        """Tables with the same sum, to be minimised separately."""
        if _is_settled(tables):
            return tables
        groups = self._groups(tables, size)
        if len(groups) > 1:
            self._limit = SMALL_TABLE
            return _agreed([self._sum(group) for group in groups])
        return [self._sum(inside, context) for context, inside in cases(tables, {}, self.sizes)]

    def _groups(self, tables: list[Factor], size: int) -> list[list[Factor]]:
        """The tables as one group, or as several if the table of one would be too large.

        Constraints may be used several times: they are added to each group that remains small enough.
        """
        limit = (self._limit if self._effort < MAX_EFFORT else TINY_TABLE) / size / self._scale
        if self._entries(tables) <= limit:
            return [tables]
        groups: list[list[Factor]] = []
        for table in sorted(tables, key=lambda table: (table.is_constraint, -table.array.size)):
            fitting = [group for group in groups if self._entries([*group, table]) <= limit]
            for group in fitting if table.is_constraint else fitting[:1]:
                group.append(table)
            if not fitting:
                groups.append([table])
        return groups

    def _sum(self, tables: list[Factor], context: PositionMasks | None = None) -> Factor:
        axes = union_of(tuple(table.variables) for table in tables)
        rows = max(len(table.array) for table in tables)
        self._spend(tables, rows * tables[0].array.shape[1] * prod([float(self.sizes[axis]) for axis in axes]))
        total: Any = 0
        for table in tables:
            total = total + _dense(table, axes, self.sizes)
        return Factor(context or {}, axes, total)


def _column(variable: int, factor: Factor, rows: Any, chosen: Array, sizes: Sequence[int]) -> Array:
    """The values of a factor for all positions of one variable; `rows` and `chosen` give its row and the others."""
    array = factor.array
    others = [axis for axis in factor.axes if axis != variable]
    array = np.moveaxis(array, 1 + factor.axes.index(variable), -1) if variable in factor.axes else array[..., None]
    found = array[(rows, *[chosen[axis] for axis in others])].reshape(-1, array.shape[-1])
    for other, mask in factor.context.items():
        counts = bits(mask, sizes[other])
        found = np.where(counts if other == variable else counts[chosen[other]][:, None], found, 0)
    return np.asarray(found)


def along(variable: int, factors: Sequence[Factor], sizes: Sequence[int]) -> list[Factor]:
    """The factors with the axis of a variable moved after the rows; those of equal context and axes are added."""
    merged: dict[Any, Any] = {}
    for factor in factors:
        context, axes, array = dict(factor.context), factor.axes, factor.array
        if variable in axes:
            at = 1 + axes.index(variable)
            array = array.transpose(0, at, *range(1, at), *range(at + 1, array.ndim))
        else:
            array = array[:, None]
        axes = tuple([axis for axis in axes if axis != variable])
        if variable in context:
            counts = bits(context.pop(variable), sizes[variable])
            array = np.where(counts.reshape(-1, *[1] * len(axes)), array, 0)
        place = (tuple(sorted(context.items())), axes, factor.is_constraint)
        merged[place] = merged[place] + array if place in merged else array
    return [Factor(dict(context), axes, array) for (context, axes, _), array in merged.items()]


def _is_settled(tables: list[Factor]) -> bool:
    """Whether, in each row, one position along the second axis is best in all tables for all values of the others."""
    best: Any = True
    for table in sorted(tables, key=lambda table: table.array.size):
        array = table.array
        best = best & (array == array.min(axis=1, keepdims=True)).all(axis=tuple(range(2, array.ndim)))
        if not best.any(axis=1).all():
            return False
    return True


def _agreed(parts: list[Factor]) -> list[Factor]:
    """Tables with the same sum, and the same least value at each position along their second axis.

    Moment matching (Flerova, Ihler, Dechter and Otten, "Mini-bucket elimination with moment matching", 2011) makes it
    likely that the same position is best in all tables. Computed with integers to avoid rounding.
    """
    least = [part.array.min(axis=tuple(range(2, part.array.ndim))) for part in parts]
    total: Any = sum(least)
    is_finite = total != np.inf
    total = np.where(is_finite, total, 0)
    share = total // len(parts)
    found = []
    for part, own in zip(parts, least, strict=True):
        rest = total - share * len(parts) if part is parts[0] else 0
        shift = np.where(is_finite, share + rest - np.where(is_finite, own, 0), np.inf)
        found.append(Factor(part.context, part.axes, part.array + shift.reshape(*shift.shape, *[1] * len(part.axes))))
    return found


def cases(
    tables: list[Factor], case: PositionMasks, sizes: Sequence[int]
) -> Iterator[tuple[PositionMasks, list[Factor]]]:
    """The tables for each case of the contexts shared by all of them."""
    shared = set(tables[0].context).intersection(*[table.context for table in tables])
    if not shared:
        yield case, tables
        return
    variable = min(shared)
    for mask in _classes([table.context[variable] for table in tables], sizes[variable]):
        inside = [_without(table, variable) for table in tables if table.context[variable] & mask]
        if inside:
            yield from cases(inside, {**case, variable: mask}, sizes)


def _without(table: Factor, variable: int) -> Factor:
    context = {other: mask for other, mask in table.context.items() if other != variable}
    return Factor(context, table.axes, table.array)


def _classes(masks: list[int], size: int) -> list[int]:
    """The classes of positions that no mask distinguishes."""
    classes: dict[tuple[int, ...], int] = {}
    for at in range(size):
        key = tuple([mask >> at & 1 for mask in masks])
        classes[key] = classes.get(key, 0) | 1 << at
    return list(classes.values())


def _dense(table: Factor, axes: tuple[int, ...], sizes: Sequence[int]) -> Array:
    """The array of a table along the given axes, 0 outside of its context."""
    array = aligned(table.array, table.axes, axes)
    for variable, mask in table.context.items():
        array = np.where(aligned(bits(mask, sizes[variable]), (variable,), axes), array, 0)
    return array
