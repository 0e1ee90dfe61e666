"""Symbols: the meaning of names, and where the text binds them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from ssrdsl.language import syntax
from ssrdsl.language.source import Span


class SymbolKind(StrEnum):
    """What a name stands for."""

    OPERATOR = "operator"
    FUNCTION = "function"
    SPACE = "space"
    BLOCK = "block"
    PARAMETER = "parameter"
    INPUT = "input"
    TENSOR = "tensor"
    BINDING = "binding"
    VARIABLE = "variable"
    OUTPUT = "output"
    HEAD = "auxiliary head"
    COST = "cost"


@dataclass(frozen=True, slots=True)
class Symbol:
    """What a name stands for, wherever it occurs: known by the place where it is first bound.

    `span` is the name at that place, None for operators and functions; `node` is what binds it there.
    """

    name: str
    kind: SymbolKind
    span: Span | None = None
    node: syntax.Node | None = field(default=None, compare=False, repr=False)


def block_symbol(block: syntax.Block) -> Symbol:
    """The symbol of a block."""
    return Symbol(block.name, SymbolKind.BLOCK, block.name_span or block.span, block)


def parameter_symbol(parameter: syntax.Parameter) -> Symbol:
    """The symbol of a parameter of a block or space."""
    return Symbol(parameter.name, SymbolKind.PARAMETER, leading(parameter.span, parameter.name), parameter)


def leading(span: Span, name: str) -> Span:
    """The span of a name with which another span begins."""
    return Span(span.source, span.start, span.start + len(name))


def name_behind(span: Span, word: str, name: str) -> Span:
    """The span of a name after the keyword at the beginning of a span, such as `space` or `input`."""
    found = re.compile(rf"{word}[ \t\f\r]*({name})").match(span.source.text, span.start)
    return span if found is None else Span(span.source, *found.span(1))
