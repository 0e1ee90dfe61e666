"""Completion at the cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from ssrdsl.editor.context import CursorContext, context_at, string_at
from ssrdsl.editor.reading import Reading
from ssrdsl.editor.words.keywords import ABOUT
from ssrdsl.editor.words.settings import settings
from ssrdsl.editor.words.signatures import SignatureParameter, about, parameters, signature
from ssrdsl.editor.words.wording import shortened
from ssrdsl.language.layout import CLOSING, OPENING
from ssrdsl.language.lexer import Token
from ssrdsl.operators.definition import Shape
from ssrdsl.space.binding import Modules, Reader
from ssrdsl.space.binding.files import LIBRARIES, library_file
from ssrdsl.space.binding.symbols import Symbol, SymbolKind
from ssrdsl.space.cost import COSTS


class Other(StrEnum):
    """Kinds of proposals other than names."""

    KEYWORD = "keyword"
    SETTING = "setting"
    VALUE = "value"
    LIBRARY = "library"
    FILE = "file"
    EXTENT = "extent"


class Proposal(NamedTuple):
    """A proposal: `name` replaces the source between `start` and the cursor."""

    name: str
    kind: SymbolKind | Other
    start: int
    detail: str = ""
    about: str = ""


FileNames = Callable[[], Iterable[str]]
"""Returns the names of the files that `use` could import."""


def complete(reading: Reading, offset: int, read: Reader, files: FileNames = tuple) -> list[Proposal]:
    """Proposals at an offset, most likely first."""
    context = context_at(reading.source, offset)
    if context is None:
        return list(_in_string(reading, offset, read, files))
    found: dict[str, Proposal] = {}
    for proposal in _proposals(reading, context, read):
        if _fits(proposal.name, context.word):
            found.setdefault(proposal.name, proposal)
    return list(found.values())


def _fits(name: str, word: str) -> bool:
    """Whether the letters of a word occur in a name in this order; editors sort by similarity."""
    letters = iter(name.lower())
    return all(letter in letters for letter in word.lower())


def _in_string(reading: Reading, offset: int, read: Reader, files: FileNames) -> Iterator[Proposal]:
    """In a string: file names after `use`, and the possible values after a parameter such as `mode=`."""
    written = string_at(reading.source, offset)
    if written is None:
        return
    start = offset - len(written)
    line, column = reading.source.position(offset)
    if reading.source.line(line)[: column - 1].lstrip().startswith("use"):
        yield from (Proposal(name, Other.FILE, start) for name in files())
    elif (context := context_at(reading.source, start - 1)) is not None:
        for proposal in _proposals(reading, context, read):
            if proposal.kind is Other.VALUE and proposal.name.startswith('"'):
                text = proposal.name.strip('"')
                yield Proposal(text, Other.VALUE, start, proposal.detail)


def _proposals(reading: Reading, context: CursorContext, read: Reader) -> Iterator[Proposal]:
    grammar, start = context.grammar, context.start
    previous = grammar.previous.kind
    if grammar.place == "search":
        yield from _setting_values(reading, context) if previous == "=" else _settings(context)
        return
    if previous == ".":
        yield from (Proposal(name, Other.EXTENT, start, "of a tensor") for name in Shape._fields)
        return
    if _is_use(context):
        yield from _used(context, read)
        return
    if context.call is not None:
        known = _known(reading, context, context.call[0])
        if previous in ("(", ","):
            yield from _parameters(known, context, context.call[1])
        elif previous == "=":
            yield from _choices(known, context)
    words = [Proposal(word, Other.KEYWORD, start, about=ABOUT[word]) for word in context.words]
    if grammar.at_statement:
        yield from words
    if context.grammar.can_begin_value:
        yield from _values(reading, context)
    yield from words


# Names


def _values(reading: Reading, context: CursorContext) -> Iterator[Proposal]:
    """The names of the file, nearest first, then those of other files, operators and functions."""
    own, used, known = list[Symbol](), list[Symbol](), list[Symbol]()
    for symbol in reading.visible(context.start).values():
        here = symbol.span is not None and symbol.span.source.name == reading.source.name
        (known if symbol.span is None else own if here else used).append(symbol)
    if any(token.kind == "require" for token in context.grammar.statement):
        yield from (Proposal(name, SymbolKind.COST, context.start) for name in COSTS)
    for symbol in (*reversed(own), *used, *known):
        yield Proposal(symbol.name, symbol.kind, context.start, _detail(symbol), about(symbol))


def _detail(symbol: Symbol) -> str:
    line = signature(symbol)
    is_written = symbol.kind in (SymbolKind.BINDING, SymbolKind.PARAMETER, SymbolKind.INPUT)
    if line is None and symbol.node is not None and is_written:
        line = shortened(symbol.node.span.text)
    return line or str(symbol.kind)


def _known(reading: Reading, context: CursorContext, name: Token) -> tuple[SignatureParameter, ...]:
    """The parameters of the called function."""
    callee = reading.visible(context.start).get(name.text)
    return () if callee is None else parameters(callee)


def _parameters(known: Sequence[SignatureParameter], context: CursorContext, first: int) -> Iterator[Proposal]:
    """The parameters that a call does not have yet; `first` is the index of the token after its parenthesis."""
    positions, names = _given(context, first)
    taken = {parameter.name for parameter in [p for p in known if p.positional][:positions]} | names
    for parameter in known:
        if parameter.name not in taken:
            text = f"{parameter.name}="
            yield Proposal(text, SymbolKind.PARAMETER, context.start, parameter.text, parameter.about)


def _choices(known: Sequence[SignatureParameter], context: CursorContext) -> Iterator[Proposal]:
    """The values of the parameter before the cursor, if they are listed."""
    name = context.grammar.tokens[context.grammar.index - 2]
    for parameter in known:
        if parameter.name == name.text:
            for text in parameter.choices:
                yield Proposal(text, Other.VALUE, context.start, parameter.text)


def _given(context: CursorContext, first: int) -> tuple[int, set[str]]:
    """The arguments of a call before the cursor: the number of positional ones, and the names of the others."""
    tokens = context.grammar.tokens[first : context.grammar.index]
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


def _setting_values(reading: Reading, context: CursorContext) -> Iterator[Proposal]:
    """The default of a setting, and the bindings of the file."""
    name = _dotted(context, context.grammar.index - 1)
    for setting in settings():
        if setting.name == name and setting.default:
            yield Proposal(setting.default, Other.VALUE, context.start, setting.detail, setting.about)
    for proposal in _values(reading, context):
        if proposal.kind is SymbolKind.BINDING:
            yield proposal


def _dotted(context: CursorContext, end: int) -> str | None:
    """The beginning of a setting's name before a token; None if there is something else."""
    tokens, place = context.grammar.tokens, end
    while place and tokens[place - 1].kind in ("NAME", "input", "."):
        place -= 1
    return "".join(token.text for token in tokens[place:end]) if tokens[place - 1].kind in ("{", "_NEWLINE") else None


def _settings(context: CursorContext) -> Iterator[Proposal]:
    """The settings whose names continue the text before the cursor."""
    written = _dotted(context, context.grammar.index)
    if written is None:
        return
    for setting in settings():
        if setting.name.startswith(written):
            rest = setting.name[len(written) :]
            yield Proposal(rest, Other.SETTING, context.start, setting.detail, setting.about)


def _is_use(context: CursorContext) -> bool:
    statement = context.grammar.statement
    return bool(statement) and statement[0].kind == "use" and not context.grammar.can_begin_value


def _used(context: CursorContext, read: Reader) -> Iterator[Proposal]:
    """The libraries that can be imported, and their names that can be replaced."""
    grammar, start = context.grammar, context.start
    if grammar.previous.kind == "use":
        yield from (Proposal(name, Other.LIBRARY, start) for name in LIBRARIES)
    elif grammar.accepts("with"):
        yield Proposal("with", Other.KEYWORD, start, about=ABOUT["with"])
    elif grammar.accepts("NAME") and grammar.statement[1].text in LIBRARIES:
        library = grammar.statement[1].text
        for declared in Modules(read).bind(library_file(library), f"<{library}>", library=True).seen.values():
            symbol = declared.symbol
            yield Proposal(symbol.name, symbol.kind, start, _detail(symbol), about(symbol))
