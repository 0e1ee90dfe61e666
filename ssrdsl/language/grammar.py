"""Lark's objects for `grammar.lark`: the parser, its trees, its terminals and the reserved words."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

from lark import Lark, Token, Tree
from lark.lexer import TerminalDef

from ssrdsl.language.diagnostics import Diagnostic, Label
from ssrdsl.language.layout import NewlineFilter
from ssrdsl.language.source import Source, Span

END = "$END"
"""The name of the end of a text in Lark."""

BROKEN = "_BROKEN"
"""A statement that was skipped because of a mistake in it."""


MAX_DEPTH = 100
"""The limit on the nesting of a file, so that functions over trees can be recursive."""


@dataclass(slots=True)
class TooDeep(Exception):
    """More than `MAX_DEPTH` levels of nested nodes."""

    tree: Branch

    def diagnostic(self, source: Source) -> Diagnostic:
        """The error to report."""
        start = next(self.tree.scan_values(lambda part: isinstance(part, Token))).start_pos
        label = Label(Span(source, start, start + 1), "begins here")
        help = "bind inner parts to names; write a long sum as `sum([...])`"
        return Diagnostic("E0110", f"more than {MAX_DEPTH} levels of nested expressions", label, help=help)


class Branch(Tree[Any]):
    """Lark's tree of a rule, which raises an error if it gets too deep.

    Rules that begin with an underscore make no nodes: Lark puts their parts in their place.
    """

    depth: int

    def __init__(self, data: str, children: list[Any]) -> None:
        super().__init__(data, children)
        if not data.startswith("_"):
            self.depth = 1 + max((child.depth for child in children if isinstance(child, Branch)), default=0)
            if self.depth > MAX_DEPTH:
                raise TooDeep(self)


@cache
def grammar() -> Lark:
    """Lark's parser of the language.

    Lark caches it in the directory of the compiled modules, and computes it again after changes of the grammar.
    """
    cached = Path(cache_from_source(__file__)).with_suffix(".lark")
    cache: Any = False if sys.dont_write_bytecode else str(cached)
    return _lark(parser="lalr", postlex=NewlineFilter(kind_of), cache=cache)


@cache
def lexer() -> Lark:
    """Lark's lexer of the language, without layout."""
    return _lark(parser=None)


def _lark(**options: Any) -> Lark:
    return Lark(
        Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8"),
        lexer="basic",
        start="file",
        keep_all_tokens=True,
        maybe_placeholders=False,
        tree_class=Branch,
        **options,
    )


@cache
def terminals() -> dict[str, TerminalDef]:
    """The terminals by kind: the spelling if there is only one (`->`, `choose`), otherwise the name (`NUMBER`)."""
    return {
        terminal.pattern.value if terminal.pattern.type == "str" else terminal.name: terminal
        for terminal in grammar().terminals
    }


def type_of(kind: str) -> str:
    """Lark's name of the tokens of a kind."""
    return terminals()[kind].name if kind in terminals() else kind


@cache
def _kinds() -> dict[str, str]:
    return {terminal.name: kind for kind, terminal in terminals().items()}


def kind_of(token: Token) -> str:
    """The kind of a token."""
    return _kinds().get(token.type, token.type)


@cache
def keywords() -> frozenset[str]:
    """The reserved words."""
    return frozenset(kind for kind in terminals() if kind.isalpha() and kind.islower())
