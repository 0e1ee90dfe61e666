"""Which blocks become classes, and in which order; others are wrappers or inlined."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import islice

from ssrdsl.emission.blocks.block_class import BlockClass
from ssrdsl.emission.instances.network import IndexedNetwork
from ssrdsl.language import syntax
from ssrdsl.space.graph import OperatorNode, Scope

LONG, OFTEN = 3, 8
"""A chain of the prelude with this number of operators and uses becomes a class."""


def is_written_out(block: BlockClass) -> bool:
    """Whether a block has no class: a single operator without weights, or a small block of the prelude."""
    node = block.units[0].node
    if len(block.units) == 1 and node is not None and not _has_weights(block.network, node):
        return True
    if not block.network.scope(block.instances[0].scope).library:
        return False
    return _is_inlined(block) and not _is_worth_a_class(block)


def _is_worth_a_class(block: BlockClass) -> bool:
    """Whether a chain of the prelude is so frequent and long that it becomes a class."""
    places = set()
    for instance in block.instances:
        scope = block.network.scope(instance.scope)
        outer = block.network.scope(scope.parent or "")
        in_chain = outer.library and isinstance(outer.definition, syntax.Block) and not outer.definition.inputs
        if scope.span is not None and not in_chain:
            places.add(scope.span)
    return len(block.units) >= LONG and block.is_chain and len(places) >= OFTEN


def is_wrapper(block: BlockClass) -> bool:
    """Whether its instances only consist of one instance of another block."""
    if len(block.units) != 1 or block.units[0].node is not None:
        return False
    unit = block.units[0]
    inputs = tuple((-1, index) for index in range(len(block.labels)))
    results = tuple((0, index) for index in range(unit.results))
    alone = all(len(run) == 1 for run in unit.runs)
    return alone and unit.reads == inputs and block.results == results


def _is_inlined(block: BlockClass) -> bool:
    """Whether a block of the prelude is inlined: a chain, or one without its own weights."""
    if block.is_chain:
        return True
    definition = block.network.scope(block.instances[0].scope).definition
    assert definition is not None
    for unit in block.units:
        span, node = unit.key[0][1], unit.node
        own = span is not None and definition.span.holds(span)
        if own and (node is None or _has_weights(block.network, node)):
            return False
    return True


def _has_weights(network: IndexedNetwork, node: OperatorNode) -> bool:
    return bool(node.operator.parameters(network.graph.input_shapes(node)) != 0)


def ordered_groups(network: IndexedNetwork) -> list[list[Scope]]:
    """The instances of every block together, inner blocks before those that hold them.

    Those that are divided between the network and its auxiliary heads are not there: a class would compute both parts.
    """
    without_class = _sole_library_blocks(network) | network.divided()
    heights, levels = Counter[str](), Counter[str]()
    holds = defaultdict[int, set[int]](set)
    blocks = network.blocks()
    for scope in blocks:
        for outer in islice(network.graph.ancestry(scope.id), 1, None):
            if outer.kind == "block":
                heights[outer.id] = max(heights[outer.id], heights[scope.id] + 1)
                if outer.definition is scope.definition:
                    levels[outer.id] = max(levels[outer.id], levels[scope.id] + 1)
                else:
                    holds[id(outer.definition)].add(id(scope.definition))
    cyclic = {one for one, inner in holds.items() if any(one in holds.get(other, ()) for other in inner)}
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
