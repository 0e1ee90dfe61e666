"""The primitive operators: signature, shape rule, cost and construction of each, defined once."""

from __future__ import annotations

from ssrdsl.operators.attributes import AttributeFault
from ssrdsl.operators.construction import (
    Called,
    Construction,
    Extent,
    Infix,
    Listed,
    Operand,
    Self_,
    Subscript,
    applied,
)
from ssrdsl.operators.definition import Indices, Operator, Rule, Shape, Vector, attribute
from ssrdsl.operators.registry import OPERATORS, operators, register, unregister

__all__ = [
    "OPERATORS",
    "AttributeFault",
    "Called",
    "Construction",
    "Extent",
    "Indices",
    "Infix",
    "Listed",
    "Operand",
    "Operator",
    "Rule",
    "Self_",
    "Shape",
    "Subscript",
    "Vector",
    "applied",
    "attribute",
    "operators",
    "register",
    "unregister",
]
