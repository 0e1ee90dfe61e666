"""The precedence of expressions, and where parentheses are needed."""

from __future__ import annotations

from enum import IntEnum

from ssrdsl.language import syntax


class Level(IntEnum):
    """The precedence levels of the grammar, lowest first; a level includes all higher ones."""

    EXPRESSION = 0
    PIPE = 1
    CONDITION = 2
    CONJUNCTION = 3
    RELATION = 4
    SUM = 5
    TERM = 6
    FACTOR = 7
    POSTFIX = 8


def level_of(node: syntax.Expression) -> Level:
    """The level of an expression without parentheses."""
    match node:
        case syntax.Conditional():
            return Level.EXPRESSION
        case syntax.Pipe():
            return Level.PIPE
        case syntax.Junction(operator=operator):
            return Level.CONDITION if operator == "or" else Level.CONJUNCTION
        case syntax.Comparison():
            return Level.RELATION
        case syntax.Arithmetic(operator=operator):
            return Level.SUM if operator in "+-" else Level.TERM
        case syntax.Negation():
            return Level.FACTOR
    return Level.POSTFIX


def in_parentheses(node: syntax.Expression, level: Level) -> bool:
    """Whether to print parentheses where `level` is required: because they are needed, or were in the source."""
    return node.grouped or level_of(node) < level
