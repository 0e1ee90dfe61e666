"""Convert Lark's tree to syntax nodes: one method per rule of the grammar, which creates the node of that name.

A method gets the parts of its rule, tokens and nodes including punctuation; the first and the last define the span.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypedDict, TypeVar, cast

from lark import Token, Transformer_NonRecursive

from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import Diagnostics
from ssrdsl.language.grammar import Branch
from ssrdsl.language.misplaced import lost_value, no_value, value_in_loop, value_in_space
from ssrdsl.language.numbers import read_number
from ssrdsl.language.source import Source, Span

TreePart = Token | syntax.Node
TreeParts = Sequence[TreePart]
NameTuple = tuple[syntax.Name, ...]
AnyNode = TypeVar("AnyNode", bound=syntax.Node)


def build(tree: Branch, source: Source, found: Diagnostics) -> syntax.File:
    """The syntax tree of a file. Errors that the grammar does not detect are added to `found`."""
    return _SyntaxBuilder(source, found).transform(tree)


class _Spans(TypedDict):
    """The spans of a node with a name, and of that name."""

    span: Span
    name_span: Span


NodeMaker = Callable[["_SyntaxBuilder", TreeParts], syntax.Node]


def _of_each(kind: Callable[..., syntax.Node]) -> NodeMaker:
    """The method that makes a node of the expressions among its parts, each a field."""
    return lambda self, parts: kind(*_expressions(parts), span=self._span(parts))


def _of_all(kind: Callable[..., syntax.Node]) -> NodeMaker:
    """The method that makes a node of the expressions among its parts, all in one field."""
    return lambda self, parts: kind(_expressions(parts), span=self._span(parts))


@dataclass(frozen=True)
class _SyntaxBuilder(Transformer_NonRecursive[Token, syntax.File]):
    source: Source
    found: Diagnostics

    # Files

    def file(self, parts: TreeParts) -> syntax.File:
        span = Span(self.source, 0, len(self.source.text))
        items = cast(tuple[syntax.Item, ...], _nodes(parts, syntax.Node))
        return syntax.File(items, self.source.header(), span=span)

    def use(self, parts: TreeParts) -> syntax.Use:
        target = cast(Token, parts[1])
        library = target.type != "STRING"
        name = ".".join(_tokens(parts, "NAME")) if library else target.strip('"')
        return syntax.Use(name, library, _nodes(parts, syntax.Rebinding), span=self._span(parts))

    def rebinding(self, parts: TreeParts) -> syntax.Rebinding:
        return syntax.Rebinding(_text(parts[0]), _expression(parts[2]), **self._spans(parts, 0))

    def space(self, parts: TreeParts) -> syntax.Space:
        spans, body = self._spans(parts, 1), cast(syntax.Suite, parts[-1])
        comment = self.source.comment_above(spans["span"].line)
        return syntax.Space(_text(parts[1]), _nodes(parts, syntax.Parameter), body, comment, **spans)

    def search(self, parts: TreeParts) -> syntax.Search:
        return syntax.Search(_nodes(parts, syntax.Setting), span=self._span(parts))

    def setting(self, parts: TreeParts) -> syntax.Setting:
        path = tuple(map(str, _tokens(parts, "NAME", "INPUT")))
        return syntax.Setting(path, _expression(parts[-1]), span=self._span(parts))

    # Statements

    def block(self, parts: TreeParts) -> syntax.Block:
        tied = parts[0] == "tied"
        spans = self._spans(parts, 1 + tied)
        name = cast(Token, parts[1 + tied])
        body = parts[-1]
        if not isinstance(body, syntax.Suite):
            value = _expression(body)
            body = syntax.Suite((), value, span=value.span)
        elif body.value is None:
            self.found.add(no_value(body, f"the block `{name!s}`"))
        return syntax.Block(
            str(name),
            _nodes(parts, syntax.Parameter),
            tuple(self._named(token) for token in _tokens(parts, "NAME") if token is not name),
            body,
            tied,
            self.source.comment_above(spans["span"].line),
            **spans,
        )

    def parameter(self, parts: TreeParts) -> syntax.Parameter:
        default = _expression(parts[2]) if len(parts) > 1 else None
        return syntax.Parameter(_text(parts[0]), default, **self._spans(parts, 0))

    def suite(self, parts: TreeParts) -> syntax.Suite:
        values = _values(parts)
        last = next((part for part in reversed(parts) if isinstance(part, syntax.Node)), None)
        for value in values:
            if last is not None and value is not last:
                self.found.add(lost_value(value, last))
        return syntax.Suite(_statements(parts), values[-1] if values else None, span=self._span(parts))

    def space_suite(self, parts: TreeParts) -> syntax.Suite:
        for value in _values(parts):
            self.found.add(value_in_space(value))
        return syntax.Suite(_statements(parts), None, span=self._span(parts))

    def binding(self, parts: TreeParts) -> syntax.Binding:
        tied = parts[0] == "tied"
        return syntax.Binding(self._names(parts), _expression(parts[-1]), tied, span=self._span(parts))

    def for_loop(self, parts: TreeParts) -> syntax.For:
        body = cast(syntax.Suite, parts[-1])
        if body.value is not None:
            self.found.add(value_in_loop(body.value))
        return syntax.For(self._names(parts), _expression(parts[-2]), body, span=self._span(parts))

    def input(self, parts: TreeParts) -> syntax.Input:
        extents = cast(tuple[syntax.Expression, ...], _nodes(parts, syntax.Node))
        return syntax.Input(_text(parts[1]), extents, **self._spans(parts, 1))

    def output(self, parts: TreeParts) -> syntax.Output:
        name = _text(parts[1]) if isinstance(parts[1], Token) else None
        auxiliary = parts[0] == "auxiliary"
        return syntax.Output(_expression(parts[-1]), name, auxiliary, **self._spans(parts, 1))

    require = _of_each(syntax.Require)

    # Expressions

    conditional = _of_each(syntax.Conditional)
    negation = _of_each(syntax.Negation)
    index = _of_each(syntax.Index)
    range = _of_each(syntax.Range)
    pipe = _of_all(syntax.Pipe)
    tuple = _of_all(syntax.Tuple)
    list = _of_all(syntax.List)
    set = _of_all(syntax.Set)
    choose_alternatives = _of_all(syntax.ChooseAlternatives)

    def disjunction(self, parts: TreeParts) -> syntax.Junction:
        return syntax.Junction("or", _expressions(parts), span=self._span(parts))

    def conjunction(self, parts: TreeParts) -> syntax.Junction:
        return syntax.Junction("and", _expressions(parts), span=self._span(parts))

    def comparison(self, parts: TreeParts) -> syntax.Comparison:
        operators = tuple(map(str, _tokens(parts, "COMPARISON")))
        return syntax.Comparison(_expressions(parts), operators, span=self._span(parts))

    def _arithmetic(self, parts: TreeParts) -> syntax.Arithmetic:
        left, right = _expressions(parts)
        return syntax.Arithmetic(_text(parts[1]), left, right, span=self._span(parts))

    sum = product = _arithmetic

    def attribute(self, parts: TreeParts) -> syntax.Attribute:
        return syntax.Attribute(_expression(parts[0]), _text(parts[2]), span=self._span(parts))

    def call(self, parts: TreeParts) -> syntax.Call:
        return syntax.Call(_expression(parts[0]), _nodes(parts, syntax.Argument), span=self._span(parts))

    def argument(self, parts: TreeParts) -> syntax.Argument:
        name = _text(parts[0]) if len(parts) > 1 else None
        return syntax.Argument(_expression(parts[-1]), name, **self._spans(parts, 0))

    def number(self, parts: TreeParts) -> syntax.Number:
        return read_number(_text(parts[0]), self._span(parts), self.found)

    def string(self, parts: TreeParts) -> syntax.String:
        return syntax.String(_text(parts[0]).strip("\"'"), span=self._span(parts))

    def boolean(self, parts: TreeParts) -> syntax.Boolean:
        return syntax.Boolean(_text(parts[0]) == "true", span=self._span(parts))

    def name(self, parts: TreeParts) -> syntax.Name:
        return self._named(cast(Token, parts[0]))

    def group(self, parts: TreeParts) -> syntax.Expression:
        return replace(_expression(parts[1]), span=self._span(parts), grouped=True)

    def comprehension(self, parts: TreeParts) -> syntax.Comprehension:
        element, values, *conditions = _expressions(parts)
        condition = conditions[0] if conditions else None
        return syntax.Comprehension(element, self._names(parts), values, condition, span=self._span(parts))

    def choose_over(self, parts: TreeParts) -> syntax.ChooseOver:
        body = cast(syntax.Suite, parts[-1])
        if body.value is None:
            self.found.add(no_value(body, "an option of `choose`"))
        return syntax.ChooseOver(_nodes(parts, syntax.Domain), body, span=self._span(parts))

    def domain(self, parts: TreeParts) -> syntax.Domain:
        return syntax.Domain(self._names(parts), _expression(parts[-1]), span=self._span(parts))

    # Parts

    def _span(self, parts: TreeParts) -> Span:
        first, last = parts[0], parts[-1]
        start = first.start_pos if isinstance(first, Token) else first.span.start
        end = last.end_pos if isinstance(last, Token) else last.span.end
        return Span(self.source, cast(int, start), cast(int, end))

    def _spans(self, parts: TreeParts, name: int) -> _Spans:
        """The spans of a node with a name, which is at a place among its parts."""
        return {"span": self._span(parts), "name_span": self._span(parts[name : name + 1])}

    def _named(self, token: Token) -> syntax.Name:
        return syntax.Name(str(token), span=self._span([token]))

    def _names(self, parts: TreeParts) -> NameTuple:
        return tuple(self._named(token) for token in _tokens(parts, "NAME"))


# Parts of rules


def _text(part: TreePart) -> str:
    return str(cast(Token, part))


def _tokens(parts: TreeParts, *types: str) -> list[Token]:
    return [part for part in parts if isinstance(part, Token) and part.type in types]


def _nodes(parts: TreeParts, kind: type[AnyNode]) -> tuple[AnyNode, ...]:
    return tuple(part for part in parts if isinstance(part, kind))


def _statements(parts: TreeParts) -> tuple[syntax.Statement, ...]:
    return tuple(part for part in parts if isinstance(part, syntax.Statement))


def _expression(part: TreePart) -> syntax.Expression:
    return cast(syntax.Expression, part)


def _expressions(parts: TreeParts) -> tuple[syntax.Expression, ...]:
    return _nodes(parts, syntax.Expression)


def _values(parts: TreeParts) -> list[syntax.Expression]:
    """The expressions among the parts of a body."""
    return [_expression(part) for part in parts if not isinstance(part, Token | syntax.Statement)]
