"""Signatures of operators in the syntax of the language."""

from __future__ import annotations

from dataclasses import MISSING, Field
from fractions import Fraction
from inspect import cleandoc
from typing import Any

from ssrdsl.operators.definition import Operator


def written(value: Any) -> str:
    """A default in the syntax of the language."""
    if value is None:
        return "auto"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, Fraction):
        return f"{float(value):g}".replace("e-0", "e-")
    return str(value)


def signature_text(operator: type[Operator], name: str | None = None) -> str:
    """The signature of an operator: `conv(channels, kernel=1, ..., bias=auto)`, tensors of functions included.

    `name` is another name under which it is known.
    """
    tensors = ["tensors"] if operator.is_function and operator.inputs is None else []
    if operator.is_function and operator.inputs is not None:
        tensors = ["x"] if operator.inputs == 1 else [f"x{index + 1}" for index in range(operator.inputs)]
    parts = [*tensors, *map(_parameter, operator.signature())]
    return (name or operator.name) + (f"({', '.join(parts)})" if parts else "")


def _parameter(field: Field[Any]) -> str:
    if field.default is MISSING:
        return field.name
    if field.metadata.get("alternative"):
        return field.name if field.metadata.get("positional") else f"{field.name}=..."
    return f"{field.name}={written(field.default)}"


def summary(operator: type[Operator]) -> str:
    """The first sentence of the description of an operator."""
    return description(operator).split("\n\n")[0].replace("\n", " ")


def description(operator: type[Operator]) -> str:
    """The description of an operator."""
    return cleandoc(operator.__doc__ or "")
