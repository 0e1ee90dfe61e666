"""Blocks without a class: wrappers of others, and inlined blocks."""

from __future__ import annotations

from ssrdsl.emission.drafts.templates import Template
from ssrdsl.emission.instances.network import IndexedNetwork, holds, text_of
from ssrdsl.language import syntax
from ssrdsl.space.graph import OperatorNode

LONG, OFTEN = 3, 8
"""A chain of the prelude with this number of operators and uses becomes a class."""


def is_written_out(network: IndexedNetwork, template: Template) -> bool:
    """Whether a block has no class: a single operator without weights, or a small block of the prelude."""
    node = template.units[0].node
    if len(template.units) == 1 and node is not None and not _has_weights(network, node):
        return True
    if not network.scope(template.members[0].scope).library:
        return False
    return _is_inlined(network, template) and not _is_worth_a_class(network, template)


def _is_worth_a_class(network: IndexedNetwork, template: Template) -> bool:
    """Whether a chain of the prelude is so frequent and long that it becomes a class."""
    places = set()
    for member in template.members:
        scope = network.scope(member.scope)
        outer = network.scope(scope.parent or "")
        in_chain = outer.library and isinstance(outer.definition, syntax.Block) and not outer.definition.inputs
        if scope.span is not None and not in_chain:
            places.add(text_of(scope.span))
    return len(template.units) >= LONG and template.is_chain and len(places) >= OFTEN


def is_wrapper(template: Template) -> bool:
    """Whether its members only consist of one instance of another block."""
    if len(template.units) != 1 or template.units[0].node is not None:
        return False
    unit = template.units[0]
    inputs = tuple((-1, index) for index in range(len(template.labels)))
    results = tuple((0, index) for index in range(unit.results))
    alone = all(piece is not None and len(piece.children) == 1 for piece in unit.pieces)
    return alone and unit.reads == inputs and template.results == results


def _is_inlined(network: IndexedNetwork, template: Template) -> bool:
    """Whether a block of the prelude is inlined: a chain, or one without its own weights."""
    if template.is_chain:
        return True
    definition = network.scope(template.members[0].scope).definition
    assert definition is not None
    for unit in template.units:
        text, node = unit.key[0][1], unit.node
        own = text is not None and holds(text_of(definition.span), text)
        if own and (node is None or _has_weights(network, node)):
            return False
    return True


def _has_weights(network: IndexedNetwork, node: OperatorNode) -> bool:
    return bool(node.operator.parameters(network.graph.input_shapes(node)) != 0)
