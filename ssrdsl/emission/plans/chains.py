"""Chains: consecutive units that become one attribute of a module, or nested function calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from ssrdsl.emission.code.trees import Each, Starred, Ternary
from ssrdsl.emission.drafts.units import Unit, Wire
from ssrdsl.emission.plans.items import PlanItem
from ssrdsl.operators.construction import FIRST, Called, Code, Self_

FRESH = frozenset({"conv", "deconv", "depthwise", "bn", "linear"})
"""Operators whose result is not needed in the backward pass, so that an activation may overwrite it."""

PLAIN = Called("", (Self_(), FIRST))
FLATTENED = Called("", (Self_(), Called(".flatten", (FIRST, 1))))


@dataclass(slots=True)
class Chain:
    """Units of which each only reads the previous one.

    `modules` are the elements of the attribute with its state (empty: no state), `paths` maps the number of a unit to
    the paths of its modules below the attribute. `rest` are the units before or after that stay functions.
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
        """The input of the first unit."""
        return self.units[0].reads


def is_link(unit: Unit) -> bool:
    """Whether a unit is a module with one input and one result."""
    simple = unit.apply in (PLAIN, FLATTENED)
    return bool(unit.modules) and len(unit.reads) == 1 and unit.results == 1 and simple


def chained(
    items: Sequence[PlanItem], results: Sequence[Wire], broken: Callable[[Unit, Unit], bool]
) -> list[Chain | PlanItem]:
    """The items with links joined to chains; `broken` decides which two that could be joined are not."""
    readers = uses(items, results)
    gathered: list[Chain | PlanItem] = []
    open_chains: dict[Wire, Chain] = {}
    for item in items:
        if not isinstance(item, Unit) or not is_link(item):
            gathered.append(item)
            continue
        found = open_chains.pop(item.reads[0], None)
        if found is not None and readers[item.reads[0]] == 1 and not broken(found.units[-1], item):
            found.units.append(item)
        else:
            found = Chain([item])
            gathered.append(found)
        open_chains[item.number, 0] = found
    places = {item.number: index for index, item in enumerate(items)}
    gathered.sort(key=lambda chain: places[chain.number])  # a chain is at the place of its last unit
    for chain in gathered:
        if isinstance(chain, Chain):
            _divide(chain)
    return gathered


def uses(items: Sequence[PlanItem], results: Sequence[Wire]) -> Counter[Wire]:
    """The number of readers of every tensor, including results."""
    return Counter([*(wire for item in items for wire in item.reads), *results])


def _divide(chain: Chain) -> None:
    """Decide which units become modules of the attribute, and which are function calls around it."""
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
    index = 0
    while index < len(chain.inside):
        unit = chain.inside[index]
        run = [unit]
        while unit.condition is not None and index + len(run) < len(chain.inside):
            following = chain.inside[index + len(run)]
            if following.condition != unit.condition:
                break
            run.append(following)
        _add(chain, run, chain.inside[index - 1] if index else None, alone=len(chain.inside) == 1 and not whole_class)
        index += len(run)


def _add(chain: Chain, run: list[Unit], previous: Unit | None, *, alone: bool) -> None:
    elements: list[Code] = []
    places: list[tuple[int, list[int]]] = []
    for position, unit in enumerate(run):
        before = run[position - 1] if position else previous
        made = modules_of(unit, before, position > 0, alone)
        offset = len(elements) + len(made) - len(unit.modules)
        places.append((unit.number, [offset + i for i in range(len(unit.modules))]))
        elements += made
    start = len(chain.modules)
    condition = run[0].condition
    if condition is None:
        chain.modules += elements
        for number, numbers in places:
            chain.paths[number] = [(start + n,) for n in numbers]
        return
    whole = elements[0] if len(elements) == 1 else Called("nn.Sequential", tuple(elements))
    chain.modules.append(Ternary(whole, condition, Called("nn.Identity")))
    for number, numbers in places:
        chain.paths[number] = [(start,) if len(elements) == 1 else (start, n) for n in numbers]


def modules_of(unit: Unit, before: Unit | None, same_condition: bool, alone: bool) -> list[Code]:
    """The modules of a unit; an activation works in place if its input is not needed any more."""
    made = list(unit.modules)
    if unit.apply == FLATTENED and not alone:
        made.insert(0, Called("nn.Flatten"))
    fresh = before is not None and before.kind in FRESH and (before.condition is None or same_condition)
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
    index = 0
    while index < len(modules):
        count = 1
        while index + count < len(modules) and modules[index + count] == modules[index]:
            count += 1
        if count >= 3:
            each = Each(modules[index], "_", Called("range", (count,)), "()")
            found.append(Starred(each))
        else:
            found += modules[index : index + count]
        index += count
    return found


def module_paths(item: Chain | PlanItem) -> dict[int, list[tuple[int, ...]]]:
    """The paths of modules below the attribute of an item, by the numbers of their units."""
    if not isinstance(item, Chain):
        return {item.number: [()]}
    if len(item.modules) > 1 or isinstance(item.modules[0], Starred):  # the attribute is a `nn.Sequential`
        return item.paths
    return {number: [path[1:] for path in paths] for number, paths in item.paths.items()}
