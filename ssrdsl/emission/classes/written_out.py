"""Blocks without a class: wrappers of others, and inlined blocks."""

from __future__ import annotations

from ssrdsl.emission.drafts.block_class import BlockClass
from ssrdsl.emission.instances.network import IndexedNetwork, holds, text_of
from ssrdsl.language import syntax
from ssrdsl.space.graph import OperatorNode

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
            places.add(text_of(scope.span))
    return len(block.units) >= LONG and block.is_chain and len(places) >= OFTEN


def is_wrapper(block: BlockClass) -> bool:
    """Whether its instances only consist of one instance of another block."""
    if len(block.units) != 1 or block.units[0].node is not None:
        return False
    unit = block.units[0]
    inputs = tuple((-1, index) for index in range(len(block.labels)))
    results = tuple((0, index) for index in range(unit.results))
    alone = all(piece is not None and len(piece.children) == 1 for piece in unit.pieces)
    return alone and unit.reads == inputs and block.results == results


def _is_inlined(block: BlockClass) -> bool:
    """Whether a block of the prelude is inlined: a chain, or one without its own weights."""
    if block.is_chain:
        return True
    definition = block.network.scope(block.instances[0].scope).definition
    assert definition is not None
    for unit in block.units:
        text, node = unit.key[0][1], unit.node
        own = text is not None and holds(text_of(definition.span), text)
        if own and (node is None or _has_weights(block.network, node)):
            return False
    return True


def _has_weights(network: IndexedNetwork, node: OperatorNode) -> bool:
    return bool(node.operator.parameters(network.graph.input_shapes(node)) != 0)
