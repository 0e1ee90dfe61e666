"""Variable elimination: the exact minimum of a sum of factors, and an assignment that attains it.

Bucket elimination (Dechter, 1999) for min-sum, with factors that count in contexts (context-specific independence,
Boutilier et al., 1996): a variable is minimised separately in every cell of the contexts of the factors that hold it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import inf, prod
from typing import Any, NamedTuple

import numpy as np

from ssrdsl.space.conditions.diagrams import TooWide
from ssrdsl.space.expressions import Scalar
from ssrdsl.space.ranges.factors import Array, Context, Factor, Problem, aligned, union_of

MAX_WORK = 2**22
"""Table entries that the elimination of one variable may pass through."""
MAX_EFFORT = 2**23
"""Table entries that all eliminations together may pass through."""
CELL = 32
"""What looking at a factor in a cell costs, in table entries."""
CROWDED = 24
"""Factors from which on the work for a variable is not weighed anew whenever a neighbour goes."""
_WIDE = "too many decisions have to be looked at together"
MANY_CELLS = 12
SMALL = 2**14
"""Entries of a table that may take the place of many cells."""


class Extreme(NamedTuple):
    """An extreme of a total, and the option index of every decision under which it is attained."""

    value: Any
    assignment: dict[str, int]


def extremes_of_totals(problem: Problem) -> list[tuple[Extreme, Extreme]] | None:
    """The least and the greatest value of every total of a problem; None where no assignment is admitted.

    Raises `TooWide` where a table grows beyond the limit.
    """
    elimination = _Elimination(problem.factors(), [len(values) for values in problem.positions], problem.totals)
    elimination.run()
    least = elimination.total.tolist()
    if inf in least:
        return None
    found = []
    for number, value in enumerate(least):
        chosen = elimination.trace(number)
        assignment = {name: problem.positions[at][chosen[at]] for name, at in problem.decisions.items()}
        exact = int(value) if isinstance(value, float) else value
        found.append(Extreme(-exact if number % 2 else exact, assignment))
    return list(zip(found[::2], found[1::2], strict=True))


def extremes_of(scalar: Scalar, domains: Mapping[str, tuple[int, ...]]) -> tuple[Any, Any]:
    """The least and the greatest value of a number over decisions with these options."""
    problem = Problem(domains)
    problem.add_cost(scalar)
    found = extremes_of_totals(problem)
    assert found is not None  # nothing was required
    return found[0][0].value, found[0][1].value


class _Elimination:
    def __init__(self, factors: Sequence[Factor], sizes: Sequence[int], totals: int) -> None:
        self.sizes = sizes
        self.factors: dict[int, Factor] = {}
        self.holding: list[set[int]] = [set() for _ in sizes]
        self.total: Any = np.zeros(2 * totals)
        self.steps: list[tuple[int, list[Factor]]] = []
        self.effort = 0.0
        self._next = 0
        for factor in factors:
            self.add(factor)

    def add(self, factor: Factor) -> None:
        """Keeps a factor; a constant joins the total."""
        if not factor.context and not factor.axes:
            self.total = self.total + factor.array
            return
        number, self._next = self._next, self._next + 1
        self.factors[number] = factor
        for variable in factor.variables:
            self.holding[variable].add(number)

    def run(self) -> None:
        """Eliminates every variable, so that only the totals are left."""
        for variable in self.order():
            gathered = [self.take(number) for number in sorted(self.holding[variable])]
            self.steps.append((variable, gathered))
            for factor in _minimised(variable, gathered, self.sizes):
                self.add(factor)
                self.effort += CELL * len(gathered)
                if self.effort > MAX_EFFORT:
                    raise TooWide(_WIDE)

    def take(self, number: int) -> Factor:
        factor = self.factors.pop(number)
        for variable in factor.variables:
            self.holding[variable].discard(number)
        return factor

    def order(self) -> Iterator[int]:
        """The variables, the one whose elimination is least work next.

        Work is weighed anew when a neighbour goes; that of a variable in very many factors when its turn has come.
        """
        heap: list[tuple[float, int]] = []
        current: dict[int, float] = {}

        def weigh(variable: int) -> float:
            current[variable] = work = self.work(variable)
            heapq.heappush(heap, (work, variable))
            return work

        for variable in range(len(self.sizes)):
            weigh(variable)
        while heap:
            work, variable = heapq.heappop(heap)
            if current.get(variable) != work:
                continue
            if self.is_crowded(variable) and (fresh := weigh(variable)) != work:
                if fresh > work:
                    continue
                work = fresh
            self.effort += work
            if work > MAX_WORK or self.effort > MAX_EFFORT:
                raise TooWide(_WIDE)
            del current[variable]
            around = {v for number in self.holding[variable] for v in self.factors[number].variables}
            yield variable
            for neighbour in around:
                if neighbour != variable and not self.is_crowded(neighbour):
                    weigh(neighbour)

    def is_crowded(self, variable: int) -> bool:
        """Whether very many factors hold a variable."""
        return len(self.holding[variable]) > CROWDED

    def work(self, variable: int) -> float:
        """Entries of the tables that the elimination of a variable passes through."""
        axes: set[int] = {variable}
        masks: dict[int, set[int]] = {}
        for number in self.holding[variable]:
            factor = self.factors[number]
            axes.update(factor.axes)
            for other, mask in factor.context.items():
                masks.setdefault(other, set()).add(mask)
        cells = prod(min(len(found) + 1, self.sizes[other]) for other, found in masks.items() if other not in axes)
        return prod(float(self.sizes[axis]) for axis in axes) * cells

    def trace(self, total: int) -> list[int]:
        """The positions at which a total is least, found from the last variable eliminated to the first."""
        chosen = [0] * len(self.sizes)
        for variable, gathered in reversed(self.steps):
            sums: Any = np.zeros(self.sizes[variable])
            for factor in gathered:
                sums = sums + _column(variable, factor, chosen, total, self.sizes[variable])
            chosen[variable] = int(np.argmin(sums))
        return chosen


def _column(variable: int, factor: Factor, chosen: list[int], total: int, size: int) -> Array:
    """A factor of one total along one variable, the others at their chosen positions."""
    for other, mask in factor.context.items():
        if other != variable and not mask >> chosen[other] & 1:
            return np.zeros(size)
    array = factor.array[total if len(factor.array) > 1 else 0, ...]
    values = array[tuple(slice(None) if axis == variable else chosen[axis] for axis in factor.axes)]
    if variable in factor.context:
        values = np.where(_bits(factor.context[variable], size), values, 0)
    return np.asarray(values)


def _bits(mask: int, size: int) -> Array:
    return np.array([mask >> at & 1 for at in range(size)], dtype=bool)


def _minimised(variable: int, gathered: list[Factor], sizes: Sequence[int]) -> Iterator[Factor]:
    """The factors that are left of those gathered when the variable has been minimised."""
    spread = _spread(gathered, variable, sizes)
    is_axis = any(variable in factor.axes for factor in spread)
    for cell in _cells(spread, variable, sizes):
        inside = [factor for factor in spread if _covers(factor.context, cell)]
        if not inside:
            continue
        axes = union_of(factor.axes for factor in inside)
        if is_axis:
            array = np.asarray(_total(inside, axes).min(axis=1 + axes.index(variable)))
            axes = tuple(axis for axis in axes if axis != variable)
        else:
            array = _least(inside, variable, axes, sizes[variable])
        if array.any():
            context = {other: mask for other, mask in cell.items() if mask.bit_count() < sizes[other]}
            yield Factor(context, axes, array)


def _total(factors: list[Factor], axes: tuple[int, ...]) -> Array:
    total: Any = 0
    for factor in factors:
        total = total + aligned(factor.array, factor.axes, axes)
    return np.asarray(total)


def _least(factors: list[Factor], variable: int, axes: tuple[int, ...], size: int) -> Array:
    """The least total over the positions of a variable that only tells where the factors count."""
    least: Any = None
    for atom in _atoms([factor.context[variable] for factor in factors], size):
        counting = [factor for factor in factors if atom & ~factor.context[variable] == 0]
        total = _total(counting, axes)
        least = total if least is None else np.minimum(least, total)
    return np.asarray(least)


def _spread(factors: list[Factor], variable: int, sizes: Sequence[int]) -> list[Factor]:
    """The factors with axes instead of contexts for all variables that are axes in any of them.

    Where they count in very many different contexts, and the whole is small, no context is left.
    """
    dense = set[int]().union(*(factor.axes for factor in factors))
    masks = _masks(factors)
    cells = prod(min(len(found) + 1, sizes[other]) for other, found in masks.items() if other not in dense | {variable})
    if cells > MANY_CELLS and prod(sizes[axis] for axis in dense.union(masks)) <= SMALL:
        dense.update(masks)
    return [_with_axes(factor, dense, sizes) for factor in factors]


def _with_axes(factor: Factor, dense: set[int], sizes: Sequence[int]) -> Factor:
    moved = sorted(dense.intersection(factor.context))
    if not moved:
        return factor
    axes = union_of([factor.axes, tuple(moved)])
    array = aligned(factor.array, factor.axes, axes)
    for variable in moved:
        counts = aligned(_bits(factor.context[variable], sizes[variable]), (variable,), axes)
        array = np.where(counts, array, 0)
    return Factor({v: mask for v, mask in factor.context.items() if v not in dense}, axes, array)


def _masks(factors: list[Factor]) -> dict[int, dict[int, None]]:
    """For every variable that a context names, the different sets of positions that are named."""
    masks: dict[int, dict[int, None]] = {}
    for factor in factors:
        for variable, mask in factor.context.items():
            masks.setdefault(variable, {})[mask] = None
    return masks


def _cells(factors: list[Factor], variable: int, sizes: Sequence[int]) -> Iterator[Context]:
    """The coarsest contexts, a variable apart, within each of which every factor counts everywhere or nowhere."""
    masks = _masks(factors)
    masks.pop(variable, None)
    atoms = [_atoms(list(found), sizes[other]) for other, found in masks.items()]
    for combination in product(*atoms):
        yield dict(zip(masks, combination, strict=True))


def _atoms(masks: list[int], size: int) -> list[int]:
    """The classes of positions that no mask tells apart."""
    classes: dict[tuple[int, ...], int] = {}
    for at in range(size):
        key = tuple(mask >> at & 1 for mask in masks)
        classes[key] = classes.get(key, 0) | 1 << at
    return list(classes.values())


def _covers(context: Context, cell: Context) -> bool:
    return all(variable not in cell or cell[variable] & ~mask == 0 for variable, mask in context.items())
