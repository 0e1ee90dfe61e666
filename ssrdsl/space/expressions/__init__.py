"""Scalars: exact numbers that depend on decisions, or that keep the formula of the source.

A scalar is an int, a Fraction, a bool, a str, or a `Decided`. Decided expressions are hash-consed: two are equal
exactly if they are one object. Their forms: `Switch` over the options of a decision (a set is a switch of constants,
the width of a mixture likewise), `Variable`s, `LinearForm`s, unexpanded `Product`s and `Apply` of rounding functions
and comparisons. What depends on a single decision is always a flat switch of constants, so that 128 - C + C is 128.

Variables occur if no decision is open: a `SymbolicValue` is a number with the expression over names that the emitted
file prints.

- `limits`: limits on the size of expressions;
- `algebra`: expressions, their arithmetic, and their restriction to chosen options;
- `formulas`: expressions over names as Python;
- `symbols`: numbers with their expression.
"""

from ssrdsl.space.expressions.algebra import (
    Apply,
    Decided,
    ExactScalar,
    LinearForm,
    Product,
    Switch,
    add,
    assign,
    describe,
    divide,
    floor,
    is_whole,
    mapped,
    multiply,
    number,
    restrict,
    support,
    switch,
)  # fmt: skip
from ssrdsl.space.expressions.limits import MAX_MAGNITUDE, ExpressionLimit, ValuesLimit, limited_values
from ssrdsl.space.expressions.symbols import apply

__all__ = [
    "MAX_MAGNITUDE",
    "Apply",
    "Decided",
    "ExactScalar",
    "ExpressionLimit",
    "LinearForm",
    "Product",
    "Switch",
    "ValuesLimit",
    "add",
    "apply",
    "assign",
    "describe",
    "divide",
    "floor",
    "is_whole",
    "limited_values",
    "mapped",
    "multiply",
    "number",
    "restrict",
    "support",
    "switch",
]  # fmt: skip
