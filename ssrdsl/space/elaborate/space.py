"""The space of a file: its parameters, inputs, outputs, requirements and search settings."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ssrdsl.errors import UserError
from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import Diagnostic, DiagnosticError, Diagnostics, Label, suggest
from ssrdsl.operators.definition import Shape
from ssrdsl.space.binding import Module, Modules, Reader, read_source
from ssrdsl.space.binding.unknown import FOREIGN, unknown_names
from ssrdsl.space.decisions import Dimension
from ssrdsl.space.elaborate.builder import GraphBuilder
from ssrdsl.space.elaborate.context import ElaborationContext
from ssrdsl.space.elaborate.definitions import Definitions
from ssrdsl.space.elaborate.finish import finish
from ssrdsl.space.elaborate.lists import tensors
from ssrdsl.space.elaborate.overrides import expecting, override
from ssrdsl.space.elaborate.rules import RULES
from ssrdsl.space.elaborate.scalars import constant, number, refuse_time
from ssrdsl.space.elaborate.values import Environment, NoValue, described, kind_of_value
from ssrdsl.space.expressions import Decided, ExpressionLimit, limited_values
from ssrdsl.space.faults import AlreadyReported, fail
from ssrdsl.space.graph import Bound, Graph, InputNode, OutputNode, Port

if TYPE_CHECKING:
    from ssrdsl.space.settings import GivenSetting

_TIMES = "time is measured on the emitted file: `python model.py`"
RECURSION = 20_000
"""Python frames that elaboration may use: nesting is bounded by diagnostics long before."""


@dataclass(frozen=True, slots=True)
class Elaborated:
    """A space graph, the settings of its `search` block, and warnings."""

    graph: Graph
    settings: tuple[GivenSetting, ...]
    warnings: tuple[Diagnostic, ...] = ()


def elaborate(
    file: syntax.File, path: str, overrides: Mapping[str, str] | None = None, read: Reader = read_source
) -> Elaborated:
    """Elaborate a file to its space graph.

    `path` is the path of the file (for `use`), `overrides` are expressions for parameters of the space. Raises
    `DiagnosticError` with all errors found.
    """
    with _recursion_limit(), _without_collection(), limited_values():
        return _SpaceElaboration(file, path, read).run(overrides or {})


def check_definitions(file: syntax.File, path: str, read: Reader = read_source) -> None:
    """Check the definitions of a file without a space. Raises `DiagnosticError` if they have errors."""
    context = _root()
    with _recursion_limit(), limited_values(), suppress(AlreadyReported):
        module = _bound(file, path, read)
        Definitions(context).of(module)
        if unknown := tuple(unknown_names(module)):
            raise DiagnosticError(unknown)


def _root(definition: syntax.Space | None = None) -> ElaborationContext:
    """The context at the root of a space, without names."""
    builder = GraphBuilder()
    return ElaborationContext(RULES, builder, Environment({}, ""), builder.root(definition))


def _bound(file: syntax.File, path: str, read: Reader) -> Module:
    """Bind the names of a file. Raises `DiagnosticError` for the first error."""
    modules = Modules(read)
    module = modules.bind(file, path)
    if modules.errors:
        raise modules.errors[0]
    return module


@contextmanager
def _recursion_limit() -> Iterator[None]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, RECURSION))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Disable the garbage collector, which would traverse the many objects of elaboration repeatedly."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class _SpaceElaboration:
    def __init__(self, file: syntax.File, path: str, read: Reader) -> None:
        self.file, self.path = file, path
        self.findings = Diagnostics()
        self.space = _the_space(file)
        self.root = _root(self.space)
        self.builder = self.root.builder
        self.definitions = Definitions(self.root)
        self.read = read

    def run(self, overrides: Mapping[str, str]) -> Elaborated:
        names = self.definitions.of(_bound(self.file, self.path, self.read))
        outside = self.root.seeing(Environment(names, ""))
        context = self.parameters(outside, overrides)
        for statement in self.space.body.statements:
            context = self.recovering(statement, context)
        if self.builder.is_exhausted:
            self.findings.raise_errors()
        settings = tuple(self.settings(outside))
        if not self.findings.errors and not any(isinstance(n, OutputNode) for n in self.builder.nodes.values()):
            self.findings.add(_without_output(self.space))
        self.findings.raise_errors()
        graph = finish(self.builder, self.space.name, self.findings)
        self.findings.raise_errors()
        return Elaborated(graph, settings, tuple(self.builder.warnings.found))

    def parameters(self, context: ElaborationContext, overrides: Mapping[str, str]) -> ElaborationContext:
        """The context with the parameters of the space, which must be the same in every architecture."""
        known = [parameter.name for parameter in self.space.parameters]
        for name in overrides:
            if name not in known:
                help = suggest(name, known) or f"parameters: {', '.join(known) or 'none'}"
                raise UserError(f"`{self.space.name}` has no parameter `{name}`", help=help)
        for parameter in self.space.parameters:
            given = override(parameter.name, overrides)
            expression = given or parameter.default
            if expression is None:
                help = f"add `--set {parameter.name}=...`, or a default in the file"
                raise UserError(f"parameter `{parameter.name}` of `{self.space.name}` has no value", help=help)
            with expecting(self.space.name, parameter) if given else nullcontext():
                value = context.labelled(parameter.name).evaluate(expression)
            if constant(value, self.builder, expression.span) is None:
                fail("E0504", f"parameter `{parameter.name}` is a decision", expression.span,
                     help="write the set inside the space")  # fmt: skip
            self.builder.scopes[""].arguments[parameter.name] = Bound(value, expression, "")
            context = context.seeing(context.environment.bind({parameter.name: value}))
        return context

    def recovering(self, statement: syntax.Statement, context: ElaborationContext) -> ElaborationContext:
        """Run a statement of the space; after an error, the names that it would bind are unknown."""
        try:
            return self.statement(statement, context)
        except DiagnosticError as error:
            for diagnostic in error.diagnostics:
                self.add_once(diagnostic)
        except ExpressionLimit as limit:  # for errors without a more precise location
            self.findings.add(Diagnostic("E0603", str(limit), Label(statement.span), help=limit.help))
        except AlreadyReported:
            pass
        return context.seeing(context.environment.bind(dict.fromkeys(_names_bound(statement), NoValue.ERROR)))

    def add_once(self, diagnostic: Diagnostic) -> None:
        """Add a diagnostic, unless another use of the block caused the same one at the same place."""
        place = (diagnostic.code, diagnostic.message, diagnostic.label.span)
        if not any((found.code, found.message, found.label.span) == place for found in self.findings.found):
            self.findings.add(diagnostic)

    def statement(self, statement: syntax.Statement, context: ElaborationContext) -> ElaborationContext:
        """Run a statement; return the context after it."""
        if isinstance(statement, syntax.Input):
            return self.input(statement, context)
        if isinstance(statement, syntax.Output):
            self.outputs(statement, context)
            return context
        return context.run(statement)

    def input(self, statement: syntax.Input, context: ElaborationContext) -> ElaborationContext:
        """Add an input of the network."""
        if len(statement.extents) != 3:
            fail(
                "E0401",
                f"an input needs channels, height and width, got {len(statement.extents)} values",
                statement.span,
                help=f"write `input {statement.name}: 3, 512, 1024`",
            )
        extents = [number(context.labelled("size").evaluate(extent), extent.span) for extent in statement.extents]
        if isinstance(extents[0], Decided):
            fail("E0502", f"the channels of input `{statement.name}` depend on a decision", statement.extents[0].span,
                 help="only the height and width of an input can be searched")  # fmt: skip
        for extent in extents:
            self.builder.tag(extent, Dimension.INPUT)
        node = self.builder.node_id(context.place, statement.name)
        self.builder.add(
            InputNode(id=node, shapes=(Shape(*extents),), scope="", frame="", span=statement.span, name=statement.name)
        )
        return context.bind({statement.name: Port(node)}, None)

    def outputs(self, statement: syntax.Output, context: ElaborationContext) -> None:
        """Add the outputs of an `output` or `auxiliary` statement."""
        name, value, auxiliary = statement.name or "output", statement.value, statement.auxiliary
        place = context.place
        if auxiliary:
            place = self.builder.enter(place, name, "binding", frame="", span=value.span)
        for port in tensors(context.at(place).evaluate(value), value):
            node = self.builder.node_id(place, "output" if auxiliary else name)
            self.builder.add(
                OutputNode(
                    id=node, inputs=(port,), shapes=(self.builder.shape(port),), scope=place.scope, frame="",
                    span=value.span, name=name, auxiliary=auxiliary,
                )
            )  # fmt: skip

    def settings(self, context: ElaborationContext) -> Iterator[GivenSetting]:
        """The settings of the `search` block, except those with errors."""
        for item in self.file.items:
            for setting in item.settings if isinstance(item, syntax.Search) else ():
                try:
                    yield setting.path, self.setting(setting, context), setting.span
                except DiagnosticError as error:
                    for diagnostic in error.diagnostics:
                        self.findings.add(diagnostic)

    def setting(self, setting: syntax.Setting, context: ElaborationContext) -> Any:
        """The value of a setting: a number, a boolean or a string that depends on no decision."""
        if setting.path[0] == "target" and setting.path[-1] in FOREIGN:
            fail("E0705", f"unknown setting `{'.'.join(setting.path)}`", setting.span,
                 help=f"set `target.macs` or `target.parameters`; {_TIMES}")  # fmt: skip
        refuse_time(setting.value, f"`{'.'.join(setting.path)}`", "E0705")
        value = context.evaluate(setting.value)
        if kind_of_value(value) != "scalar":
            fail("E0705", f"`{'.'.join(setting.path)}` takes a number or a string, not {described(value)}",
                 setting.value.span, help="write one value, such as `epochs = 30`")  # fmt: skip
        if isinstance(value, Decided):
            fail("E0504", "this depends on a decision", setting.value.span,
                 help="a setting must have a constant value")  # fmt: skip
        return value


def _names_bound(statement: syntax.Statement) -> list[str]:
    """The names bound by a statement."""
    if isinstance(statement, syntax.Binding):
        return [name.name for name in statement.names]
    if isinstance(statement, syntax.For):
        inner = [name for inner in statement.body.statements for name in _names_bound(inner)]
        return [*(name.name for name in statement.names), *inner]
    return [statement.name] if isinstance(statement, (syntax.Block, syntax.Input)) else []


def _the_space(file: syntax.File) -> syntax.Space:
    spaces = [item for item in file.items if isinstance(item, syntax.Space)]
    if not spaces:
        fail(
            "E0703",
            "the file has no space",
            file.span,
            help="write `space name { input ...; output ... }`, or `ssrdsl new`",
        )
    if len(spaces) > 1:
        fail("E0704", "the file has two spaces", spaces[1].span, secondary=(Label(spaces[0].span, "first space here"),),
             help="move one to another file; share blocks with `use`")  # fmt: skip
    return spaces[0]


def _without_output(space: syntax.Space) -> Diagnostic:
    help = "add `output x -> ...` to the space"
    return Diagnostic("E0703", f"space `{space.name}` has no output", Label(space.span), help=help)
