"""The words with which statements begin."""

from __future__ import annotations

from collections.abc import Sequence

from ssrdsl.language import syntax
from ssrdsl.language.syntax import Node


def head_of(node: Node) -> str:
    """The words with which a statement begins, up to and with its sign."""
    match node:
        case syntax.Binding(names=names, tied=tied):
            return f"{'tied ' * tied}{names_of(names)} = "
        case syntax.Output(name=name):
            return "output " if name is None else f"output {name}: "
        case syntax.Auxiliary(name=name):
            return f"auxiliary {name}: "
        case syntax.Setting(path=path):
            return f"{'.'.join(path)} = "
        case syntax.Input(name=name):
            return f"input {name}: "
        case syntax.Block(name=name, tied=tied):
            return f"{'tied ' * tied}block {name}"
        case syntax.Space(name=name):
            return f"space {name}"
        case syntax.Use(target=target, library=library, rebindings=rebindings):
            return f"use {target if library else chr(34) + target + chr(34)}{' with ' if rebindings else ''}"
    raise TypeError(type(node).__name__)


def names_of(names: Sequence[syntax.Name]) -> str:
    """Names with commas between them."""
    return ", ".join(name.name for name in names)


def is_one_liner(node: syntax.Block) -> bool:
    """Whether a block is written with `=`: its body has no braces of its own."""
    body = node.body
    if body.value is None or body.statements:
        return False
    return (body.span.start, body.span.end) == (body.value.span.start, body.value.span.end)


def name_end(node: syntax.Block) -> int:
    """The offset after the name of a block."""
    return node.name_span.end if node.name_span else node.span.start
