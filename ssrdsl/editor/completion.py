"""What could be written at the cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from ssrdsl.editor.context import Context, context_at, string_at
from ssrdsl.editor.imports import exported, primitives
from ssrdsl.editor.keywords import ABOUT
from ssrdsl.editor.names import Kind, Symbol
from ssrdsl.editor.reading import Reading, moved
from ssrdsl.editor.settings import settings
from ssrdsl.editor.signatures import about, parameters, signature
from ssrdsl.editor.wording import shortened
from ssrdsl.language.layout import CLOSING, OPENING
from ssrdsl.operators.definition import Shape
from ssrdsl.space.elaborate import Reader
from ssrdsl.space.elaborate.modules import LIBRARIES, library_file
from ssrdsl.space.elaborate.requirements import COSTS


class Other(StrEnum):
    """What is offered besides the names of the file."""

    KEYWORD = "keyword"
    SETTING = "setting"
    LIBRARY = "library"
    FILE = "file"
    EXTENT = "extent"


class Proposal(NamedTuple):
    """Something that could stand at the cursor: `text` replaces what lies between `start` and the cursor."""

    name: str
    kind: Kind | Other
    text: str
    start: int
    detail: str = ""
    about: str = ""


Files = Callable[[], Iterable[str]]
"""Gives the names of the files that a `use` could name."""


def complete(reading: Reading, offset: int, read: Reader, files: Files = tuple) -> list[Proposal]:
    """What could be written at an offset, the likeliest first."""
    context = context_at(reading.source, offset)
    if context is None:
        return list(_in_string(reading, offset, files))
    found: dict[str, Proposal] = {}
    for proposal in _proposals(reading, context, read):
        if _fits(proposal.name, context.word):
            found.setdefault(proposal.text, proposal)
    return list(found.values())


def _fits(name: str, word: str) -> bool:
    """Whether the letters of a word occur in a name in their order: editors sort by how well it fits."""
    letters = iter(name.lower())
    return all(letter in letters for letter in word.lower())


def _in_string(reading: Reading, offset: int, files: Files) -> Iterator[Proposal]:
    written = string_at(reading.source, offset)
    line, column = reading.source.position(offset)
    if written is not None and reading.source.line(line)[: column - 1].lstrip().startswith("use"):
        for name in files():
            yield Proposal(name, Other.FILE, name, offset - len(written))


def _proposals(reading: Reading, context: Context, read: Reader) -> Iterator[Proposal]:
    situation, start = context.situation, context.start
    previous = situation.previous.kind
    if situation.place == "search":
        yield from _settings(context)
    elif previous == ".":
        yield from (Proposal(name, Other.EXTENT, name, start, "of a tensor") for name in Shape._fields)
        return
    elif _is_use(context):
        yield from _used(context, read)
        return
    if previous in ("(", ",") and context.call is not None:
        yield from _parameters(reading, context)
    words = [Proposal(word, Other.KEYWORD, word, start, about=ABOUT[word]) for word in context.words]
    if situation.at_statement:
        yield from words
    if context.takes_value:
        yield from _values(reading, context)
    yield from words


# Names


def _visible(reading: Reading, offset: int) -> dict[str, Symbol]:
    if reading.tree is None:
        return primitives()
    return reading.tree.names.visible(moved(offset, reading.source, reading.tree.source))


def _values(reading: Reading, context: Context) -> Iterator[Proposal]:
    """The names of the file, the nearest first, then those of other files, operators and functions."""
    visible = _visible(reading, context.start)
    own, used, known = list[Symbol](), list[Symbol](), list[Symbol]()
    for symbol in visible.values():
        here = symbol.span is not None and symbol.span.source.name == reading.source.name
        (known if symbol.span is None else own if here else used).append(symbol)
    if any(token.kind == "require" for token in context.situation.statement):
        yield from (Proposal(name, Kind.COST, name, context.start) for name in COSTS)
    for symbol in (*reversed(own), *used, *known):
        yield Proposal(symbol.name, symbol.kind, symbol.name, context.start, _detail(symbol), about(symbol))


def _detail(symbol: Symbol) -> str:
    line = signature(symbol)
    if line is None and symbol.node is not None:
        line = shortened(symbol.node.span.text) if symbol.kind in (Kind.BINDING, Kind.PARAMETER, Kind.INPUT) else None
    return line or str(symbol.kind)


def _parameters(reading: Reading, context: Context) -> Iterator[Proposal]:
    """The parameters of what is being called that have not been given."""
    call = context.call
    callee = _visible(reading, context.start).get(call[0].text) if call is not None else None
    if call is None or callee is None:
        return
    positions, names = _given(context, call[1])
    known = parameters(callee)
    taken = {parameter.name for parameter in [p for p in known if p.positional][:positions]} | names
    for parameter in known:
        if parameter.name not in taken:
            text = f"{parameter.name}="
            yield Proposal(text, Kind.PARAMETER, text, context.start, parameter.text, parameter.about)


def _given(context: Context, first: int) -> tuple[int, set[str]]:
    """The arguments of a call before the cursor: how many by position, and the names of the others."""
    tokens = context.situation.tokens[first : context.situation.index]
    depth, arguments, names = 0, 0, set[str]()
    begins = True
    for place, token in enumerate(tokens):
        if begins:
            arguments += 1
            if token.kind == "NAME" and place + 1 < len(tokens) and tokens[place + 1].kind == "=":
                names.add(token.text)
        depth += (token.kind in OPENING) - (token.kind in CLOSING)
        begins = depth == 0 and token.kind == ","
    return arguments - len(names), names


# Settings and libraries


def _settings(context: Context) -> Iterator[Proposal]:
    """The settings of a search, behind what has been written of their dotted name."""
    situation = context.situation
    place = situation.index
    while place and situation.tokens[place - 1].kind in ("NAME", "input", "."):
        place -= 1
    path = situation.tokens[place : situation.index]
    if situation.tokens[place - 1].kind not in ("{", "_NEWLINE"):
        return
    written = "".join(token.text for token in path)
    for setting in settings():
        if setting.name.startswith(written):
            rest = setting.name[len(written) :]
            yield Proposal(rest, Other.SETTING, rest, context.start, setting.detail, setting.about)


def _is_use(context: Context) -> bool:
    statement = context.situation.statement
    return bool(statement) and statement[0].kind == "use" and not context.takes_value


def _used(context: Context, read: Reader) -> Iterator[Proposal]:
    """What can be used, and what of it can be rebound."""
    situation, start = context.situation, context.start
    if situation.previous.kind == "use":
        yield from (Proposal(name, Other.LIBRARY, name, start) for name in LIBRARIES)
    elif situation.accepts("with"):
        yield Proposal("with", Other.KEYWORD, "with", start, about=ABOUT["with"])
    elif context.takes_name and situation.statement[1].text in LIBRARIES:
        for symbol in exported(library_file(situation.statement[1].text), read).values():
            yield Proposal(symbol.name, symbol.kind, symbol.name, start, _detail(symbol), about(symbol))
