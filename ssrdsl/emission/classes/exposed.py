"""The parameters of a space that the network's constructor takes: those, such as `classes`, that can change alone.

Such a parameter is a width that is only passed on, that no sum, product or condition compares with another width, and
that does not depend on the size of the image.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

from ssrdsl.emission.blocks.block_class import BlockClass
from ssrdsl.emission.blocks.units import Unit
from ssrdsl.emission.code.trees import calls, flat, replacing, symbols
from ssrdsl.emission.instances.network import IndexedNetwork
from ssrdsl.emission.plans.items import Fold
from ssrdsl.language import syntax
from ssrdsl.language.walk import walk as walk_syntax
from ssrdsl.space.expressions.formulas import names as names_in


def candidates(network: IndexedNetwork) -> frozenset[str]:
    """The integers among the parameters that no input's extent needs."""
    space = network.scope("")
    assert space.definition is not None
    inputs = (node for node in walk_syntax(space.definition) if isinstance(node, syntax.Input))
    needed: set[str] = set()
    waiting = [extent for node in inputs for extent in node.extents]
    while waiting:
        for node in walk_syntax(waiting.pop()):
            if isinstance(node, syntax.Name) and node.name not in needed:
                needed.add(node.name)
                bound = space.names.get(node.name)
                waiting += [] if bound is None or bound.expression is None else [bound.expression]
    values = {name: bound.value for name, bound in space.arguments.items()}
    return frozenset(n for n, v in values.items() if type(v) is int and n not in needed)


def fix_tied(
    block: BlockClass, items: Sequence[Unit | Fold], by_key: Mapping[str, BlockClass], names: Set[str]
) -> None:
    """Replace by their values those of the network's parameters that cannot change independently."""
    code = [code for item in items for code in item.code()]
    tied = {name for name in names if _is_tied(code, block.compared, by_key, {name})}
    values = {name: block.parameters.table.pop(name).values[0] for name in tied}
    for item in items:
        item.change(replacing(values))


def _is_tied(code: Any, compared: Set[str], by_key: Mapping[str, BlockClass], names: Set[str]) -> bool:
    """Whether the code of a class uses parameters other than by passing them on."""
    if names & compared:
        return True
    if any(names & names_in(symbol.form) and str(symbol) not in names for symbol in symbols(code)):
        return True
    for call in calls(code):
        inner = by_key.get(call.target)
        handed = {name for name, argument in call.keywords if flat(argument) in names}
        if inner is not None and handed and _is_tied(inner.constructor(), inner.compared, by_key, handed):
            return True
    return False
