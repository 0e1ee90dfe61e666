"""Duplicate names in one scope, and recursive blocks: both are found before evaluation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import NoReturn

from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import Label
from ssrdsl.language.source import Span
from ssrdsl.language.walk import walk
from ssrdsl.space.binding.occurrences import Names
from ssrdsl.space.faults import fail

UNUSED = "_"
"""The name of unused values: `first, _, _ = split(16, 3)`."""

NamedSpan = tuple[str, Span]


def refuse_clashes(file: syntax.File) -> None:
    """Raise an error for a duplicate name among parameters, inputs, outputs, targets or the blocks of a body."""
    for node in walk(file):
        for names in _together(node):
            _refuse_twice(names)


def _together(node: syntax.Node) -> Iterator[Iterable[NamedSpan]]:
    """Groups of names that must be distinct."""
    match node:
        case syntax.Block(parameters=parameters, inputs=inputs):
            yield [*_parameters(parameters), *_names(inputs)]
        case syntax.Space(parameters=parameters, body=syntax.Suite(statements=statements)):
            yield [
                *_parameters(parameters),
                *((s.name, _line(s)) for s in statements if isinstance(s, syntax.Input)),
            ]
            yield [(s.name, _line(s)) for s in statements if isinstance(s, syntax.Output) if s.name]
        case syntax.Suite(statements=statements):
            yield _blocks(statements)
        case syntax.Binding(names=names) | syntax.For(names=names) | syntax.Comprehension(names=names):
            yield _names(names)
        case syntax.ChooseOver(domains=domains):
            yield [given for domain in domains for given in _names(domain.names)]


def _parameters(parameters: Iterable[syntax.Parameter]) -> Iterator[NamedSpan]:
    return ((parameter.name, parameter.span) for parameter in parameters)


def _names(names: Iterable[syntax.Name]) -> Iterator[NamedSpan]:
    return ((name.name, name.span) for name in names if name.name != UNUSED)


def _blocks(statements: Iterable[syntax.Statement]) -> Iterator[NamedSpan]:
    return ((s.name, s.name_span) for s in statements if isinstance(s, syntax.Block))


def _line(statement: syntax.Input | syntax.Output) -> Span:
    """The span of a statement before its colon."""
    length = statement.span.text.index(":")
    return Span(statement.span.source, statement.span.start, statement.span.start + length)


def _refuse_twice(names: Iterable[NamedSpan]) -> None:
    first: dict[str, Span] = {}
    for name, span in names:
        if name in first:
            defined_twice(name, first[name], span)
        first[name] = span


def defined_twice(name: str, first: Span, second: Span) -> NoReturn:
    """Raise the error for a name that is defined twice in a scope."""
    fail("E0304", f"`{name}` is defined twice", second, secondary=(Label(first, "first defined here"),),
         help="give one of them another name")  # fmt: skip


def refuse_recursion(blocks: Mapping[str, syntax.Block], names: Names) -> None:
    """Raise an error for a block that uses itself; `names` are the names of the file."""
    try:
        TopologicalSorter({name: _used(block, blocks, names) for name, block in blocks.items()}).prepare()
    except CycleError as error:
        _refuse_circle(error.args[1][::-1], blocks)


def _used(block: syntax.Block, blocks: Mapping[str, syntax.Block], names: Names) -> list[str]:
    """The blocks used by a block."""
    found = [occurrence.symbol for occurrence in names.inside(block.span) if not occurrence.defines]
    return [symbol.name for symbol in found if symbol.node is blocks.get(symbol.name, block.body)]


def _refuse_circle(names: Sequence[str], blocks: Mapping[str, syntax.Block]) -> NoReturn:
    """Raise the error for a cycle of blocks, each of which uses the next; the last is the first."""
    first = blocks[names[0]]
    fail(
        "E0303",
        f"block `{first.name}` uses itself",
        first.name_span,
        secondary=tuple(Label(blocks[name].name_span, f"through `{name}`") for name in names[1:-1]),
        notes=(" -> ".join(names),),
        help="recursion is not supported; use `repeat` or `for`",
    )
