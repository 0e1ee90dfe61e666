"""Expressions on one line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ssrdsl.language import syntax
from ssrdsl.language.formatting.pieces import Body, Bracket, SubExpression, TextPiece, names_of, pieces, pieces_of_items
from ssrdsl.language.formatting.precedence import Level, level_of
from ssrdsl.language.formatting.remarks import Remarks
from ssrdsl.language.syntax import Expression, Node

OperandPart = tuple[str, Expression, Level]
"""An operand: the operator before it, the operand, and the level that it has to have."""

LEADING = frozenset(["->", "|", "else"])
"""The signs that begin a line, where a line is broken; others end one."""


@dataclass(slots=True)
class FlatExpressions:
    """Writes expressions on one line, if they can be; `body` does so for the bodies inside them."""

    remarks: Remarks
    groups: frozenset[tuple[int, int]]
    body: Callable[[Node], str | None]
    known: dict[int, str | None] = field(default_factory=dict)

    def flat(self, node: Expression, level: Level = Level.EXPRESSION) -> str | None:
        """An expression on one line, in parentheses where they are needed or stood; None where it has to be broken."""
        if id(node) not in self.known:
            self.known[id(node)] = None if self.remarks.inside(node.span) else self._flat(node)
        text = self.known[id(node)]
        return f"({text})" if text is not None and self.in_parentheses(node, level) else text

    def in_parentheses(self, node: Expression, level: Level) -> bool:
        """Whether an expression is in parentheses where this level is wanted: it has to, or did."""
        return level_of(node) < level or (node.span.start, node.span.end) in self.groups

    def joined(self, pieces: Iterable[TextPiece]) -> str | None:
        """Pieces on one line; None where one of them has to be broken."""
        text = ""
        for piece in pieces:
            flat = self._joinable(piece)
            if flat is None:
                return None
            text += flat
        return text

    def _joinable(self, piece: TextPiece) -> str | None:
        match piece:
            case SubExpression(node=node, level=level):
                return self.flat(node, level)
            case Bracket():
                return self._bracket(piece)
            case Body(node=node):
                return self.body(node)
        return piece

    def _bracket(self, bracket: Bracket) -> str | None:
        if bracket.items and self.opens_line(bracket):
            return None
        texts = [self.joined(item) for item in pieces_of_items(bracket)]
        return None if None in texts else bracket.left + ", ".join(text or "" for text in texts) + bracket.right

    def _flat(self, node: Expression) -> str | None:
        match node:
            case syntax.Arithmetic("/", syntax.Number() as upper, syntax.Number() as lower):
                return self.joined([SubExpression(upper), "/", SubExpression(lower)])
            case syntax.Comprehension(element=element, names=names, values=values, condition=condition):
                if "\n" in self._between(node.span.start, element):
                    return None
                end: list[TextPiece] = [] if condition is None else [" if ", SubExpression(condition, Level.CONDITION)]
                over = [f" for {names_of(names)} in ", SubExpression(values, Level.SUM), *end]
                return self.joined(["[", SubExpression(element), *over, "]"])
            case syntax.ChooseAlternatives():
                text = self._flat_parts(self.parts(node))
                return None if text is None else f"choose {{ {text} }}"
            case syntax.Pipe() | syntax.Junction() | syntax.Comparison() | syntax.Conditional() | syntax.Arithmetic():
                return self._flat_parts(self.parts(node))
        return self.joined(pieces(node))

    def _flat_parts(self, parts: Sequence[OperandPart]) -> str | None:
        """Operands with their operators between them; None where the author broke the line at one that leads it."""
        if any(
            sign in LEADING and self.broken_between(left, right) for (_, left, _), (sign, right, _) in pairwise(parts)
        ):
            return None
        (_, first, level), *others = parts
        pairs = ((f" {sign} ", SubExpression(operand, level)) for sign, operand, level in others)
        return self.joined([SubExpression(first, level), *(piece for pair in pairs for piece in pair)])

    def parts(self, node: Expression) -> list[OperandPart]:
        """The operands of a pipe, a condition or a sum, and the alternatives of a `choose`."""
        match node:
            case syntax.Pipe(stages=stages):
                return [("->", stage, Level.CONDITION) for stage in stages]
            case syntax.ChooseAlternatives(alternatives=alternatives):
                return [("|", alternative, Level.EXPRESSION) for alternative in alternatives]
            case syntax.Junction(operator=operator, operands=operands):
                level = Level.CONJUNCTION if operator == "or" else Level.RELATION
                return [(operator, operand, level) for operand in operands]
            case syntax.Comparison(operands=operands, operators=operators):
                return [(sign, operand, Level.SUM) for sign, operand in zip(("", *operators), operands, strict=True)]
            case syntax.Conditional(then=then, condition=condition, otherwise=otherwise):
                return [
                    ("", then, Level.PIPE),
                    ("if", condition, Level.CONDITION),
                    ("else", otherwise, Level.EXPRESSION),
                ]
            case syntax.Arithmetic(operator=operator, left=left, right=right):
                level = level_of(node)
                ungrouped = level_of(left) == level and not self.in_parentheses(left, level)
                before = self.parts(left) if ungrouped else [("", left, level)]
                return [*before, (operator, right, Level(level + 1))]
        raise TypeError(type(node).__name__)

    def broken_between(self, left: Node, right: Node) -> bool:
        """Whether the author broke the line between two operands."""
        return "\n" in self._between(left.span.end, right)

    def opens_line(self, bracket: Bracket) -> bool:
        """Whether the author broke the line between a bracket and the first item in it."""
        return "\n" in self._between(bracket.opened, bracket.items[0])

    def _between(self, start: int, node: Node) -> str:
        return self.remarks.source.text[start : node.span.start]
