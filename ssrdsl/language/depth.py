"""The limit on the nesting of a file, so that functions over trees can be recursive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lark import Tree

MAX_DEPTH = 100


@dataclass(slots=True)
class TooDeep(Exception):
    """More than `MAX_DEPTH` levels of nested nodes."""

    tree: Branch


class Branch(Tree[Any]):
    """Lark's tree of a rule, which raises an error if it gets too deep.

    Rules that begin with an underscore make no nodes: Lark puts their parts in their place.
    """

    depth: int

    def __init__(self, data: str, children: list[Any]) -> None:
        super().__init__(data, children)
        if not data.startswith("_"):
            self.depth = 1 + max((child.depth for child in children if isinstance(child, Branch)), default=0)
            if self.depth > MAX_DEPTH:
                raise TooDeep(self)
