"""Which parameters of a space the network's constructor takes: those, such as `classes`, that may change on their own.

Such a parameter is a width that is handed on as it is, that no sum, no product and no condition compares with another,
and that has nothing to do with the size of the image.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from ssrdsl.emission.classes.block_class import BlockClass
from ssrdsl.emission.code.trees import COMPOUND, Leaf, Raw, Ternary, calls, leaves
from ssrdsl.emission.instances.network import Network
from ssrdsl.emission.symbols.symbol import Symbol
from ssrdsl.language import syntax


def candidates(network: Network) -> frozenset[str]:
    """The whole numbers among the parameters that no input's extent needs."""
    space = network.scope("")
    taken: set[str] = set()
    for statement in space.definition.statements if isinstance(space.definition, syntax.Space) else ():
        if isinstance(statement, syntax.Input):
            for extent in statement.extents:
                taken |= _meant(extent, network, set())
    values = {name: bound.value for name, bound in space.arguments.items()}
    return frozenset(n for n, v in values.items() if type(v) is int and n not in taken)


def _meant(node: Any, network: Network, seen: set[str]) -> set[str]:
    """The names on which an expression of the space depends."""
    found: set[str] = set()
    for name in _names(node):
        if name in seen:
            continue
        seen.add(name)
        found.add(name)
        bound = network.scope("").names.get(name)
        if bound is not None and bound.expression is not None:
            found |= _meant(bound.expression, network, seen)
    return found


def _names(node: Any) -> Iterator[str]:
    if isinstance(node, tuple):
        for part in node:
            yield from _names(part)
    elif isinstance(node, syntax.Name):
        yield node.name
    elif isinstance(node, syntax.Node):
        for item in fields(node):
            if item.name not in {"span", "name_span"}:
                yield from _names(getattr(node, item.name))


def independent(space: BlockClass, by_key: Mapping[str, BlockClass], names: frozenset[str]) -> frozenset[str]:
    """Those of the exposed parameters that can change on their own."""
    return frozenset(name for name in names if not _is_tied(space, by_key, {name}))


def _is_tied(made: BlockClass, by_key: Mapping[str, BlockClass], tainted: set[str]) -> bool:
    """Whether something in a class depends on parameters in another way than by handing them on."""
    constructor = tuple(made.blueprint.constructor())
    if tainted & made.draft.compared or any(tainted & set(words) for words in _conditions(constructor)):
        return True
    for leaf in leaves(constructor):
        for scalar in leaf if isinstance(leaf, tuple) else (leaf,):
            names = {a for a in scalar.form.atoms() if isinstance(a, str)} if isinstance(scalar, Symbol) else set()
            if tainted & names and scalar.form.text not in tainted:
                return True
    for call in calls(constructor):
        inner = by_key.get(call.function)
        if inner is not None:
            handed = {name for name, argument in call.keywords if _mentions(argument, tainted)}
            if handed and _is_tied(inner, by_key, handed):
                return True
    return False


def _mentions(code: Any, names: set[str]) -> bool:
    return isinstance(code, Leaf) and isinstance(code.scalar, Symbol) and code.scalar.form.text in names


def _conditions(code: Any) -> Iterator[list[str]]:
    """The words of the conditions in code."""
    if isinstance(code, Ternary):
        yield re.findall(r"\w+", code.condition)
    if isinstance(code, Raw):
        yield re.findall(r"\w+", code.text)
    if isinstance(code, tuple):
        for part in code:
            yield from _conditions(part)
    elif isinstance(code, COMPOUND):
        for item in fields(code):
            yield from _conditions(getattr(code, item.name))
