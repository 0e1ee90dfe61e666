"""The automaton: Lark's parser of the grammar at a place in a file, and how it goes on behind a mistake."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import lark
from lark import UnexpectedToken
from lark.parsers.lalr_interactive_parser import InteractiveParser
from lark.parsers.lalr_parser_state import ParseConf, ParserState

from ssrdsl.language.depth import MAX_DEPTH, Branch, TooDeep
from ssrdsl.language.diagnostics import Diagnostic, DiagnosticError, Label
from ssrdsl.language.grammar import END, grammar
from ssrdsl.language.layout import CLOSING, NEWLINE, OPENING
from ssrdsl.language.lexer import Token
from ssrdsl.language.source import Source, Span

# Where reading can go on behind a mistake: at what may stand on a line of its own.
_STATEMENTS = ("statement", "space_statement", "setting", "item")


@dataclass(slots=True)
class Automaton:
    """Lark's parser of a source, with a stack of what it has read so far: tokens, and trees of whole rules.

    `tree` is that of the whole file, once its end has been read.
    """

    source: Source
    tree: Branch | None = field(default=None, init=False)
    _parser: InteractiveParser = field(default_factory=lambda: grammar().parse_interactive())

    def run(self, tokens: Iterable[Token]) -> Branch:
        """The tree of a whole file; `tokens` end in one of kind `END`. Raises `UnexpectedToken`, `DiagnosticError`."""
        for token in tokens:
            self.feed(token)
        return cast(Branch, self.tree)

    def feed(self, token: Token) -> None:
        """Takes a token. Raises `UnexpectedToken`, `DiagnosticError`."""
        try:
            self.tree = cast(Branch | None, self._parser.feed_token(cast(lark.Token, token)))
        except TooDeep as error:
            raise DiagnosticError((self._too_deep(error.tree),)) from None

    def accepts(self, kind: str) -> bool:
        """Whether a token of a kind could come next."""
        token = Token(kind, "", 0, 0)
        if token.type not in self._row(-1):
            return False
        state = self._parser.parser_state
        conf = ParseConf(state.parse_conf.parse_table, {}, state.parse_conf.start)
        trial = ParserState(conf, state.lexer, state.state_stack.copy())
        try:
            trial.feed_token(cast(lark.Token, token), is_end=kind == END)
        except UnexpectedToken:
            return False
        return True

    def rules_behind(self, token: Token) -> Collection[str]:
        """The rules that could begin behind a token; none where it is a part of a whole rule already."""
        values = self._parser.parser_state.value_stack
        place = next((place for place in range(len(values) - 1, -1, -1) if values[place] is token), None)
        return () if place is None else self._row(place + 1)

    def read(self, tokens: Sequence[Token]) -> Iterator[int]:
        """Takes tokens, and yields the index of each that does not fit before it gives up the statement around it.

        The tree is that of the statements that were not given up.
        """
        index, stuck = 0, -1
        while index < len(tokens):
            # Asked first, since a token that does not fit may lead to reductions that hide what would have.
            if self.accepts(tokens[index].kind):
                self.feed(tokens[index])
                index += 1
            else:
                yield index
                index = self._pass_over(tokens, index) if index != stuck else index + 1
                stuck = index

    def _pass_over(self, tokens: Sequence[Token], index: int) -> int:
        """Gives up the statement around a token, and returns the index of the token behind that statement."""
        before = self._abandon()
        start = index
        while start > 0 and tokens[start - 1] is not before:
            start -= 1
        depth = 0
        for place in range(start, len(tokens)):
            kind = tokens[place].kind
            if place >= index and (kind == END or (depth == 0 and (kind in CLOSING or _ends(tokens, place)))):
                return place
            depth += (kind in OPENING) - (kind in CLOSING)
        return len(tokens)

    def _abandon(self) -> Token | None:
        """Goes back to where a statement could begin, and on as if one had been read.

        Returns the token before it, None at the beginning of the file.
        """
        states, values = self._parser.parser_state.state_stack, self._parser.parser_state.value_stack
        while not (rules := [rule for rule in _STATEMENTS if rule in self._row(-1)]):
            states.pop()
            values.pop()
        before = values[-1] if values else None
        states.append(self._row(-1)[rules[0]][1])
        values.append(Token(NEWLINE, "", 0, 0))
        return before if isinstance(before, Token) else None

    def _row(self, place: int) -> dict[str, Any]:
        """What Lark's table says of a state on the stack: an action for every terminal and rule that can follow."""
        state = self._parser.parser_state
        return cast(dict[str, Any], state.parse_conf.states[state.state_stack[place]])

    def _too_deep(self, tree: Branch) -> Diagnostic:
        start = next(tree.scan_values(lambda part: isinstance(part, Token))).start
        label = Label(Span(self.source, start, start + 1), "begins here")
        help = "give the inner parts names of their own; a long sum is `sum([...])`"
        return Diagnostic("E0110", f"more than {MAX_DEPTH} expressions inside one another", label, help=help)


def _ends(tokens: Sequence[Token], place: int) -> bool:
    """Whether a statement ends at a token; a brace at the start of the next line belongs to the header before it."""
    return tokens[place].kind == NEWLINE and (place + 1 == len(tokens) or tokens[place + 1].kind != "{")
