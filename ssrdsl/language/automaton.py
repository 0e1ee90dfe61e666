"""The automaton: runs the tables of the grammar over tokens, and makes a node at every reduction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import cast

from ssrdsl.language import syntax
from ssrdsl.language.build import Builder, Part
from ssrdsl.language.diagnostics import Diagnostic, DiagnosticError, Label
from ssrdsl.language.lexer import Token
from ssrdsl.language.source import Span
from ssrdsl.language.tables import END, Tables, load_tables

MAX_DEPTH = 100


@dataclass(slots=True)
class Unexpected(Exception):
    """A token that the automaton cannot take in its present state."""

    token: Token


@dataclass(slots=True)
class Automaton:
    """A stack of states, and beside it the parts read so far with the depths of their trees.

    The parts of a rule that makes no node of its own stay a list, until a rule that makes one takes them in.
    """

    builder: Builder
    tables: Tables = field(default_factory=load_tables)
    states: list[int] = field(default_factory=lambda: [0])
    parts: list[Part | list[Part]] = field(default_factory=list)
    depths: list[int] = field(default_factory=list)

    def run(self, tokens: Iterable[Token]) -> syntax.File:
        """The tree of a whole file; `tokens` end in one of kind `END`. Raises `Unexpected`, `DiagnosticError`."""
        for token in tokens:
            self.feed(token)
        return cast(syntax.File, self.parts[-1])

    def feed(self, token: Token) -> None:
        """Takes a token, after the reductions that it asks for."""
        rows, states, kind = self.tables.actions, self.states, token.kind
        while True:
            action = rows[states[-1]].get(kind)
            if action is None:
                if kind == END and states[-1] == self.tables.accepting:
                    return
                raise Unexpected(token)
            if action >= 0:
                states.append(action)
                self.parts.append(token)
                self.depths.append(0)
                return
            self._reduce(-action - 1)

    def _reduce(self, number: int) -> None:
        origin, length = self.tables.rules[number]
        states, hidden = self.states, origin.startswith("_")
        if hidden and length == 1:
            states[-1] = self.tables.gotos[states[-2]][origin]
            return
        cut = len(states) - length
        parts = _flat(self.parts[cut - 1 :])
        depth = max(self.depths[cut - 1 :], default=0)
        del states[cut:], self.parts[cut - 1 :], self.depths[cut - 1 :]
        if hidden:
            self.parts.append(parts)
        else:
            depth += 1
            if depth > MAX_DEPTH:
                raise DiagnosticError((self._too_deep(parts),))
            self.parts.append(self.builder.build(origin, parts))
        self.depths.append(depth)
        states.append(self.tables.gotos[states[-1]][origin])

    def _too_deep(self, parts: list[Part]) -> Diagnostic:
        first = parts[0]
        start = first.start if isinstance(first, Token) else first.span.start
        label = Label(Span(self.builder.source, start, start + 1), "begins here")
        help = "give the inner parts names of their own; a long sum is `sum([...])`"
        return Diagnostic("E0110", f"more than {MAX_DEPTH} expressions inside one another", label, help=help)


def _flat(parts: list[Part | list[Part]]) -> list[Part]:
    flat: list[Part] = []
    for part in parts:
        if type(part) is list:
            flat += part
        else:
            flat.append(cast(Part, part))
    return flat
