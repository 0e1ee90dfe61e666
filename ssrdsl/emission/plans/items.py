"""The items of a plan: chains of units, which become attributes of a class, and folded branches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from ssrdsl.emission.blocks.units import FLATTENED, Unit, Wire
from ssrdsl.emission.code.trees import Each, Starred, Ternary, with_symbols
from ssrdsl.operators.construction import Called, Code
from ssrdsl.space.expressions.symbols import Formed


@dataclass(slots=True)
class Chain:
    """Linked units, or a unit that cannot be linked: together one attribute of a class, or nested function calls.

    `modules` are the elements of the attribute with its state (empty: no state), `paths` maps the number of a unit to
    the paths of its modules below the attribute. Units `before` and `after` those `inside` stay functions.
    """

    units: list[Unit]
    before: list[Unit] = field(default_factory=list)
    inside: list[Unit] = field(default_factory=list)
    after: list[Unit] = field(default_factory=list)
    modules: list[Code] = field(default_factory=list)
    paths: dict[int, list[tuple[int, ...]]] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """The number of the last unit, whose results are those of the chain."""
        return self.units[-1].number

    @property
    def reads(self) -> tuple[Wire, ...]:
        """The inputs of the first unit."""
        return self.units[0].reads

    @property
    def is_linked(self) -> bool:
        """Whether it consists of links."""
        return self.units[0].is_link

    def is_one(self, *kinds: str) -> bool:
        """Whether it is an operator of one of these kinds, which takes several tensors."""
        return not self.is_linked and self.units[0].kind in kinds


@dataclass(slots=True)
class Fold:
    """Branches that only differ in the variables of a loop.

    `units` are those of a branch, in `chains`; `reads` are the common inputs of the branches, `result` is the number of
    the unit with the result; `turns` has the numbers of the units of every branch. `values` are the lists of
    the `variables`.
    """

    number: int
    units: list[Unit]
    reads: tuple[Wire, ...]
    result: int
    turns: list[list[int]]
    variables: list[str]
    values: Code
    chains: list[Chain] = field(default_factory=list)

    @property
    def names(self) -> str:
        """The variables of the comprehension."""
        return ", ".join(self.variables) or "_"

    @property
    def modules(self) -> tuple[Code, ...]:
        """The modules of a branch."""
        return tuple(module for unit in self.units for module in unit.modules)

    def code(self) -> tuple[Code | None, ...]:
        """All of its code."""
        return (self.values, *(code for unit in self.units for code in unit.code()))

    def change(self, change: Callable[[Formed], Any]) -> None:
        """Change every symbol in its code."""
        self.values = with_symbols(self.values, change)
        for unit in self.units:
            unit.change(change)


FRESH = frozenset({"conv", "deconv", "depthwise", "bn", "linear"})
"""Operators whose result is not needed in the backward pass, so that an activation may overwrite it."""


def chained(
    items: Sequence[Unit | Fold], results: Sequence[Wire], broken: Callable[[Unit, Unit], bool]
) -> list[Chain | Fold]:
    """The items with units as chains; `broken` decides which two links that could be joined are not."""
    readers = uses(items, results)
    gathered: list[Chain | Fold] = []
    open_chains: dict[Wire, Chain] = {}
    for item in items:
        if isinstance(item, Fold):
            gathered.append(item)
            continue
        found = open_chains.pop(item.reads[0], None) if item.is_link else None
        if found is not None and readers[item.reads[0]] == 1 and not broken(found.units[-1], item):
            found.units.append(item)
        else:
            found = Chain([item])
            gathered.append(found)
        if item.is_link:
            open_chains[item.number, 0] = found
    places = {item.number: index for index, item in enumerate(items)}
    gathered.sort(key=lambda chain: places[chain.number])  # a chain is at the place of its last unit
    for chain in gathered:
        if isinstance(chain, Chain):
            _divide(chain)
    return gathered


def uses(items: Sequence[Unit | Fold], results: Sequence[Wire]) -> Counter[Wire]:
    """The number of readers of every tensor, including results."""
    return Counter([*(wire for item in items for wire in item.reads), *results])


def _divide(chain: Chain) -> None:
    """Decide which units become modules of the attribute, and which are function calls around it."""
    if not chain.is_linked:
        chain.inside, chain.modules = chain.units, list(chain.units[0].modules)
        chain.paths = {chain.number: [(0,)]}
        return
    stateful = [index for index, unit in enumerate(chain.units) if unit.is_stateful or unit.function is None]
    needs_module = [index for index, unit in enumerate(chain.units) if unit.condition is not None] + stateful
    if not needs_module:
        chain.after = chain.units
        return
    first, last = min(needs_module), max(needs_module)
    few = len(chain.units) <= 2 and len(needs_module) == 1 and chain.units[first].node is not None
    if not few:
        first, last = 0, len(chain.units) - 1
    chain.before, chain.after = chain.units[:first], chain.units[last + 1 :]
    chain.inside = chain.units[first : last + 1]
    make_modules(chain)


def make_modules(chain: Chain, *, whole_class: bool = False) -> None:
    """The elements of a chain's attribute; neighbours under the same condition become one.

    For a module alone in its attribute, `forward` flattens the input; a chain that is the whole class must do so
    itself.
    """
    chain.modules, chain.paths = [], {}
    alone = len(chain.inside) == 1 and not whole_class
    before: Unit | None = None
    for condition, run in groupby(chain.inside, key=lambda unit: unit.condition):
        elements: list[Code] = []
        places: dict[int, range] = {}
        for unit in run:
            elements += _modules_of(unit, before, alone)
            places[unit.number] = range(len(elements) - len(unit.modules), len(elements))
            before = unit
        start, count = len(chain.modules), len(elements)
        paths: list[tuple[int, ...]] = [(start + place,) for place in range(count)]
        if condition is None:
            chain.modules += elements
        else:
            whole = elements[0] if count == 1 else Called("nn.Sequential", tuple(elements))
            chain.modules.append(Ternary(whole, condition, Called("nn.Identity")))
            paths = [(start,)] if count == 1 else [(start, place) for place in range(count)]
        chain.paths |= {number: [paths[place] for place in own] for number, own in places.items()}


def _modules_of(unit: Unit, before: Unit | None, alone: bool) -> list[Code]:
    """The modules of a unit; an activation works in place if its input is not needed any more."""
    made = list(unit.modules)
    if unit.apply == FLATTENED and not alone:
        made.insert(0, Called("nn.Flatten"))
    fresh = before is not None and before.kind in FRESH and before.condition in (None, unit.condition)
    if unit.in_place and fresh and isinstance(made[0], Called):
        made[0] = replace(made[0], keywords=(*made[0].keywords, ("inplace", True)))
    return made


def attribute_code(modules: Sequence[Code]) -> Code:
    """One module, or several in a `nn.Sequential`; long runs of equal ones by a comprehension."""
    if len(modules) == 1 and not isinstance(modules[0], Starred):
        return modules[0]
    return Called("nn.Sequential", tuple(condensed(modules)))


def condensed(modules: Sequence[Code]) -> list[Code]:
    """Three or more equal modules in a row as a comprehension over their number."""
    found: list[Code] = []
    for module, run in groupby(modules):
        same = list(run)
        each = Each(module, "_", Called("range", (len(same),)), "()")
        found += [Starred(each)] if len(same) >= 3 else same
    return found


def module_paths(chain: Chain) -> dict[int, list[tuple[int, ...]]]:
    """The paths of modules below the attribute of a chain, by the numbers of their units."""
    if len(chain.modules) > 1 or isinstance(chain.modules[0], Starred):  # the attribute is a `nn.Sequential`
        return chain.paths
    return {number: [path[1:] for path in paths] for number, paths in chain.paths.items()}
