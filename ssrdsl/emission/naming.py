"""What the attributes of a class are called: as the source calls their results, else by what they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ssrdsl.emission.chains import Chain
from ssrdsl.emission.folding import Fold, Item
from ssrdsl.emission.matching import Wire
from ssrdsl.emission.names import MODULE_MEMBERS, Names, attribute
from ssrdsl.emission.units import Unit

SHORT = {
    "maxpool": "pool",
    "avgpool": "pool",
    "adaptive_avgpool": "pool",
    "adaptive_maxpool": "pool",
    "maxpool_indices": "pool",
    "resize": "upsample",
    "dropout2d": "dropout",
}
CONVOLUTIONS = frozenset({"conv", "deconv", "depthwise", "linear"})
GENERIC = frozenset({"layers", "branch"})


def attribute_names(
    chains: Sequence[Chain | Item],
    inputs: Sequence[str],
    wanted: Mapping[Wire, str],
    results: Sequence[Wire],
    head_of: Callable[[int], str | None],
) -> dict[int, str]:
    """A name for every item that has modules, by its number."""
    holders = [chain for chain in chains if _holds(chain)]
    bases = {}
    for chain in holders:
        head = head_of(chain.number)
        base = wanted.get((chain.number, 0)) or _binding(chain, holders, inputs)
        base = base or _kind(chain, chains, inputs, results, holders)
        bases[chain.number] = f"{head}_head" if head is not None else base
    return _settled(bases, wanted)


def _holds(chain: Chain | Item) -> bool:
    if isinstance(chain, Chain):
        return chain.has_attribute
    if isinstance(chain, Fold):
        return any(unit.modules for unit in chain.inner)
    return bool(chain.modules)


def _binding(chain: Chain | Item, holders: Sequence[Chain | Item], inputs: Sequence[str]) -> str | None:
    """The name for which the source computes a chain, if it is the only one computed for that."""
    own = _bindings(chain)
    others = {name for other in holders if other is not chain for name in _bindings(other)}
    found = next((name for name in reversed(own) if len(name) > 1), None)
    return found if found not in others and found not in inputs else None


def _bindings(chain: Chain | Item) -> list[str]:
    """The names in whose computation all units of an item stand, outermost first."""
    units = chain.units if isinstance(chain, Chain) else chain.inner if isinstance(chain, Fold) else [chain]
    found = [[step[2] for step in unit.slot.key if isinstance(step, tuple) and step[0] == "binding"] for unit in units]
    return [name for name in found[0] if all(name in other for other in found)]


def _kind(
    chain: Chain | Item, chains: Sequence[Chain | Item], inputs: Sequence[str], results: Sequence[Wire],
    holders: Sequence[Chain | Item],
) -> str:  # fmt: skip
    if isinstance(chain, Fold):
        return "levels" if chain.inner[0].kind.startswith("adaptive") else "branches"
    units = chain.inside if isinstance(chain, Chain) else [chain]
    if len(units) == 1:
        if units[0].kind == "act":
            return "act"
        return units[0].label or SHORT.get(units[0].kind, units[0].kind)
    children = list(dict.fromkeys(unit.label for unit in units if unit.label))
    convolutions = [unit.kind for unit in units if unit.kind in CONVOLUTIONS]
    start = units[0].reads[0]
    readers = [other for other in chains if (chain.number, 0) in other.reads]
    if len(inputs) > 1 and start[0] < 0 and len(inputs[start[1]]) > 1:
        return inputs[start[1]]
    if start[0] < 0 and any(isinstance(other, Unit) and other.kind == "mul" for other in readers):
        return "gate"
    if units[0].kind == "adaptive_avgpool" and readers:
        return "pooled"
    if not children and not convolutions:
        return "bn" if any(unit.kind == "bn" for unit in units) else "layers"
    if not children and len(convolutions) == 1:
        return convolutions[0]
    if len(children) == 1 and not convolutions:
        return children[0]
    if any(isinstance(other, Unit) and other.kind in {"add", "mul"} for other in readers):
        return "body"
    if len(holders) == 1:
        return "body"
    return "head" if chain is holders[-1] else "stem" if chain is holders[0] and start[0] < 0 else "layers"


def _settled(bases: Mapping[int, str], wanted: Mapping[Wire, str]) -> dict[int, str]:
    """The names made valid and different; those of the source get `to_` where one of them needs it."""
    from_source = {number for number, base in bases.items() if wanted.get((number, 0)) == base}
    clash = any(bases[number] in MODULE_MEMBERS for number in from_source)
    plain = {n: f"to_{base}" if clash and n in from_source else base for n, base in bases.items()}
    counts = {base: list(plain.values()).count(base) for base in plain.values()}
    taken = Names({"auxiliary", "training"})
    seen: dict[str, int] = {}
    names = {}
    for number, base in plain.items():
        seen[base] = seen.get(base, 0) + 1
        numbered = (
            base if counts[base] == 1 else f"{base}_{seen[base]}" if base[-1].isdigit() else f"{base}{seen[base]}"
        )
        names[number] = taken.unique(attribute(numbered))
    return names
