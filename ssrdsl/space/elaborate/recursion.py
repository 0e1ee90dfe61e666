"""Recursive blocks, directly or through others, found in the text before anything is built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import NoReturn

from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import Label
from ssrdsl.language.walk import walk
from ssrdsl.space.elaborate.faults import fail


def refuse_recursion(blocks: Mapping[str, syntax.Block]) -> None:
    """Fails at a block of the file that uses itself."""
    uses = {name: [used for used in _used(block) if used in blocks] for name, block in blocks.items()}
    try:
        TopologicalSorter(uses).prepare()
    except CycleError as error:
        _refuse(error.args[1][::-1], blocks)


def _refuse(names: Sequence[str], blocks: Mapping[str, syntax.Block]) -> NoReturn:
    """Fails at a circle of blocks, each of which uses the next; the last is the first."""
    first = blocks[names[0]]
    fail(
        "E0303",
        f"block `{first.name}` uses itself",
        first.name_span or first.span,
        secondary=tuple(
            Label(blocks[name].name_span or blocks[name].span, f"through `{name}`") for name in names[1:-1]
        ),
        notes=(" -> ".join(names),),
        help="recursion is not supported; use `repeat` or `for`",
    )


def _used(block: syntax.Block) -> Iterator[str]:
    """The names that a block uses and does not bind itself."""
    _, *inside = walk(block)
    bound = {parameter.name for parameter in block.parameters} | {name.name for name in block.inputs}
    for node in inside:
        if isinstance(node, (syntax.Binding, syntax.For, syntax.Comprehension, syntax.Domain)):
            bound |= {name.name for name in node.names}
        elif isinstance(node, syntax.Block):
            bound.add(node.name)
    return (node.name for node in inside if isinstance(node, syntax.Name) and node.name not in bound)
