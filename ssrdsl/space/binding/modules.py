"""Files and their definitions: `use`, the prelude, and the meaning of each name at file level."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NoReturn

from ssrdsl.errors import UserError
from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import DiagnosticError, Label, suggest
from ssrdsl.language.source import Source, Span
from ssrdsl.space.binding.clashes import defined_twice, refuse_clashes, refuse_recursion
from ssrdsl.space.binding.files import LIBRARIES, Reader, library_file, parsed, read_source
from ssrdsl.space.binding.occurrences import Names
from ssrdsl.space.binding.primitives import primitives
from ssrdsl.space.binding.scopes import resolve
from ssrdsl.space.binding.symbols import Symbol, SymbolKind
from ssrdsl.space.faults import fail


@dataclass(frozen=True, slots=True, eq=False)
class Declaration:
    """The meaning of a name at file level.

    Declarations are compared by identity: a file imported with another rebinding declares its names again.
    `is_ambiguous` if the name is imported through two files in which it has different meanings.
    """

    symbol: Symbol
    is_ambiguous: bool = False

    @property
    def span(self) -> Span:
        """The place of the declaration, for messages."""
        node = self.symbol.node
        assert node is not None, "operators and functions are declared nowhere"
        return node.name_span if isinstance(node, syntax.Block) else node.span


@dataclass(frozen=True, slots=True)
class Used:
    """A `use`: the imported file, and all names that it makes visible, including rebound ones."""

    use: syntax.Use
    module: Module
    brings: dict[str, Declaration]


@dataclass(eq=False)
class Module:
    """A file with the names that it declares, `own`, and all names visible at file level, `seen`."""

    file: syntax.File
    seen: dict[str, Declaration]
    library: bool = False
    own: dict[str, Declaration] = field(default_factory=dict)
    uses: list[Used] = field(default_factory=list)

    @property
    def source(self) -> Source:
        """The text of the file."""
        return self.file.span.source

    @cached_property
    def names(self) -> Names:
        """All names that occur in the file."""
        outside = {name: found.symbol for name, found in self.seen.items() if found.symbol.node is None}
        for used in self.uses:
            outside |= {name: found.symbol for name, found in used.module.seen.items()}
        return resolve(self.file, outside)


@dataclass(frozen=True, slots=True)
class _Brought:
    """A definition that a file imports itself."""

    declaration: Declaration
    used: Used

    @property
    def is_rebound(self) -> bool:
        """Whether the `use` rebinds it by `with`."""
        return isinstance(self.declaration.symbol.node, syntax.Rebinding)


@dataclass(slots=True)
class Modules:
    """Bind files, each together with those that it imports.

    Errors are collected in `errors`, one for each step that failed. A file that is missing, has syntax errors or is in
    an import cycle defines no names.
    """

    read: Reader = read_source
    errors: list[DiagnosticError] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)
    _bound: dict[str, Module] = field(default_factory=dict)
    """The files imported without rebinding, by path: files imported twice have the same declarations."""
    _primitives: dict[str, Declaration] = field(
        default_factory=lambda: {name: Declaration(symbol) for name, symbol in primitives().items()}
    )

    def bind(self, file: syntax.File, path: str, *, library: bool = False) -> Module:
        """Bind the names of a parsed file."""
        self._open.append(path)
        module = Module(file, dict(self._primitives), library)
        brought: dict[str, _Brought] = {}
        if not library:
            with self._reporting():
                refuse_clashes(file)
        for item in file.items:
            if isinstance(item, syntax.Use):
                with self._reporting():
                    self._include(item, path, module, brought)
        for item in file.items:
            if isinstance(item, syntax.Block):
                self._declare(module, Symbol(item.name, SymbolKind.BLOCK, item.name_span, item), brought)
        if not library:
            with self._reporting():
                refuse_recursion({b.name: b for b in file.items if isinstance(b, syntax.Block)}, module.names)
        for item in file.items:
            if isinstance(item, syntax.Binding):
                for name in item.names:
                    self._declare(module, Symbol(name.name, SymbolKind.BINDING, name.span, item), brought)
        self._open.pop()
        return module

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        try:
            yield
        except DiagnosticError as error:
            self.errors.append(error)

    def _declare(self, module: Module, symbol: Symbol, brought: dict[str, _Brought]) -> None:
        name, declaration = symbol.name, Declaration(symbol)
        with self._reporting():
            if name in module.own:
                defined_twice(name, module.own[name].span, declaration.span)
            if name in brought:
                _refuse_beside_use(name, brought[name], declaration.span)
            module.own[name] = module.seen[name] = declaration

    def _include(self, use: syntax.Use, path: str, into: Module, brought: dict[str, _Brought]) -> None:
        """Import the definitions of a file, with rebound names replaced.

        Names that the file itself imports are added only if they are new. A name that two imported files define is an
        error; a name imported through two files is an error only if it is used.
        """
        module = self._library(use) if use.library else self._beside(use, path)
        defined = module.own | _rebound(use, module)
        brings: dict[str, Declaration] = {}
        for name, found in module.seen.items():
            if name not in {*defined, *brought, *self._primitives}:
                known = into.seen.get(name, found)
                brings[name] = found if known is found else Declaration(found.symbol, is_ambiguous=True)
        used = Used(use, module, brings | defined)
        for name, declaration in defined.items():
            with self._reporting():
                if name in brought:
                    _refuse_second(name, brought[name], _Brought(declaration, used))
            brought[name] = _Brought(declaration, used)
        into.seen |= used.brings
        into.uses.append(used)

    def _library(self, use: syntax.Use) -> Module:
        if use.target not in LIBRARIES:
            fail("E0701", f"unknown library `{use.target}`", use.span,
                 help=suggest(use.target, LIBRARIES) or 'import a file by its path: `use "blocks.ssr"`')  # fmt: skip
        path = f"<{use.target}>"
        known = None if use.rebindings else self._bound.get(path)
        return known or self._kept(use, path, self.bind(library_file(use.target), path, library=True))

    def _beside(self, use: syntax.Use, path: str) -> Module:
        target = str(Path(path).parent / use.target)
        if "\0" in target:
            fail("E0701", "invalid file name", use.span, help="check the path")
        resolved = os.path.realpath(target)  # unlike `Path.resolve`, follows links in a circle without complaint
        if resolved in map(os.path.realpath, self._open):
            chain = " -> ".join([*(Path(open_).name for open_ in self._open), Path(target).name])
            fail("E0702", "circular imports", use.span, notes=(chain,),
                 help="move shared definitions to a third file")  # fmt: skip
        known = None if use.rebindings else self._bound.get(resolved)
        return known or self._kept(use, resolved, self.bind(self._definitions(use, target), target))

    def _kept(self, use: syntax.Use, path: str, module: Module) -> Module:
        if not use.rebindings:
            self._bound[path] = module
        return module

    def _definitions(self, use: syntax.Use, target: str) -> syntax.File:
        """The syntax tree of an imported file."""
        try:
            file = parsed(self.read(target))
        except UserError as error:
            fail("E0701", f"cannot import `{use.target}`: {error}", use.span, help="paths are relative to this file")
        with self._reporting():
            _refuse_others(file, use)
        return file


def _refuse_others(file: syntax.File, use: syntax.Use) -> None:
    """Raise an error for an imported file that contains a space or search settings."""
    for item in file.items:
        if isinstance(item, (syntax.Space, syntax.Search)):
            what = "a space" if isinstance(item, syntax.Space) else "search settings"
            fail("E0704", f"`{use.target}` contains {what}", use.span, secondary=(Label(item.span, "here"),),
                 help="only files of definitions can be imported; move them to a separate file")  # fmt: skip


def _rebound(use: syntax.Use, module: Module) -> dict[str, Declaration]:
    """The names that a `use` rebinds in a file."""
    found: dict[str, Declaration] = {}
    for rebinding in use.rebindings:
        name = rebinding.name
        if name in found:
            fail("E0304", f"`{name}` is rebound twice", rebinding.span,
                 secondary=(Label(found[name].span, "first here"),), help="omit one of them")  # fmt: skip
        if name not in module.seen:
            known = f"it defines {', '.join(sorted(module.own)) or 'nothing; operators and functions can be rebound'}"
            fail("E0301", f"`{use.target}` has no `{name}`", rebinding.span,
                 help=suggest(name, module.seen) or known)  # fmt: skip
        found[name] = Declaration(Symbol(name, SymbolKind.BINDING, rebinding.name_span, rebinding))
    return found


def _refuse_beside_use(name: str, brought: _Brought, span: Span) -> NoReturn:
    """Raise the error for a definition of a name that is also imported."""
    use = brought.used.use
    places = (Label(brought.declaration.span, "defined here"), Label(use.span, "imported"))
    target = use.target if use.library else f'"{use.target}"'
    fail("E0304", f"`{name}` is defined here and in `{use.target}`", span, secondary=places,
         help=f"use another name, or rebind it everywhere: `use {target} with {name} = ...`")  # fmt: skip


def _refuse_second(name: str, first: _Brought, second: _Brought) -> None:
    """Raise an error if two imports define a name differently; the same rebinding may be in both."""
    one, other, use = first.declaration, second.declaration, second.used.use
    if one is other or (first.is_rebound and second.is_rebound and one.span.text == other.span.text):
        return
    if _is_same_constant(first, second):
        return
    if first.used.use.target == use.target:
        fail("E0304", f"`{use.target}` is imported twice with different rebindings", use.span,
             secondary=(Label(first.used.use.span, "first here"),),
             help="write all rebindings in one `use`: `use ... with a = ..., b = ...`")  # fmt: skip
    fail("E0304", f"`{name}` is defined in `{first.used.use.target}` and in `{use.target}`", use.span,
         secondary=(Label(one.span, "defined here"), Label(other.span, "and here")),
         help="give one of them another name")  # fmt: skip


def _is_same_constant(first: _Brought, second: _Brought) -> bool:
    """Whether two bindings have the same value: a literal, or a name with the same definition in both files."""
    values = [brought.declaration.symbol.node for brought in (first, second)]
    one, other = (node.value if isinstance(node, syntax.Binding) else None for node in values)
    if isinstance(one, syntax.Name) and one == other:
        return first.used.module.seen.get(one.name) is second.used.module.seen.get(one.name)
    return isinstance(one, (syntax.Number, syntax.String, syntax.Boolean)) and one == other
