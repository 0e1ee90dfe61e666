"""Lexical scopes: the binding that each name of a file refers to, determined from the syntax tree.

The bodies of blocks, spaces and `choose`, and comprehensions, have their own scopes. Names bound in the body of a loop
remain after it, so they belong to the scope around the loop. Blocks at file level are visible in the whole file,
everything else after its definition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ssrdsl.language import syntax
from ssrdsl.language.source import Source, Span
from ssrdsl.language.walk import children
from ssrdsl.space.binding.occurrences import Binder, LexicalScope, Names, Occurrence, Owner
from ssrdsl.space.binding.symbols import Symbol, SymbolKind
from ssrdsl.space.cost import COSTS

NamingNode = syntax.Name | syntax.Parameter | syntax.Block | syntax.Input | syntax.Rebinding
_LOCAL = frozenset([SymbolKind.PARAMETER, SymbolKind.INPUT, SymbolKind.TENSOR, SymbolKind.BINDING, SymbolKind.VARIABLE])


def resolve(file: syntax.File, outside: Mapping[str, Symbol]) -> Names:
    """Resolve the names of a file; `outside` are the symbols visible in it that it does not bind itself."""
    walk = _Walk(file.span.source)
    walk.file(file, outside)
    occurrences = sorted(walk.occurrences, key=lambda occurrence: (occurrence.span.start, occurrence.span.end))
    return Names(tuple(occurrences), tuple(walk.scopes), tuple(walk.unknown), tuple(walk.keywords))


@dataclass(slots=True)
class _Walk:
    source: Source
    occurrences: list[Occurrence] = field(default_factory=list)
    scopes: list[LexicalScope] = field(default_factory=list)
    unknown: list[syntax.Name] = field(default_factory=list)
    keywords: list[syntax.Argument] = field(default_factory=list)

    # Files

    def file(self, file: syntax.File, outside: Mapping[str, Symbol]) -> None:
        world = self.opened(file.span, None)
        for name, symbol in outside.items():
            world.known[name] = symbol, ()
            world.seen.append((0, symbol))
        scope = self.opened(file.span, world)
        for item in file.items:
            if isinstance(item, syntax.Use):
                for rebinding in item.rebindings:
                    self.expression(rebinding.value, world)
                    self.bind(scope, rebinding, SymbolKind.BINDING, rebinding)
        for item in file.items:
            if isinstance(item, syntax.Block):
                self.bind(scope, item, SymbolKind.BLOCK, item, since=0)
        for item in file.items:
            if isinstance(item, syntax.Binding):
                self.statement(item, scope)
        for item in file.items:
            self.item(item, scope)

    def item(self, item: syntax.Item, scope: LexicalScope) -> None:
        if isinstance(item, syntax.Block):
            self.block(item, scope)
        elif isinstance(item, syntax.Space):
            symbol = Symbol(item.name, SymbolKind.SPACE, item.name_span, item)
            self.occurrences.append(Occurrence(item.name_span, symbol, defines=True))
            inner = self.opened(item.span, scope, item)
            self.parameters(item.parameters, inner)
            self.suite(item.body, inner)
        elif isinstance(item, syntax.Search):
            for setting in item.settings:
                self.expression(setting.value, scope)

    # Statements

    def block(self, block: syntax.Block, scope: LexicalScope) -> None:
        inner = self.opened(block.span, scope, block)
        self.parameters(block.parameters, inner)
        for name in block.inputs:
            self.bind(inner, name, SymbolKind.TENSOR, name)
        self.suite(block.body, inner)

    def parameters(self, parameters: Iterable[syntax.Parameter], scope: LexicalScope) -> None:
        for parameter in parameters:
            if parameter.default is not None:
                self.expression(parameter.default, scope)
            self.bind(scope, parameter, SymbolKind.PARAMETER, parameter, since=parameter.span.end)

    def suite(self, suite: syntax.Suite, scope: LexicalScope) -> None:
        for statement in suite.statements:
            self.statement(statement, scope)
        if suite.value is not None:
            self.expression(suite.value, scope)

    def statement(self, statement: syntax.Statement, scope: LexicalScope) -> None:
        match statement:
            case syntax.Binding(names=names, value=value):
                self.expression(value, scope)
                self.bind_all(scope, names, SymbolKind.BINDING, statement, since=statement.span.end)
            case syntax.For():
                self.loop(statement, scope)
            case syntax.Block():
                # In its body, its name refers to an earlier binding of that name.
                self.block(statement, scope)
                self.bind(scope, statement, SymbolKind.BLOCK, statement, since=statement.span.end)
            case syntax.Require(condition=condition):
                self.requirement(condition, scope)
            case syntax.Input(extents=extents):
                for extent in extents:
                    self.expression(extent, scope)
                self.bind(scope, statement, SymbolKind.INPUT, statement, since=statement.span.end)
            case syntax.Output():
                self.result(statement, scope)

    def requirement(self, condition: syntax.Expression, scope: LexicalScope) -> None:
        """A condition, in which names of costs take precedence over bindings of the file."""
        if isinstance(condition, syntax.Junction):
            for part in condition.operands:
                self.requirement(part, scope)
        elif isinstance(condition, syntax.Comparison):
            for part in condition.operands:
                if isinstance(part, syntax.Name) and part.name in COSTS:
                    self.occurrences.append(Occurrence(part.span, Symbol(part.name, SymbolKind.COST)))
                else:
                    self.expression(part, scope)
        else:
            self.expression(condition, scope)

    def result(self, statement: syntax.Output, scope: LexicalScope) -> None:
        """An output; its name is not visible in the file."""
        self.expression(statement.value, scope)
        if statement.name is not None:
            span = statement.name_span
            kind = SymbolKind.HEAD if statement.auxiliary else SymbolKind.OUTPUT
            symbol = Symbol(statement.name, kind, span, statement)
            self.occurrences.append(Occurrence(span, symbol, (Binder(statement, span),), defines=True))

    def loop(self, loop: syntax.For, scope: LexicalScope) -> None:
        self.expression(loop.values, scope)
        self.carry(loop, scope)
        self.bind_all(scope, loop.names, SymbolKind.VARIABLE, loop, since=loop.names[-1].span.end)
        self.suite(loop.body, scope)

    def carry(self, loop: syntax.For, scope: LexicalScope) -> None:
        """Add the bindings in a loop to those of names bound before it, since later iterations see them."""
        for name, binding in _bound_in(loop.body):
            found = scope.find(name.name)
            if found is not None and found[0].kind in _LOCAL:
                symbol, binders = found
                scope.known[name.name] = symbol, (*binders, Binder(binding, name.span, scope.owner))

    # Expressions

    def expression(self, expression: syntax.Node, scope: LexicalScope) -> None:
        match expression:
            case syntax.Name():
                self.use(expression, scope)
            case syntax.Call():
                self.call(expression, scope)
            case syntax.ChooseOver(domains=domains, body=body):
                for domain in domains:
                    self.expression(domain.values, scope)
                inner = self.opened(expression.span, scope, scope.owner)
                for domain in domains:
                    self.bind_all(inner, domain.names, SymbolKind.VARIABLE, expression, since=domain.span.end)
                self.suite(body, inner)
            case syntax.Comprehension(names=names, values=values):
                self.expression(values, scope)
                inner = self.opened(expression.span, scope, scope.owner)
                self.bind_all(inner, names, SymbolKind.VARIABLE, expression, since=expression.span.start)
                if expression.condition is not None:
                    self.expression(expression.condition, inner)
                self.expression(expression.element, inner)
            case _:
                for part in children(expression):
                    self.expression(part, scope)

    def call(self, call: syntax.Call, scope: LexicalScope) -> None:
        self.expression(call.function, scope)
        found = scope.find(call.function.name) if isinstance(call.function, syntax.Name) else None
        for argument in call.arguments:
            if argument.name is not None:
                self.keyword(argument, found[0] if found else None)
            self.expression(argument.value, scope)

    def keyword(self, argument: syntax.Argument, callee: Symbol | None) -> None:
        if callee is None or callee.kind not in (SymbolKind.BLOCK, SymbolKind.OPERATOR, SymbolKind.FUNCTION):
            self.keywords.append(argument)
        elif isinstance(callee.node, syntax.Block):
            for parameter in callee.node.parameters:
                if parameter.name == argument.name:
                    span = parameter.name_span
                    symbol = Symbol(parameter.name, SymbolKind.PARAMETER, span, parameter)
                    binder = Binder(parameter, span, callee.node)
                    self.occurrences.append(Occurrence(argument.name_span, symbol, (binder,)))

    # Names

    def opened(self, span: Span, outer: LexicalScope | None, owner: Owner | None = None) -> LexicalScope:
        scope = LexicalScope(span, outer, owner)
        self.scopes.append(scope)
        return scope

    def use(self, name: syntax.Name, scope: LexicalScope) -> None:
        found = scope.find(name.name)
        if found is None:
            self.unknown.append(name)
        else:
            self.occurrences.append(Occurrence(name.span, *found))

    def bind_all(
        self, scope: LexicalScope, names: Iterable[syntax.Name], kind: SymbolKind, node: syntax.Node, *, since: int
    ) -> None:
        for name in names:
            self.bind(scope, name, kind, node, since=since)

    def bind(
        self, scope: LexicalScope, named: NamingNode, kind: SymbolKind, node: syntax.Node, *, since: int | None = None
    ) -> None:
        name, span = named.name, named.name_span
        known = scope.known.get(name)
        symbol = Symbol(name, kind, span, node) if known is None else known[0]
        binder = Binder(node, span, scope.owner)
        scope.known[name] = symbol, (binder,)
        if known is None:
            scope.seen.append((span.end if since is None else since, symbol))
        self.occurrences.append(Occurrence(span, symbol, (binder,), defines=True))


def _bound_in(suite: syntax.Suite) -> Iterator[tuple[syntax.Name, syntax.Node]]:
    """The names bound in the body of a loop, with the statements that bind them."""
    for statement in suite.statements:
        if isinstance(statement, (syntax.Binding, syntax.For)):
            yield from ((name, statement) for name in statement.names)
        if isinstance(statement, syntax.For):
            yield from _bound_in(statement.body)
