"""The hover text for the name, keyword or set under the cursor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import NamedTuple

from ssrdsl.editor.analysis import Analysis
from ssrdsl.editor.place import place_of
from ssrdsl.editor.tokens import token_at
from ssrdsl.editor.words.keywords import ABOUT
from ssrdsl.editor.words.settings import setting_named
from ssrdsl.editor.words.signatures import about, header, parameters, signature
from ssrdsl.editor.words.wording import code, items, number_text, shortened
from ssrdsl.language import syntax
from ssrdsl.language.lexer import Token
from ssrdsl.language.source import Span
from ssrdsl.space.binding.files import LIBRARIES, library_file
from ssrdsl.space.binding.occurrences import Occurrence
from ssrdsl.space.binding.symbols import SymbolKind
from ssrdsl.space.size import configurations

_COSTS = {
    "macs": "Multiply-accumulate operations for one image, in convolutions and linear layers.",
    "parameters": "Number of trainable parameters.",
}
_NOUNS = {
    SymbolKind.TENSOR: "an input of the block",
    SymbolKind.OUTPUT: "an output of the network",
    SymbolKind.HEAD: "an output for training only",
    SymbolKind.COST: "a cost of the network",
}


class Hover(NamedTuple):
    """A Markdown text and the span of the source that it describes."""

    span: Span
    text: str


def hover(analysis: Analysis, offset: int) -> Hover | None:
    """The hover at an offset, None if there is nothing to show."""
    token = token_at(analysis.source, offset)
    if token is None:
        return None
    parts = list(_texts(analysis, token))
    return Hover(token.span(analysis.source), "\n\n".join(parts)) if parts else None


def is_about_size(analysis: Analysis, offset: int) -> bool:
    """Whether the hover at an offset shows the number of architectures, once it has been counted."""
    occurrence = analysis.reading.occurrence(offset)
    about_space = occurrence is not None and occurrence.symbol.kind is SymbolKind.SPACE
    return about_space and analysis.meaning is not None and analysis.architectures is None


def _texts(analysis: Analysis, token: Token) -> Iterator[str]:
    occurrence = analysis.reading.occurrence(token.start) if token.kind == "NAME" else None
    place = None if analysis.meaning is None else place_of(token, analysis.source, analysis.meaning)
    if occurrence is not None and occurrence.symbol.name == token.text:
        yield from _of_symbol(occurrence)
        if occurrence.symbol.kind is SymbolKind.SPACE:
            yield from _of_space(analysis)
        elif place is not None:
            yield from place.of_name()
        return
    match analysis.reading.nodes(token.start):
        case [*_, syntax.Setting(path=path)]:
            yield from _of_setting(".".join(path))
        case [*_, syntax.Call(function=function), syntax.Argument(name=token.text)]:
            yield from _of_argument(analysis, function, token.text)
        case [*_, syntax.Use(target=token.text, library=True)]:
            yield from _of_library(token.text)
        case _ if token.kind in ABOUT:
            yield ABOUT[token.kind]
    if place is not None:
        yield from place.of_others()


# Names


def _of_symbol(occurrence: Occurrence) -> Iterator[str]:
    symbol = occurrence.symbol
    line = signature(symbol)
    yield _introduction(occurrence) if line is None else code(line)
    if words := about(symbol) or (_COSTS[symbol.name] if symbol.kind is SymbolKind.COST else ""):
        yield words
    if symbol.span is not None and symbol.span.source != occurrence.span.source:
        yield f"from `{PurePath(symbol.span.source.name.strip('<>')).name}`"


def _introduction(occurrence: Occurrence) -> str:
    """The binding of a name that has no signature."""
    symbol = occurrence.symbol
    match symbol.node:
        case syntax.Parameter() as parameter:
            owner = next((binder.owner for binder in occurrence.binders if binder.owner is not None), None)
            return code(parameter.span.text) + ("" if owner is None else f"\n\na parameter of `{header(owner)}`")
        case syntax.Binding() | syntax.Rebinding() | syntax.Input():
            return code(shortened(symbol.node.span.text))
        case syntax.For(values=values) | syntax.Comprehension(values=values):
            return f"`{symbol.name}` iterates over `{shortened(values.span.text)}`"
        case syntax.ChooseOver(domains=domains):
            values = next(domain.values for domain in domains if any(n.name == symbol.name for n in domain.names))
            return f"`{symbol.name}` is chosen from `{shortened(values.span.text)}`"
    return f"`{symbol.name}`: {_NOUNS.get(symbol.kind, str(symbol.kind))}"


def _of_space(analysis: Analysis) -> Iterator[str]:
    if analysis.meaning is None:
        return
    graph = analysis.meaning.graph
    if not graph.decisions:
        yield f"no decisions: one network of {len(graph):,} nodes"
        return
    count = analysis.architectures
    uncounted = "not counted yet" if count is None else f"not counted: {count}" if isinstance(count, str) else None
    yield items([
        f"architectures: {uncounted or number_text(int(count or 0))}",
        f"configurations: {number_text(configurations(graph))}",
        f"decisions: {len(graph.decisions):,}",
        f"nodes: {len(graph):,}",
    ])  # fmt: skip


# Settings, arguments and libraries


def _of_setting(name: str) -> Iterator[str]:
    setting = setting_named(name)
    if setting is not None:
        yield code(setting.name)
        yield f"{setting.about}\n\n{setting.detail}"


def _of_argument(analysis: Analysis, function: syntax.Expression, name: str) -> Iterator[str]:
    """The name of an argument of an operator: `dilation` of `conv`."""
    module = analysis.reading.module
    callee = None if module is None else module.names.at(function.span.start)
    if callee is None:
        return
    for parameter in parameters(callee.symbol):
        if parameter.name == name:
            yield code(parameter.text)
            yield f"a parameter of `{signature(callee.symbol)}`"
            yield from [parameter.about] if parameter.about else []


def _of_library(name: str) -> Iterator[str]:
    """The blocks that `use std` imports."""
    if name in LIBRARIES:
        blocks = [item for item in library_file(name).items if isinstance(item, syntax.Block)]
        yield items([f"`{header(block).removeprefix('block ')}`: {block.comment}" for block in blocks])
