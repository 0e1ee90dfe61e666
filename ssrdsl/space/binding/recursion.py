"""Recursive blocks, directly or through others, found in the text before anything is built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import NoReturn

from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import Label
from ssrdsl.space.binding.occurrences import Names
from ssrdsl.space.faults import fail


def refuse_recursion(blocks: Mapping[str, syntax.Block], names: Names) -> None:
    """Fails at a block of a file that uses itself; `names` are those of the file."""
    try:
        TopologicalSorter({name: _used(block, blocks, names) for name, block in blocks.items()}).prepare()
    except CycleError as error:
        _refuse(error.args[1][::-1], blocks)


def _used(block: syntax.Block, blocks: Mapping[str, syntax.Block], names: Names) -> list[str]:
    """The blocks that a block names."""
    found = [occurrence.symbol for occurrence in names.inside(block.span) if not occurrence.defines]
    return [symbol.name for symbol in found if symbol.node is blocks.get(symbol.name, block.body)]


def _refuse(names: Sequence[str], blocks: Mapping[str, syntax.Block]) -> NoReturn:
    """Fails at a circle of blocks, each of which uses the next; the last is the first."""
    first = blocks[names[0]]
    fail(
        "E0303",
        f"block `{first.name}` uses itself",
        first.name_span,
        secondary=tuple(Label(blocks[name].name_span, f"through `{name}`") for name in names[1:-1]),
        notes=(" -> ".join(names),),
        help="recursion is not supported; use `repeat` or `for`",
    )
