"""Signatures and descriptions of operators, functions and blocks."""

from __future__ import annotations

import re
from dataclasses import MISSING, Field
from typing import Any, NamedTuple

from ssrdsl.language import syntax
from ssrdsl.operators.writing import description, signature_text, written
from ssrdsl.space.binding.primitives import known_operators
from ssrdsl.space.binding.symbols import Symbol, SymbolKind


class SignatureParameter(NamedTuple):
    """A parameter of a function: `text` is its text in a signature, `choices` are its values if there are few."""

    name: str
    text: str
    positional: bool
    about: str = ""
    choices: tuple[str, ...] = ()


# The signature and the description of every function.
FUNCTIONS: dict[str, tuple[str, str]] = {
    "min": ("min(a, b, ...)", "The smallest of some numbers, or of the elements of lists."),
    "max": ("max(a, b, ...)", "The largest of some numbers, or of the elements of lists."),
    "sum": ("sum(list)", "The sum of some numbers, or of the elements of lists. Conditions count as 0 or 1."),
    "floor": ("floor(x)", "The largest integer less than or equal to x."),
    "ceil": ("ceil(x)", "The smallest integer greater than or equal to x."),
    "round": ("round(x)", "The nearest integer, with halves rounded up. `round(x, n)` is the nearest multiple of n."),
    "round_to": ("round_to(x, n)", "The multiple of n nearest to x that is at least n and at least 90 % of x."),
    "len": ("len(list)", "The number of elements of a list."),
    "repeat": (
        "repeat(layer, depth)",
        "Apply a layer `depth` times, each time with new weights. A set searches the depth with shared weights.",
    ),
    "chain": ("chain(layers)", "Compose the layers of a list."),
    "select": (
        "select(k, tensors)",
        "The sum of exactly k of the tensors: a decision over all subsets of k. k may be a set; an empty sum is zeros.",
    ),
    "split": (
        "split(total, parts)",
        "Split an integer into positive parts: one decision with one value per part.",
    ),
    "permutation": ("permutation(list)", "The elements of a list in a searched order."),
}


def signature(symbol: Symbol) -> str | None:
    """The signature of an operator, function, block or space; None for other names."""
    if symbol.kind is SymbolKind.OPERATOR:
        return signature_text(known_operators()[symbol.name], symbol.name)
    if symbol.kind is SymbolKind.FUNCTION:
        return FUNCTIONS[symbol.name][0]
    if isinstance(symbol.node, (syntax.Block, syntax.Space)):
        return header(symbol.node)
    return None


def about(symbol: Symbol) -> str:
    """The description of an operator, function, block or space; empty if there is none."""
    if symbol.kind is SymbolKind.OPERATOR:
        return description(known_operators()[symbol.name])
    if symbol.kind is SymbolKind.FUNCTION:
        return FUNCTIONS[symbol.name][1]
    if isinstance(symbol.node, (syntax.Block, syntax.Space)):
        return symbol.node.comment
    return ""


def parameters(symbol: Symbol) -> tuple[SignatureParameter, ...]:
    """The parameters of an operator or block; empty for other names."""
    if symbol.kind is SymbolKind.OPERATOR:
        return tuple(
            SignatureParameter(item.name, _with_default(item), bool(item.metadata.get("positional")), *_taken(item))
            for item in known_operators()[symbol.name].signature()
        )
    if isinstance(symbol.node, syntax.Block) and symbol.kind is SymbolKind.BLOCK:
        return tuple(SignatureParameter(p.name, p.span.text, True, choices=_choices(p)) for p in symbol.node.parameters)
    return ()


def header(node: syntax.Block | syntax.Space) -> str:
    """The first words of a block or space, without its body: `block joint(c, drop) of x`."""
    word = "space" if isinstance(node, syntax.Space) else "tied block" if node.tied else "block"
    listed = ", ".join(_flat(parameter.span.text) for parameter in node.parameters)
    inputs = ", ".join(name.name for name in node.inputs) if isinstance(node, syntax.Block) else ""
    return f"{word} {node.name}" + (f"({listed})" if listed else "") + (f" of {inputs}" if inputs else "")


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
