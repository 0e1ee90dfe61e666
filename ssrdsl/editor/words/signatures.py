"""How operators, functions and blocks are called, and what they are, in words."""

from __future__ import annotations

import re
from dataclasses import MISSING, Field
from typing import Any, NamedTuple

from ssrdsl.editor.names.imports import known_operators
from ssrdsl.editor.names.symbols import Kind, Symbol
from ssrdsl.language import syntax
from ssrdsl.operators.definition import Operator
from ssrdsl.operators.writing import description, signature_text, written


class Parameter(NamedTuple):
    """A parameter of something that can be called: `text` is how a signature shows it, `choices` are its few values."""

    name: str
    text: str
    positional: bool
    about: str = ""
    choices: tuple[str, ...] = ()


# What the language itself adds to the operators: how a function is called, and what it does.
FUNCTIONS: dict[str, tuple[str, str]] = {
    "min": ("min(a, b, ...)", "The least of some numbers, which may also stand in lists."),
    "max": ("max(a, b, ...)", "The greatest of some numbers, which may also stand in lists."),
    "sum": ("sum(list)", "The sum of some numbers, which may also stand in lists; of conditions, how many hold."),
    "floor": ("floor(x)", "The largest whole number that is not above x."),
    "ceil": ("ceil(x)", "The smallest whole number that is not below x."),
    "round": ("round(x)", "The nearest whole number, halves rounded up; `round(x, n)` is the nearest multiple of n."),
    "round_to": ("round_to(x, n)", "The multiple of n nearest to x that is at least n and at least 90 % of x."),
    "len": ("len(list)", "How many elements a list has."),
    "repeat": (
        "repeat(layer, depth)",
        "A layer applied `depth` times, each time with new weights. A set of depths is a decision over one chain.",
    ),
    "chain": ("chain(layers)", "The layers of a list one after the other."),
    "select": (
        "select(k, tensors)",
        "The sum of exactly k of the tensors, a decision over all choices of k; k may be a set. No tensors are zeros.",
    ),
    "split": (
        "split(total, parts)",
        "A whole number split into so many parts of at least one: one decision, as many values as parts.",
    ),
    "permutation": ("permutation(list)", "The items of a list in a decided order."),
}


def signature(symbol: Symbol) -> str | None:
    """How what a name stands for is written or called, in one line; None where there is no such line."""
    if symbol.kind is Kind.OPERATOR:
        return signature_text(operator_named(symbol.name), symbol.name)
    if symbol.kind is Kind.FUNCTION:
        return FUNCTIONS[symbol.name][0]
    if isinstance(symbol.node, (syntax.Block, syntax.Space)):
        return header(symbol.node)
    return None


def about(symbol: Symbol) -> str:
    """What an operator, a function, a block or a space is, in words; empty where nobody says."""
    if symbol.kind is Kind.OPERATOR:
        return description(operator_named(symbol.name))
    if symbol.kind is Kind.FUNCTION:
        return FUNCTIONS[symbol.name][1]
    if isinstance(symbol.node, (syntax.Block, syntax.Space)):
        return symbol.node.comment
    return ""


def parameters(symbol: Symbol) -> tuple[Parameter, ...]:
    """The parameters of what a name stands for; none for what cannot be called by name."""
    if symbol.kind is Kind.OPERATOR:
        return operator_parameters(symbol.name)
    if isinstance(symbol.node, syntax.Block) and symbol.kind is Kind.BLOCK:
        return tuple(Parameter(p.name, p.span.text, True, choices=_choices(p)) for p in symbol.node.parameters)
    return ()


def header(node: syntax.Block | syntax.Space) -> str:
    """The first words of a block or space, without its body: `block joint(c, drop) of x`."""
    word = "space" if isinstance(node, syntax.Space) else "tied block" if node.tied else "block"
    listed = ", ".join(_flat(parameter.span.text) for parameter in node.parameters)
    inputs = ", ".join(name.name for name in node.inputs) if isinstance(node, syntax.Block) else ""
    return f"{word} {node.name}" + (f"({listed})" if listed else "") + (f" of {inputs}" if inputs else "")


def operator_named(name: str) -> type[Operator]:
    """The operator of a name. Raises KeyError."""
    return known_operators()[name]


def operator_parameters(name: str) -> tuple[Parameter, ...]:
    """The attributes of an operator, in order."""
    return tuple(
        Parameter(item.name, _with_default(item), bool(item.metadata.get("positional")), *_taken(item))
        for item in operator_named(name).signature()
    )


def _with_default(item: Field[Any]) -> str:
    bare = item.default is MISSING or item.metadata.get("alternative")
    return item.name if bare else f"{item.name}={written(item.default)}"


def _taken(item: Field[Any]) -> tuple[str, tuple[str, ...]]:
    takes, dimension = item.metadata.get("takes"), item.metadata.get("dimension")
    if takes is None:
        return "", ()
    words = f"{takes.text}; a set of them is a {dimension} decision" if dimension else takes.text
    return words, takes.choices


def _choices(parameter: syntax.Parameter) -> tuple[str, ...]:
    return ("true", "false") if isinstance(parameter.default, syntax.Boolean) else ()


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)
