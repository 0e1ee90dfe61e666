"""Symbols: the meaning of names, and the places that bind them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from ssrdsl.language import syntax
from ssrdsl.language.source import Span


class SymbolKind(StrEnum):
    """The kinds of symbols."""

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
    """The meaning of a name, identified by the place where it is first bound.

    `span` is the name at that place, None for operators and functions; `node` is the node that binds it.
    """

    name: str
    kind: SymbolKind
    span: Span | None = None
    node: syntax.Node | None = field(default=None, compare=False, repr=False)
