"""Plan the members of a class and the statements of its `forward`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from ssrdsl.emission.blocks.block_class import BlockClass
from ssrdsl.emission.blocks.units import Unit, Wire
from ssrdsl.emission.code.names import PythonNames, variable
from ssrdsl.emission.code.trees import Each, Raw, Tupled
from ssrdsl.emission.plans.forward import Forward
from ssrdsl.emission.plans.items import (
    Chain,
    Fold,
    attribute_code,
    chained,
    condensed,
    make_modules,
    module_paths,
    uses,
)
from ssrdsl.emission.plans.naming import Naming, source_names
from ssrdsl.operators.construction import Called, Code


def plan(block: BlockClass, items: Sequence[Unit | Fold]) -> None:
    """Plan a class, without its signature."""
    _Planner(block, items).plan()


class _Planner:
    def __init__(self, block: BlockClass, items: Sequence[Unit | Fold]) -> None:
        self.block = block
        self.items = items
        given = PythonNames()
        block.inputs = [given.unique(variable(name)) for name in block.declared_inputs()]
        self.head_of = _auxiliary(items, block.outputs)
        self.wanted = source_names(block)
        self.chains = chained(items, block.results, self._broken)

    def plan(self) -> None:
        if not self._plan_sequential():
            names = Naming(self.block, self.chains, self.wanted, self.head_of).names()
            self.attributes = {number: f"self.{name}" for number, name in names.items()}
            for chain in self.chains:
                self._plan_attribute(chain, names.get(chain.number, ""))
            self._plan_forward()

    def _broken(self, one: Unit, other: Unit) -> bool:
        """Whether a chain ends between two units: at a name of the source, or between network and auxiliary head."""
        return self.head_of.get(one.number) != self.head_of.get(other.number) or (one.number, 0) in self.wanted

    # Members

    def _plan_sequential(self) -> bool:
        """Plan a class that is one chain of modules from its only input to its only result as a `nn.Sequential`."""
        if len(self.chains) != 1 or self.block.is_network:
            return False
        chain, block = self.chains[0], self.block
        if isinstance(chain, Fold) or not chain.is_linked or not any(unit.is_stateful for unit in chain.units):
            return False
        if chain.reads != ((-1, 0),) or len(block.inputs) != 1 or block.results != ((chain.number, 0),):
            return False
        chain.inside, chain.before, chain.after = chain.units, [], []
        make_modules(chain, whole_class=True)
        block.sequential = tuple(condensed(chain.modules))
        block.paths = {number: [*paths] for number, paths in chain.paths.items()}
        return True

    def _plan_attribute(self, chain: Chain | Fold, name: str) -> None:
        kept = self.block.auxiliary_attributes if chain.number in self.head_of else self.block.attributes
        if isinstance(chain, Fold):
            self._plan_fold(chain, name, kept)
        elif chain.modules:
            kept[name] = attribute_code(chain.modules)
            for number, paths in module_paths(chain).items():
                self.block.paths[number] = [(name, *path) for path in paths]

    def _plan_fold(self, fold: Fold, name: str, kept: dict[str, Code]) -> None:
        """The modules of branches as lists of modules."""
        parts = chained(fold.units, [(fold.result, 0)], lambda one, other: False)
        fold.chains = [part for part in parts if isinstance(part, Chain)]
        holders = [chain for chain in fold.chains if chain.modules]
        for index, holder in enumerate(holders):
            own = name if len(holders) == 1 else f"{name}{index + 1}"
            self.attributes[holder.number] = f"self.{own}"
            each = Each(attribute_code(holder.modules), fold.names, fold.values)
            kept[own] = Called("nn.ModuleList", (each,))
            self._fold_paths(fold, holder, own)

    def _fold_paths(self, fold: Fold, holder: Chain, name: str) -> None:
        first = fold.turns[0]
        for turn, branch in enumerate(fold.turns):
            for number, paths in module_paths(holder).items():
                self.block.paths[branch[first.index(number)]] = [(name, turn, *path) for path in paths]

    # Forward

    def _plan_forward(self) -> None:
        readers = uses(self.items, self.block.results)
        forward = Forward(self.block, readers, self.wanted, self.attributes, PythonNames(self.block.inputs))
        forward.known = {(-1, index): Raw(name) for index, name in enumerate(self.block.inputs)}
        outputs = self.block.outputs
        if all(head is None for _, head in outputs):
            forward.returned = frozenset(self.block.results)
        for chain in self.chains:
            if chain.number not in self.head_of:
                forward.compute(chain)
        main = [forward.known[wire] for wire, head in outputs if head is None]
        self.block.result = main[0] if len(main) == 1 else Tupled(tuple(main))
        self.block.statements = forward.statements
        if len(main) < len(outputs):
            if not isinstance(self.block.result, Raw):
                self.block.result = forward.assign("output", self.block.result)
            self._plan_heads(forward)

    def _plan_heads(self, forward: Forward) -> None:
        forward.statements = self.block.auxiliary_statements
        forward.width -= 4
        for chain in self.chains:
            if chain.number in self.head_of:
                forward.compute(chain)
        self.block.heads = tuple((head, forward.known[wire]) for wire, head in self.block.outputs if head is not None)
        self.block.stored["auxiliary"] = Raw("auxiliary")


def _auxiliary(items: Sequence[Unit | Fold], outputs: Sequence[tuple[Wire, str | None]]) -> dict[int, str]:
    """The auxiliary head of every item that the network does not need without its heads, empty if no head needs it."""
    users = defaultdict[int, set[int]](set)
    for index, (wire, _) in enumerate(outputs):
        users[wire[0]].add(index)
    for item in reversed(items):
        for wire in item.reads:
            users[wire[0]] |= users[item.number]
    heads = {item.number: [outputs[index][1] for index in sorted(users[item.number])] for item in items}
    return {number: next(filter(None, own), "") for number, own in heads.items() if None not in own}
