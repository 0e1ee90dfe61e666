"""The instances of blocks in the order in which classes are created: grouped, inner ones first."""

from __future__ import annotations

from ssrdsl.emission.instances.network import IndexedNetwork
from ssrdsl.space.graph import Scope


def ordered_groups(network: IndexedNetwork) -> list[list[Scope]]:
    """The instances of every block together, inner blocks before those that hold them.

    Those that are divided between the network and its auxiliary heads are not there: a class would compute both parts.
    """
    without_class = _sole_library_blocks(network) | network.divided()
    blocks = network.blocks()
    heights: dict[str, int] = {}
    inside: dict[str, set[int]] = {}
    levels: dict[str, int] = {}
    for scope in blocks:
        heights[scope.id] = levels[scope.id] = 0
        inside[scope.id] = set()
    for scope in blocks:
        for outer in list(network.graph.ancestry(scope.id))[1:]:
            if outer.kind == "block":
                heights[outer.id] = max(heights[outer.id], heights[scope.id] + 1)
                inside[outer.id].add(id(scope.definition))
                if outer.definition is scope.definition:
                    levels[outer.id] = max(levels[outer.id], levels[scope.id] + 1)
    holds: dict[int, set[int]] = {}
    for scope in blocks:
        holds.setdefault(id(scope.definition), set()).update(inside[scope.id] - {id(scope.definition)})
    cyclic = {one for one in holds for other in holds[one] if one in holds[other]}
    groups: dict[tuple[int, int], list[Scope]] = {}
    for scope in (block for block in blocks if block.id not in without_class):
        name = id(scope.definition)
        groups.setdefault((name, heights[scope.id] if name in cyclic else levels[scope.id]), []).append(scope)
    return sorted(groups.values(), key=lambda scopes: max(heights[scope.id] for scope in scopes))


def _sole_library_blocks(network: IndexedNetwork) -> set[str]:
    """The instances of the prelude that are the only content of a user's block, in every instance of that block."""
    blocks = network.blocks()
    held: dict[str, set[str]] = {scope.id: set() for scope in blocks}
    for node in network.operators:
        chain = [scope for scope in network.ancestors[node.id] if scope in held]
        for inner, outer in zip(["", *chain], chain, strict=False):
            held[outer].add(inner)
    sole: dict[int, list[str | None]] = {}
    for scope in blocks:
        inner = next(iter(held[scope.id])) if len(held[scope.id]) == 1 else ""
        alone = bool(inner) and network.scope(inner).library and not scope.library
        sole.setdefault(id(scope.definition), []).append(inner if alone else None)
    return {inner for found in sole.values() if None not in found for inner in found if inner is not None}
