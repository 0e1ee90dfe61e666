"""The names of tensors in the source, and of the attributes of a class: by their results, else by their kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ssrdsl.emission.blocks.block_class import BlockClass
from ssrdsl.emission.blocks.units import Unit, Wire
from ssrdsl.emission.code.names import MODULE_MEMBERS, PythonNames, attribute
from ssrdsl.emission.instances.instance import inputs_of, results_of
from ssrdsl.emission.instances.network import steps_of
from ssrdsl.emission.plans.items import Chain, Fold
from ssrdsl.language import syntax
from ssrdsl.space.graph import OperatorNode, Port

SHORT = {
    "maxpool": "pool",
    "avgpool": "pool",
    "adaptive_avgpool": "pool",
    "adaptive_maxpool": "pool",
    "maxpool_indices": "pool",
    "resize": "upsample",
    "dropout2d": "dropout",
    "prelu": "act",
}
CONVOLUTIONS = frozenset({"conv", "deconv", "depthwise", "linear"})


def source_names(block: BlockClass) -> dict[Wire, str]:
    """The names of the tensors of a class."""
    wires: dict[Port, Wire] = {}
    objects: set[str] = set()
    for unit in block.units:
        piece = unit.pieces[0]
        if piece is not None:
            wires |= {port: (unit.number, result) for result, port in enumerate(results_of(piece))}
            objects.update(inner.scope for inner in unit.runs[0])
    found: dict[Wire, str] = {}
    for name, value in block.network.names_in(block.instances[0].scope, objects):
        for text, port in _named_ports(name, value):
            if port in wires:
                found.setdefault(wires[port], text)
    return found


def _named_ports(name: str, value: Any) -> list[tuple[str, Port]]:
    """A name and its tensor, or, for a list, a name for each of its tensors."""
    if isinstance(value, Port):
        return [(name, value)]
    if isinstance(value, (list, tuple)):
        return [(f"{name.removesuffix('s')}{i}", part) for i, part in enumerate(value) if isinstance(part, Port)]
    return []


@dataclass(slots=True)
class Naming:
    """Names the items of a class that have modules.

    `wanted` has the names of tensors in the source; `head_of` the auxiliary heads of items.
    """

    block: BlockClass
    chains: Sequence[Chain | Fold]
    wanted: Mapping[Wire, str]
    head_of: Mapping[int, str]

    def names(self) -> dict[int, str]:
        """A name for every item that has modules, by its number."""
        bases = {chain.number: self._base(chain) for chain in self._holders}
        return _settled(bases, self.wanted)

    @property
    def _holders(self) -> list[Chain | Fold]:
        return [chain for chain in self.chains if chain.modules]

    def _base(self, chain: Chain | Fold) -> str:
        head = self.head_of.get(chain.number)
        if head:
            return f"{head}_head"
        named = self.wanted.get((chain.number, 0), "")
        return (named if len(named) > 1 else None) or self._binding(chain) or self._block(chain) or self._kind(chain)

    def _binding(self, chain: Chain | Fold) -> str | None:
        """The name whose value the source computes with a chain, if this is the only chain."""
        others = {name for other in self._holders if other is not chain for name in _bindings(other)}
        found = next((name for name in reversed(_bindings(chain)) if len(name) > 1), None)
        return found if found not in others and found not in self.block.inputs else None

    def _block(self, chain: Chain | Fold) -> str | None:
        """The name of the inlined block that is exactly this chain: `shortcut`."""
        if isinstance(chain, Fold) or not chain.is_linked:
            return None
        first, last = chain.units[0], chain.units[-1]
        index = next((i for i, piece in enumerate(first.pieces) if piece is not None), 0)
        piece, end = first.pieces[index], last.pieces[index]
        if end is None or not isinstance(piece, OperatorNode):
            return None
        for scope in self.block.network.graph.ancestry(piece.scope):
            if scope.id == self.block.instances[index].scope:
                return None
            named = isinstance(scope.definition, syntax.Block) and bool(scope.definition.inputs)
            if named and scope.inputs == inputs_of(piece) and scope.results == results_of(end):
                return scope.definition.name if scope.definition is not None else None
        return None

    def _kind(self, chain: Chain | Fold) -> str:
        if isinstance(chain, Fold):
            return "levels" if chain.units[0].kind.startswith("adaptive") else "branches"
        units = chain.inside
        if len(units) == 1:
            return units[0].label or SHORT.get(units[0].kind, units[0].kind)
        readers = [other for other in self.chains if (chain.number, 0) in other.reads]
        return (
            self._by_place(chain, units, readers)
            or _by_content(units)
            or ("body" if any(isinstance(r, Chain) and r.is_one("add", "mul") for r in readers) else None)
            or self._by_order(chain)
        )

    def _by_place(self, chain: Chain | Fold, units: Sequence[Unit], readers: Sequence[Chain | Fold]) -> str | None:
        """A name from the input of a chain, or from the use of its result."""
        origin = self._origin(chain.reads[0])
        if len(self.block.inputs) > 1 and origin is not None and len(origin) > 1:
            return origin
        if chain.reads[0][0] < 0 and any(isinstance(other, Chain) and other.is_one("mul") for other in readers):
            return "gate"
        return "pooled" if units[0].kind == "adaptive_avgpool" and readers else None

    def _origin(self, wire: Wire) -> str | None:
        """The input that a tensor is computed from by functions only."""
        while wire[0] >= 0:
            source = next(chain for chain in self.chains if chain.number == wire[0])
            if source.modules or (isinstance(source, Chain) and source.is_one("add", "mul", "concat")):
                return None
            wire = source.reads[0]
        return self.block.inputs[wire[1]]

    def _by_order(self, chain: Chain | Fold) -> str:
        main = [holder for holder in self._holders if not self.head_of.get(holder.number)]
        if len(main) == 1:
            return "layers" if self.block.is_network else "body"
        if chain is main[-1]:
            return "head"
        return "stem" if chain is main[0] and chain.reads[0][0] < 0 else "layers"


def _bindings(chain: Chain | Fold) -> list[str]:
    """The names whose computation contains all units of an item, outermost first."""
    found = [[name for _, (_, _, name) in steps_of(unit.key, "binding")] for unit in chain.units]
    return [name for name in found[0] if all(name in other for other in found)]


def _by_content(units: Sequence[Unit]) -> str | None:
    """A name from the only convolution or block in a chain, or a batch norm without either."""
    children = list(dict.fromkeys(unit.label for unit in units if unit.label))
    convolutions = [unit.kind for unit in units if unit.kind in CONVOLUTIONS]
    if not children and not convolutions:
        return "bn" if any(unit.kind == "bn" for unit in units) else None
    if not children and len(convolutions) == 1:
        return convolutions[0]
    return children[0] if len(children) == 1 and not convolutions else None


def _settled(bases: Mapping[int, str], wanted: Mapping[Wire, str]) -> dict[int, str]:
    """The names, made valid and unique; those of the source get the prefix `to_` if one of them needs it."""
    from_source = {number for number, base in bases.items() if wanted.get((number, 0)) == base}
    clash = any(bases[number] in MODULE_MEMBERS for number in from_source)
    plain = {n: f"to_{base}" if clash and n in from_source else base for n, base in bases.items()}
    counts = {base: list(plain.values()).count(base) for base in plain.values()}
    taken = PythonNames({"auxiliary", "training"})
    seen: dict[str, int] = {}
    names = {}
    for number, base in plain.items():
        seen[base] = seen.get(base, 0) + 1
        joint = "_" if base[-1].isdigit() else ""
        names[number] = taken.unique(attribute(base if counts[base] == 1 else f"{base}{joint}{seen[base]}"))
    return names
