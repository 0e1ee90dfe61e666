"""Walking over a syntax tree."""

from __future__ import annotations

from collections.abc import Iterator

from ssrdsl.language.syntax import Node


def walk(node: Node) -> Iterator[Node]:
    """A node and all the nodes below it, parents first, in the order of the text."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(children(node)))


def children(node: Node) -> list[Node]:
    """The nodes directly below a node, in the order of the text, which is that of their fields."""
    found: list[Node] = []
    names: tuple[str, ...] = type(node).__match_args__
    for name in names:
        value = getattr(node, name)
        if isinstance(value, Node):
            found.append(value)
        elif isinstance(value, tuple):
            found.extend(part for part in value if isinstance(part, Node))
    return found
