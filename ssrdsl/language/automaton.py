"""The automaton: runs the tables of the grammar over tokens, and makes a node at every reduction."""

from __future__ import annotations

from collections.abc import Collection, Iterable
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
        rows, gotos, passing = self.tables.actions, self.tables.gotos, self.tables.passing
        states, kind = self.states, token.kind
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
            origin = passing[-action - 1]
            if origin:
                states[-1] = gotos[states[-2]][origin]
            else:
                self._reduce(-action - 1)

    def _reduce(self, number: int) -> None:
        origin, length = self.tables.rules[number]
        states, hidden = self.states, origin.startswith("_")
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

    def accepts(self, kind: str) -> bool:
        """Whether a token of a kind could come next."""
        kept, above = len(self.states), list[int]()  # the stack as reductions would leave it, without copying it
        while True:
            state = above[-1] if above else self.states[kept - 1]
            action = self.tables.actions[state].get(kind)
            if action is None or action >= 0:
                return action is not None or (kind == END and state == self.tables.accepting)
            origin, length = self.tables.rules[-action - 1]
            kept -= max(0, length - len(above))
            del above[max(0, len(above) - length) :]
            state = above[-1] if above else self.states[kept - 1]
            above.append(self.tables.gotos[state][origin])

    def state_behind(self, token: Token) -> int | None:
        """The state into which a token led that is not yet part of a node; None where there is no such token."""
        for place in range(len(self.parts) - 1, -1, -1):
            if self.parts[place] is token:
                return self.states[place + 1]
        return None

    def abandon(self, rules: Collection[str], broken: Token) -> Token | None:
        """Goes back to where one of some rules could begin, and on as if it had been read as `broken`.

        Returns the token before it, None at the beginning of the file.
        """
        rule = self._beginning(rules)
        while rule is None:
            self.states.pop()
            self.parts.pop()
            self.depths.pop()
            rule = self._beginning(rules)
        before = self.parts[-1] if self.parts else None
        self.states.append(self.tables.gotos[self.states[-1]][rule])
        self.parts.append([broken])
        self.depths.append(0)
        return before if isinstance(before, Token) else None

    def _beginning(self, rules: Collection[str]) -> str | None:
        gotos = self.tables.gotos[self.states[-1]]
        return next((rule for rule in rules if rule in gotos), None)

    def _too_deep(self, parts: list[Part]) -> Diagnostic:
        first = parts[0]
        start = first.start if isinstance(first, Token) else first.span.start
        label = Label(Span(self.builder.source, start, start + 1), "begins here")
        help = "give the inner parts names of their own; a long sum is `sum([...])`"
        return Diagnostic("E0110", f"more than {MAX_DEPTH} expressions inside one another", label, help=help)


def _flat(parts: list[Part | list[Part]]) -> list[Part]:
    """The parts one after the other. A list at their head takes in the rest, so that long lists are not copied."""
    head = parts[0] if parts else None
    flat: list[Part] = head if type(head) is list else []
    for part in parts[1:] if flat is head else parts:
        if type(part) is list:
            flat += part
        else:
            flat.append(cast(Part, part))
    return flat
