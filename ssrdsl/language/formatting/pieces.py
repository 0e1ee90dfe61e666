"""What nodes are written with: texts, the expressions between them, brackets with items, and bodies in braces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from ssrdsl.language import syntax
from ssrdsl.language.formatting.precedence import Level
from ssrdsl.language.syntax import Argument, Expression, Node, Parameter

BracketItem = Expression | Argument | Parameter


class SubExpression(NamedTuple):
    """An expression, and the level that it has to have."""

    node: Expression
    level: Level = Level.EXPRESSION


class Bracket(NamedTuple):
    """Items in a bracket; `opened` is an offset no later than that of the bracket."""

    left: str
    items: Sequence[BracketItem]
    right: str
    opened: int


class Body(NamedTuple):
    """The body in braces of a node: a suite or a search."""

    node: Node


TextPiece = str | SubExpression | Bracket | Body


def pieces(node: Node) -> list[TextPiece]:
    """The pieces of a node in their order; of a statement with a sign, the value is the last, after a blank."""
    match node:
        case syntax.Number(text=text) | syntax.Name(name=text):
            return [text]
        case syntax.String(value=text):
            return [f'"{text}"']
        case syntax.Boolean(value=truth):
            return ["true" if truth else "false"]
        case syntax.Tuple(items=items):
            return [Bracket("(", items, ")", node.span.start)]
        case syntax.List(items=items):
            return [Bracket("[", items, "]", node.span.start)]
        case syntax.Set(items=items):
            return [Bracket("{", items, "}", node.span.start)]
        case syntax.Call(function=function, arguments=arguments):
            return [SubExpression(function, Level.POSTFIX), Bracket("(", arguments, ")", function.span.end)]
        case syntax.Index(value=value, index=index):
            return [SubExpression(value, Level.POSTFIX), "[", SubExpression(index), "]"]
        case syntax.Attribute(value=value, name=name):
            return [SubExpression(value, Level.POSTFIX), f".{name}"]
        case syntax.Negation(operand=operand):
            return ["-", SubExpression(operand, Level.FACTOR)]
        case syntax.Range(start=start, stop=stop, step=step):
            last: list[TextPiece] = [] if stop is None else [SubExpression(stop, Level.SUM)]
            by: list[TextPiece] = [] if step is None else [" step ", SubExpression(step, Level.SUM)]
            return [SubExpression(start, Level.SUM), "..", *last, *by]
        case syntax.ChooseOver(domains=domains, body=body):
            over = [(f"{names_of(domain.names)} in ", SubExpression(domain.values, Level.SUM)) for domain in domains]
            return ["choose ", *_separated(over), " ", Body(body)]
        case syntax.Argument(value=value, name=keyword):
            return [SubExpression(value)] if keyword is None else [f"{keyword}=", SubExpression(value)]
        case syntax.Parameter(name=name, default=default):
            return [name] if default is None else [f"{name}=", SubExpression(default)]
    return _pieces_of_statement(node)


def _pieces_of_statement(node: Node) -> list[TextPiece]:
    match node:
        case syntax.Binding(names=names, value=value, tied=tied):
            return [f"{'tied ' * tied}{names_of(names)} =", " ", SubExpression(value)]
        case syntax.Output(name=name, value=value, auxiliary=auxiliary):
            word = "auxiliary" if auxiliary else "output"
            return [word if name is None else f"{word} {name}:", " ", SubExpression(value)]
        case syntax.Setting(path=path, value=value):
            return [f"{'.'.join(path)} =", " ", SubExpression(value)]
        case syntax.Require(condition=condition):
            return ["require", " ", SubExpression(condition, Level.CONDITION)]
        case syntax.Input(name=name, extents=extents):
            return [f"input {name}: ", *_separated([SubExpression(extent, Level.SUM)] for extent in extents)]
        case syntax.For(names=names, values=values, body=body):
            return [f"for {names_of(names)} in ", SubExpression(values, Level.SUM), " ", Body(body)]
        case syntax.Block(name=name, parameters=parameters, inputs=inputs, body=body, tied=tied):
            head = [f"{'tied ' * tied}block {name}", *_parameters(parameters, node.name_span.end)]
            of = f" of {names_of(inputs)}" if inputs else ""
            if is_one_liner(node) and body.value is not None:
                return [*head, f"{of} =", " ", SubExpression(body.value)]
            return [*head, f"{of} ", Body(body)]
        case syntax.Use(target=target, library=library, rebindings=rebindings):
            head = [f"use {target}" if library else f'use "{target}"', *([" with "] if rebindings else [])]
            return [*head, *_separated([f"{each.name} = ", SubExpression(each.value)] for each in rebindings)]
        case syntax.Space(name=name, parameters=parameters, body=body):
            return [f"space {name}", *_parameters(parameters, node.name_span.end), " ", Body(body)]
        case syntax.Search():
            return ["search ", Body(node)]
    raise TypeError(type(node).__name__)


def _parameters(parameters: Sequence[Parameter], opened: int) -> list[TextPiece]:
    return [Bracket("(", parameters, ")", opened)] if parameters else []


def _separated(groups: Iterable[Sequence[TextPiece]]) -> list[TextPiece]:
    """The pieces of groups with commas between them."""
    return list(chain.from_iterable([", ", *group] for group in groups))[1:]


def pieces_of_items(bracket: Bracket) -> list[list[TextPiece]]:
    """The pieces of each item of a bracket."""
    return [pieces(item) if isinstance(item, Argument | Parameter) else [SubExpression(item)] for item in bracket.items]


def names_of(names: Sequence[syntax.Name]) -> str:
    """Names with commas between them."""
    return ", ".join(name.name for name in names)


def is_one_liner(node: syntax.Block) -> bool:
    """Whether a block is written with `=`: its body has no braces of its own."""
    body = node.body
    if body.value is None or body.statements:
        return False
    return (body.span.start, body.span.end) == (body.value.span.start, body.value.span.end)
