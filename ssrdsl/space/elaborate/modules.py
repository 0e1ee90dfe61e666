"""Files and what they define: `use`, the prelude, and the order in which definitions are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ssrdsl import std
from ssrdsl.errors import UserError
from ssrdsl.files import read_text
from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import Label, suggest
from ssrdsl.language.parse import parse
from ssrdsl.language.source import Source, Span
from ssrdsl.operators import operators
from ssrdsl.space.elaborate.builder import Place
from ssrdsl.space.elaborate.builtins import BUILTINS
from ssrdsl.space.elaborate.clashes import refuse_clashes
from ssrdsl.space.elaborate.elaborator import Elaborator
from ssrdsl.space.elaborate.faults import fail
from ssrdsl.space.elaborate.kinds import kind_of_value
from ssrdsl.space.elaborate.recursion import refuse_recursion
from ssrdsl.space.elaborate.values import BlockValue, Environment, OperatorValue, Value

LIBRARIES = ("std",)
Reader = Callable[[str], Source]
"""Gives the source of a path; another one may stand in for the disk (an editor's unsaved text)."""


def read_source(path: str) -> Source:
    """The source of a file. Raises `UserError` where it cannot be read."""
    return Source(path, read_text(Path(path)))


@dataclass(slots=True)
class Module:
    """A file with the names that it sees, `names`, and those that it defines itself, `own`."""

    file: syntax.File
    names: dict[str, Value]
    own: dict[str, Value] = field(default_factory=dict)


@dataclass(slots=True)
class Modules:
    """Reads files for an elaborator, each with the definitions of what it uses."""

    elaborator: Elaborator
    place: Place
    read: Reader = read_source
    open_files: list[str] = field(default_factory=list)
    loaded: dict[str, Module] = field(default_factory=dict)
    """The files that were used as they are, by path: used twice, they are the same definitions."""

    def primitives(self) -> dict[str, Value]:
        """The names that every file sees: operators and functions."""
        found: dict[str, Value] = {name: OperatorValue(operator) for name, operator in operators().items()}
        return found | BUILTINS

    def load(self, file: syntax.File, path: str, *, library: bool = False) -> Module:
        """The definitions of a file whose text has been parsed."""
        self.open_files.append(path)
        module = Module(file, self.primitives())
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
            earlier = module.own[name]
            secondary = (Label(earlier.definition.span, "first here"),) if isinstance(earlier, BlockValue) else ()
            fail("E0304", f"`{name}` is defined twice", span, secondary=secondary, help="give one of them another name")
        module.own[name] = module.names[name] = value

    def include(self, use: syntax.Use, path: str, into: Module, environment: Environment) -> None:
        """Brings in what a file defines, `with` what is rebound; of what else it sees, only names that are new."""
        module = self._library(use) if use.library else self._beside(use, path)
        defined = dict(module.own)
        for rebinding in use.rebindings:
            defined[rebinding.name] = module.names[rebinding.name] = self._rebound(rebinding, use, module, environment)
        for name, value in module.names.items():
            into.names.setdefault(name, value)
        into.names.update(defined)

    def _rebound(self, rebinding: syntax.Rebinding, use: syntax.Use, module: Module, environment: Environment) -> Value:
        if rebinding.name not in module.names:
            fail("E0301", f"`{use.target}` has no `{rebinding.name}`", rebinding.span,
                 help=suggest(rebinding.name, module.names))  # fmt: skip
        before = Environment(dict(module.names), "", environment.library)
        value = self.elaborator.evaluate(rebinding.value, before, self.place, rebinding.name)
        if kind_of_value(module.names[rebinding.name]) != kind_of_value(value):
            fail("E0404", f"`{rebinding.name}` is rebound to something of another kind", rebinding.value.span)
        return value

    def _library(self, use: syntax.Use) -> Module:
        if use.target not in LIBRARIES:
            fail("E0701", f"there is no library `{use.target}`", use.span,
                 help=suggest(use.target, LIBRARIES) or 'files are used by their path: `use "blocks.ssr"`')  # fmt: skip
        return self.load(library_file(use.target), f"<{use.target}>", library=True)

    def _beside(self, use: syntax.Use, path: str) -> Module:
        target = str(Path(path).parent / use.target)
        resolved = str(Path(target).resolve())
        if resolved in {str(Path(open_).resolve()) for open_ in self.open_files}:
            chain = " -> ".join([*(Path(open_).name for open_ in self.open_files), Path(target).name])
            fail("E0702", "files use each other in a circle", use.span, notes=(chain,),
                 help="move what both need into a third file")  # fmt: skip
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
            fail("E0701", f"`{use.target}` cannot be used: {error}", use.span, help="paths are relative to this file")
        file = parse(source)
        for item in file.items:
            if isinstance(item, (syntax.Space, syntax.Search)):
                what = "a space" if isinstance(item, syntax.Space) else "search settings"
                fail("E0704", f"`{use.target}` holds {what}", use.span, secondary=(Label(item.span, "here"),),
                     help="`use` takes files of definitions; move them to a file of their own")  # fmt: skip
        decided = set(self.elaborator.builder.decisions)
        module = self.load(file, target)
        self.elaborator.builder.offered.update(self.elaborator.builder.decisions.keys() - decided)
        return module


_parsed: dict[str, syntax.File] = {}


def library_file(name: str) -> syntax.File:
    """The syntax tree of a library that comes with the package."""
    if name not in _parsed:
        text = read_text(Path(std.__file__).with_name(f"{name}.ssr"))
        _parsed[name] = parse(Source(f"<{name}>", text))
    return _parsed[name]
