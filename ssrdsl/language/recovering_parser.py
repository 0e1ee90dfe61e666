"""Lark's interactive parser, fed with our tokens, which skips statements with mistakes and continues after them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

from lark import UnexpectedToken
from lark.parsers.lalr_interactive_parser import InteractiveParser

from ssrdsl.language.diagnostics import DiagnosticError
from ssrdsl.language.grammar import BROKEN, END, Branch, TooDeep, grammar, type_of
from ssrdsl.language.layout import CLOSING, NEWLINE, OPENING
from ssrdsl.language.lexer import Token
from ssrdsl.language.source import Source


def read_tree(tokens: Iterable[Token], source: Source) -> Branch:
    """Lark's tree of a file; the last of its `tokens` is of kind `END`.

    Raises `UnexpectedToken`, and `DiagnosticError` if expressions are nested too deeply.
    """
    parser, tree = grammar().parse_interactive(), None
    for token in tokens:
        tree = _feed(parser, token, source)
    return cast(Branch, tree)


@dataclass(slots=True)
class _OpenBracket:
    """An open bracket (None: the file), the rules that can follow it, and the start of the latest statement in it."""

    bracket: Token | None
    rules: Collection[str]
    statement: _Start | None


@dataclass(frozen=True, slots=True)
class _Start:
    """The start of a statement: the index of its first token, the tokens kept before it, and the parser there."""

    index: int
    kept: int
    parser: InteractiveParser


@dataclass(slots=True)
class RecoveringParser:
    """A parser that skips statements with syntax errors.

    `kept` are the tokens read so far, with a token of kind `BROKEN` in place of each skipped statement. `read_tree`
    builds trees from them: the values of this parser are not valid, since its copies share them.
    """

    source: Source
    kept: list[Token] = field(default_factory=list, init=False)
    _parser: InteractiveParser = field(default_factory=lambda: grammar().parse_interactive(), init=False)
    _levels: list[_OpenBracket] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self._levels.append(_OpenBracket(None, (), _Start(0, 0, self._parser)))

    @property
    def at_end(self) -> bool:
        """Whether the end of the file has been read."""
        return bool(self.kept) and self.kept[-1].kind == END

    def accepts(self, kind: str) -> bool:
        """Whether a token of a kind could come next."""
        return type_of(kind) in self._parser.accepts()

    def rules_after(self, token: Token) -> Collection[str]:
        """The rules that can follow an open bracket; none if it belongs to a statement that was skipped."""
        return next((level.rules for level in self._levels if level.bracket is token), ())

    def read(self, tokens: Sequence[Token]) -> Iterator[int]:
        """Read tokens; yield the index of each unexpected one, before the statement around it is skipped."""
        index, stuck = 0, -1
        while index < len(tokens):
            if self._take(tokens[index], index):
                index += 1
            else:
                yield index
                index = self._skip_statement(tokens, index) if index != stuck else index + 1
                stuck = index

    def _take(self, token: Token, index: int) -> bool:
        """Read a token if it is expected; return whether it is. An unexpected one changes nothing."""
        # A copy, since an unexpected token may cause reductions after which fewer tokens are expected.
        parser = self._parser.copy(deepcopy_values=False)
        try:
            _feed(parser, token, self.source)
        except UnexpectedToken:
            return False
        self._parser = parser
        self.kept.append(token)
        following = parser.choices() if token.kind != END else {}
        if token.kind in OPENING:
            self._levels.append(_OpenBracket(token, following, None))
        elif token.kind in CLOSING:
            self._levels.pop()
        if type_of(BROKEN) in following:
            self._levels[-1].statement = _Start(index + 1, len(self.kept), parser)
        return True

    def _skip_statement(self, tokens: Sequence[Token], index: int) -> int:
        """Skip the statement around a token; return the index of the token after that statement."""
        while (start := self._levels[-1].statement) is None:
            self._levels.pop()
        self._parser = start.parser.copy(deepcopy_values=False)
        self.kept[start.kept :] = [Token(BROKEN, "", tokens[start.index].start, tokens[start.index].start)]
        self._parser.feed_token(self.kept[-1])
        depth = 0
        for place in range(start.index, len(tokens)):
            kind = tokens[place].kind
            if place >= index and (kind == END or (depth == 0 and (kind in CLOSING or _ends(tokens, place)))):
                return place
            depth += (kind in OPENING) - (kind in CLOSING)
        return len(tokens)


def _feed(parser: InteractiveParser, token: Token, source: Source) -> Branch | None:
    """Feed a token; return the tree of the file if it was the last one."""
    try:
        return cast(Branch | None, parser.feed_token(token))
    except TooDeep as error:
        raise DiagnosticError((error.diagnostic(source),)) from None


def _ends(tokens: Sequence[Token], place: int) -> bool:
    """Whether a statement ends at a token; a brace at the start of the next line belongs to the header before it."""
    return tokens[place].kind == NEWLINE and (place + 1 == len(tokens) or tokens[place + 1].kind != "{")
