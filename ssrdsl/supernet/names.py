"""Keys of parameters: a node's id as the name of a module.

torch separates modules by dots and forbids dots in their names, but ids of nodes contain dots. In keys a dot is
written as a slash, and slashes are escaped: `quarter.joint[2].conv` becomes
`quarter/joint[2]/conv`. The mapping is reversible, and does not change when the graph is restricted.
"""

from __future__ import annotations

from typing import Final

_PAIRS: Final = (("%", "%25"), ("/", "%2F"), (".", "/"))


def escape(node: str) -> str:
    """The id of a node as the name of a module."""
    for plain, escaped in _PAIRS:
        node = node.replace(plain, escaped)
    return node


def unescape(name: str) -> str:
    """Inverse of `escape`."""
    for plain, escaped in reversed(_PAIRS):
        name = name.replace(escaped, plain)
    return name
