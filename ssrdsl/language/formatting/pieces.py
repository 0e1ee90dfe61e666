"""The pieces of formatted nodes: texts, the expressions between them, line breaks, brackets, operands and bodies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from ssrdsl.language import syntax
from ssrdsl.language.formatting.precedence import Level, level_of
from ssrdsl.language.syntax import Argument, Expression, Node, Parameter

BracketItem = Expression | Argument | Parameter

LEADING = frozenset(["->", "|", "else"])
"""The operators that begin a line where a line is broken; the others end a line."""


class SubExpression(NamedTuple):
    """An expression, and the precedence level required of it."""

    node: Expression
    level: Level = Level.EXPRESSION


class Line(NamedTuple):
    """`flat` on one line, a newline otherwise; `kept`: the source has a newline here."""

    flat: str
    kept: bool = False


class Bracket(NamedTuple):
    """Items in a bracket; `opens_line`: the source has a newline between the bracket and the first item."""

    left: str
    items: Sequence[BracketItem]
    right: str
    opens_line: bool


class OperandPart(NamedTuple):
    """An operand and the operator before it; `kept`: the source has a newline before this operator."""

    sign: str
    expression: SubExpression
    kept: bool


class Operands(NamedTuple):
    """Operands with operators between them; on one line, `blank` is printed around the operators."""

    operands: Sequence[OperandPart]
    blank: str = " "


class Alternatives(NamedTuple):
    """The alternatives of a `choose`, in braces."""

    operands: Operands


class Body(NamedTuple):
    """The body of a node in braces: a suite or a search."""

    node: Node


TextPiece = str | SubExpression | Line | Bracket | Operands | Alternatives | Body


def pieces_of(node: Node, padding: int = 0) -> list[TextPiece]:
    """The pieces of a statement or of an item in a bracket; an expression is one piece. See `pieces`."""
    return [SubExpression(node)] if isinstance(node, Expression) else pieces(node, padding)


def pieces(node: Node, padding: int = 0) -> list[TextPiece]:
    """The pieces of a node in order. The last two of a statement with `=` or `:` are a space and its value.

    `padding` spaces are added before that `=` or after that `:`.
    """
    match node:
        case syntax.Number(text=text) | syntax.Name(name=text):
            return [text]
        case syntax.String(value=text):
            return [f'"{text}"']
        case syntax.Boolean(value=truth):
            return ["true" if truth else "false"]
        case syntax.Tuple(items=items):
            return [_bracket("()", items, node.span.start)]
        case syntax.List(items=items):
            return [_bracket("[]", items, node.span.start)]
        case syntax.Set(items=items):
            return [_bracket("{}", items, node.span.start)]
        case syntax.Comprehension(element=element, names=names, values=values, condition=condition):
            opening = Line("", _breaks(node.span.start, element))
            end: list[TextPiece] = (
                [] if condition is None else [Line(" "), "if ", SubExpression(condition, Level.CONDITION)]
            )
            over = (f"for {names_of(names)} in ", SubExpression(values, Level.SUM))
            return ["[", opening, SubExpression(element), Line(" "), *over, *end, "]"]
        case syntax.Call(function=function, arguments=arguments):
            return [SubExpression(function, Level.POSTFIX), _bracket("()", arguments, function.span.end)]
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
        case syntax.ChooseAlternatives(alternatives=alternatives):
            return ["choose ", Alternatives(_operands(("|", each, Level.EXPRESSION) for each in alternatives))]
        case syntax.ChooseOver(domains=domains, body=body):
            choices = [(f"{names_of(domain.names)} in ", SubExpression(domain.values, Level.SUM)) for domain in domains]
            return ["choose ", *_separated(choices), " ", Body(body)]
        case syntax.Arithmetic(operator=operator, left=left, right=right):
            is_fraction = operator == "/" and isinstance(left, syntax.Number) and isinstance(right, syntax.Number)
            return [_operands(_terms(node), "" if is_fraction else " ")]
        case syntax.Comparison(operands=operands, operators=operators):
            return [_operands((sign, each, Level.SUM) for sign, each in zip(("", *operators), operands, strict=True))]
        case syntax.Junction(operator=operator, operands=operands):
            level = Level.CONJUNCTION if operator == "or" else Level.RELATION
            return [_operands((operator, operand, level) for operand in operands)]
        case syntax.Conditional(then=then, condition=condition, otherwise=otherwise):
            test, rest = ("if", condition, Level.CONDITION), ("else", otherwise, Level.EXPRESSION)
            return [_operands([("", then, Level.PIPE), test, rest])]
        case syntax.Pipe(stages=stages):
            return [_operands(("->", stage, Level.CONDITION) for stage in stages)]
        case syntax.Argument(value=value, name=keyword):
            return [SubExpression(value)] if keyword is None else [f"{keyword}=", SubExpression(value)]
        case syntax.Parameter(name=name, default=default):
            return [name] if default is None else [f"{name}=", SubExpression(default)]
    return _pieces_of_statement(node, " " * padding)


def _pieces_of_statement(node: Node, padding: str) -> list[TextPiece]:
    match node:
        case syntax.Binding(names=names, value=value, tied=tied):
            return [f"{'tied ' * tied}{names_of(names)} {padding}=", " ", SubExpression(value)]
        case syntax.Output(name=name, value=value, auxiliary=auxiliary):
            word = "auxiliary" if auxiliary else "output"
            return [word if name is None else f"{word} {name}:{padding}", " ", SubExpression(value)]
        case syntax.Setting(path=path, value=value):
            return [f"{'.'.join(path)} {padding}=", " ", SubExpression(value)]
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
                return [*head, f"{of} {padding}=", _before_body(node, body.value), SubExpression(body.value)]
            return [*head, f"{of} ", Body(body)]
        case syntax.Use(target=target, library=library, rebindings=rebindings):
            head = [f"use {target}" if library else f'use "{target}"', *([" with "] if rebindings else [])]
            return [*head, *_separated([f"{each.name} = ", SubExpression(each.value)] for each in rebindings)]
        case syntax.Space(name=name, parameters=parameters, body=body):
            return [f"space {name}", *_parameters(parameters, node.name_span.end), " ", Body(body)]
        case syntax.Search():
            return ["search ", Body(node)]
    raise TypeError(type(node).__name__)


def _bracket(signs: str, items: Sequence[BracketItem], opened: int) -> Bracket:
    """Items in a bracket; `opened` is an offset at or before the bracket."""
    return Bracket(signs[0], items, signs[1], bool(items) and _breaks(opened, items[0]))


def _parameters(parameters: Sequence[Parameter], opened: int) -> list[TextPiece]:
    return [_bracket("()", parameters, opened)] if parameters else []


def _separated(groups: Iterable[Sequence[TextPiece]]) -> list[TextPiece]:
    """The pieces of groups, separated by commas."""
    return list(chain.from_iterable([", ", *group] for group in groups))[1:]


def _operands(parts: Iterable[tuple[str, Expression, Level]], blank: str = " ") -> Operands:
    """Operands from tuples of the operator before them, the expression, and the level required of it."""
    operands: list[OperandPart] = []
    for sign, node, level in parts:
        kept = bool(operands) and sign in LEADING and _breaks(operands[-1].expression.node.span.end, node)
        operands.append(OperandPart(sign, SubExpression(node, level), kept))
    return Operands(operands, blank)


def _terms(node: syntax.Arithmetic) -> list[tuple[str, Expression, Level]]:
    """The operands of a sum or a product; the syntax tree nests them to the left."""
    level, left = level_of(node), node.left
    nested = isinstance(left, syntax.Arithmetic) and level_of(left) == level and not left.grouped
    before = _terms(left) if nested and isinstance(left, syntax.Arithmetic) else [("", left, level)]
    return [*before, (node.operator, node.right, Level(level + 1))]


def _breaks(start: int, node: Node) -> bool:
    """Whether the source has a newline between an offset and a node."""
    return "\n" in node.span.source.text[start : node.span.start]


def _before_body(node: syntax.Block, value: Expression) -> TextPiece:
    """The piece between the `=` and the layer of a block.

    It is a space if the layer begins with a bracket that can be broken, so that it begins on the line of the head.
    """
    head = node.span.source.text[node.span.start : node.body.span.start]
    kept = "\n" in head[len(head.rstrip()) :]
    # A `choose`, or a call whose last argument is a list or a `choose`.
    last = value.arguments[-1].value if isinstance(value, syntax.Call) and value.arguments else value
    brackets = syntax.ChooseAlternatives | syntax.ChooseOver
    stays = isinstance(last, brackets if last is value else brackets | syntax.List | syntax.Comprehension)
    return " " if stays and not kept else Line(" ", kept)


def names_of(names: Sequence[syntax.Name]) -> str:
    """Names separated by commas."""
    return ", ".join(name.name for name in names)


def is_one_liner(node: syntax.Block) -> bool:
    """Whether a block is written with `=`, without braces around its body."""
    body = node.body
    if body.value is None or body.statements:
        return False
    return (body.span.start, body.span.end) == (body.value.span.start, body.value.span.end)
