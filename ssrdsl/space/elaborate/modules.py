"""Files and what they define: `use`, the prelude, and the order in which definitions are read."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from ssrdsl import std
from ssrdsl.errors import UserError
from ssrdsl.files import read_text
from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import Label, suggest
from ssrdsl.language.grammar import keywords
from ssrdsl.language.parse import parse
from ssrdsl.language.source import Source, Span
from ssrdsl.operators import OPERATORS, operators
from ssrdsl.space.elaborate.builder import Place
from ssrdsl.space.elaborate.builtins import BUILTINS
from ssrdsl.space.elaborate.clashes import refuse_clashes
from ssrdsl.space.elaborate.elaborator import Elaborator
from ssrdsl.space.elaborate.faults import defined_twice, fail
from ssrdsl.space.elaborate.kinds import kind_of_value
from ssrdsl.space.elaborate.recursion import refuse_recursion
from ssrdsl.space.elaborate.values import AMBIGUOUS, Environment, OperatorValue, Value, described

LIBRARIES = ("std",)
Reader = Callable[[str], Source]
"""Returns the source of a path; can replace the disk (for an editor's unsaved text)."""


def primitives() -> Mapping[str, Value]:
    """The names that every file sees. Raises `UserError` where an installed package has a part in that and fails."""
    found: dict[str, Value] = {name: OperatorValue(operator) for name, operator in operators().items()}
    for name in found.keys() - OPERATORS.keys():
        if name in {*BUILTINS, *keywords()}:
            raise UserError(f"an installed operator has the name `{name}`, which is reserved in the language",
                            help="rename it, or uninstall its package")  # fmt: skip
    return found | BUILTINS


def read_source(path: str) -> Source:
    """The source of a file. Raises `UserError` if it cannot be read."""
    return Source(path, read_text(Path(path)))


@dataclass(frozen=True, slots=True)
class Definition:
    """What a file defines under a name, and where."""

    value: Value
    span: Span


@dataclass(frozen=True, slots=True)
class Brought:
    """A definition that a file has by a `use` of its own."""

    definition: Definition
    use: syntax.Use

    @property
    def is_rebound(self) -> bool:
        """Whether the use itself gives the value, `with` another one than the file."""
        return any(rebinding.span == self.definition.span for rebinding in self.use.rebindings)


@dataclass(slots=True)
class Module:
    """A file with the names that it sees, `names`, those that it defines, `own`, and those that its uses bring."""

    file: syntax.File
    names: dict[str, Value]
    own: dict[str, Definition] = field(default_factory=dict)
    brought: dict[str, Brought] = field(default_factory=dict)


@dataclass(slots=True)
class Modules:
    """Reads files for an elaborator, each with the definitions of what it uses."""

    elaborator: Elaborator
    place: Place
    read: Reader = read_source
    open_files: list[str] = field(default_factory=list)
    loaded: dict[str, Module] = field(default_factory=dict)
    """The files imported without rebinding, by path: if imported twice, their definitions are the same."""
    seen_by_all: Mapping[str, Value] = field(default_factory=primitives)
    """The names that every file sees: operators and functions."""

    def load(self, file: syntax.File, path: str, *, library: bool = False) -> Module:
        """The definitions of a file whose text has been parsed."""
        self.open_files.append(path)
        module = Module(file, dict(self.seen_by_all))
        environment = Environment(module.names, "", library)
        if not library:
            refuse_clashes(file)
        for item in file.items:
            if isinstance(item, syntax.Use):
                self.include(item, path, module, environment)
        for item in file.items:
            if isinstance(item, syntax.Block):
                block = self.elaborator.block(item, environment, self.place)
                self._define(module, item.name, block, item.name_span or item.span)
        if not library:
            refuse_recursion({b.name: b for b in file.items if isinstance(b, syntax.Block)})
        for item in file.items:
            if isinstance(item, syntax.Binding):
                self._bind(module, item, environment)
        self.open_files.pop()
        return module

    def _bind(self, module: Module, binding: syntax.Binding, environment: Environment) -> None:
        for name, part in self.elaborator.binding(binding, environment, self.place).items():
            self._define(module, name, part, binding.span)

    def _define(self, module: Module, name: str, value: Value, span: Span) -> None:
        if name in module.own:
            defined_twice(name, module.own[name].span, span)
        if name in module.brought:
            _refuse_beside_use(name, module.brought[name], span)
        module.own[name] = Definition(value, span)
        module.names[name] = value

    def include(self, use: syntax.Use, path: str, into: Module, environment: Environment) -> None:
        """Brings in what a file defines, `with` what is rebound; of what else it sees, only names that are new.

        A name that two files define is refused; one that the file sees by way of two others, where it is used.
        """
        module = self._library(use) if use.library else self._beside(use, path)
        defined = {**module.own, **self._rebindings(use, module, into, environment)}
        for name, value in module.names.items():
            if name not in {*defined, *into.brought, *self.seen_by_all}:
                known = into.names.setdefault(name, value)
                into.names[name] = value if known is value else AMBIGUOUS
        for name, definition in defined.items():
            if name in into.brought:
                _refuse_second(name, into.brought[name], Brought(definition, use))
            into.brought[name] = Brought(definition, use)
            into.names[name] = definition.value

    def _rebindings(
        self, use: syntax.Use, module: Module, into: Module, environment: Environment
    ) -> dict[str, Definition]:
        found: dict[str, Definition] = {}
        for rebinding in use.rebindings:
            if rebinding.name in found:
                fail("E0304", f"`{rebinding.name}` is rebound twice", rebinding.span, secondary=(
                     Label(found[rebinding.name].span, "first here"),), help="omit one of them")  # fmt: skip
            seen = Environment({**into.names, **module.names}, "", environment.library)
            value = self._rebound(rebinding, use, module, seen)
            found[rebinding.name] = Definition(value, rebinding.span)
            module.names[rebinding.name] = value
        return found

    def _rebound(self, rebinding: syntax.Rebinding, use: syntax.Use, module: Module, seen: Environment) -> Value:
        if rebinding.name not in module.names:
            known = f"it defines {', '.join(sorted(module.own)) or 'nothing; operators and functions can be rebound'}"
            fail("E0301", f"`{use.target}` has no `{rebinding.name}`", rebinding.span,
                 help=suggest(rebinding.name, module.names) or known)  # fmt: skip
        value = self.elaborator.evaluate(rebinding.value, seen, self.place, rebinding.name)
        before = module.names[rebinding.name]
        if kind_of_value(before) != kind_of_value(value):
            fail("E0404", f"`{rebinding.name}` is rebound to a value of another type", rebinding.value.span,
                 help=f"it is {described(before)} in `{use.target}`")  # fmt: skip
        return value

    def _library(self, use: syntax.Use) -> Module:
        if use.target not in LIBRARIES:
            fail("E0701", f"unknown library `{use.target}`", use.span,
                 help=suggest(use.target, LIBRARIES) or 'import a file by its path: `use "blocks.ssr"`')  # fmt: skip
        path = f"<{use.target}>"
        if path in self.loaded and not use.rebindings:
            return self.loaded[path]
        module = self.load(library_file(use.target), path, library=True)
        if not use.rebindings:
            self.loaded[path] = module
        return module

    def _beside(self, use: syntax.Use, path: str) -> Module:
        target = str(Path(path).parent / use.target)
        if "\0" in target:
            fail("E0701", "invalid file name", use.span, help="check the path")
        resolved = os.path.realpath(target)  # unlike `Path.resolve`, follows links in a circle without complaint
        if resolved in map(os.path.realpath, self.open_files):
            chain = " -> ".join([*(Path(open_).name for open_ in self.open_files), Path(target).name])
            fail("E0702", "circular imports", use.span, notes=(chain,),
                 help="move shared definitions to a third file")  # fmt: skip
        if resolved in self.loaded and not use.rebindings:
            return self.loaded[resolved]
        module = self._loaded(use, target)
        if not use.rebindings:
            self.loaded[resolved] = module
        return module

    def _loaded(self, use: syntax.Use, target: str) -> Module:
        """The definitions of a file beside the one that uses it."""
        try:
            source = self.read(target)
        except UserError as error:
            fail("E0701", f"cannot import `{use.target}`: {error}", use.span, help="paths are relative to this file")
        file = parse(source)
        for item in file.items:
            if isinstance(item, (syntax.Space, syntax.Search)):
                what = "a space" if isinstance(item, syntax.Space) else "search settings"
                fail("E0704", f"`{use.target}` contains {what}", use.span, secondary=(Label(item.span, "here"),),
                     help="only files of definitions can be imported; move them to a separate file")  # fmt: skip
        decided = set(self.elaborator.builder.decisions)
        module = self.load(file, target)
        self.elaborator.builder.offered.update(self.elaborator.builder.decisions.keys() - decided)
        return module


def _refuse_beside_use(name: str, brought: Brought, span: Span) -> NoReturn:
    """Fails at a definition of a name that a use brings in."""
    use, places = brought.use, (Label(brought.definition.span, "defined here"), Label(brought.use.span, "imported"))
    target = use.target if use.library else f'"{use.target}"'
    fail("E0304", f"`{name}` is defined here and in `{use.target}`", span, secondary=places,
         help=f"use another name, or rebind it everywhere: `use {target} with {name} = ...`")  # fmt: skip


def _refuse_second(name: str, first: Brought, second: Brought) -> None:
    """Fails where two uses bring different definitions under one name; a rebinding may be in both."""
    one, other = first.definition, second.definition
    if one.value is other.value or (first.is_rebound and second.is_rebound and one.span.text == other.span.text):
        return
    if first.use.target == second.use.target:
        fail("E0304", f"`{second.use.target}` is imported twice with different rebindings", second.use.span,
             secondary=(Label(first.use.span, "first here"),),
             help="write all rebindings in one `use`: `use ... with a = ..., b = ...`")  # fmt: skip
    fail("E0304", f"`{name}` is defined in `{first.use.target}` and in `{second.use.target}`", second.use.span,
         secondary=(Label(one.span, "defined here"), Label(other.span, "and here")),
         help="give one of them another name")  # fmt: skip


_parsed: dict[str, syntax.File] = {}


def library_file(name: str) -> syntax.File:
    """The syntax tree of a library that comes with the package."""
    if name not in _parsed:
        text = read_text(Path(std.__file__).with_name(f"{name}.ssr"))
        _parsed[name] = parse(Source(f"<{name}>", text))
    return _parsed[name]
