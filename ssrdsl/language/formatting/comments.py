"""The comments of a file, by the body that contains them."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field

from ssrdsl.language.source import Source, Span
from ssrdsl.language.syntax import File, Node, Search, Suite
from ssrdsl.language.walk import walk

_PATTERN = re.compile(r'"[^"\n]*"|(#[^\n]*)')


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment, and the offset at which the innermost body around it begins (of a file, a search or a suite)."""

    span: Span
    text: str
    body: int


@dataclass(slots=True)
class Comments:
    """All comments of a source in their order; `printed` contains those that the formatter has printed."""

    source: Source
    every: list[Comment]
    starts: list[int] = field(init=False)
    printed: set[Comment] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.starts = [comment.span.start for comment in self.every]

    def inside(self, span: Span) -> list[Comment]:
        """The comments in a span."""
        return self.every[bisect_left(self.starts, span.start) : bisect_left(self.starts, span.end)]

    def between_parts(self, span: Span) -> list[Comment]:
        """The comments in an expression, except those in bodies inside it."""
        return [comment for comment in self.inside(span) if comment.body <= span.start]

    def of_body(self, node: Node) -> list[Comment]:
        """The comments in the body of a node, except those in bodies inside it."""
        start = body_start(node)
        return [comment for comment in self.inside(node.span) if comment.body == start]


def collect_comments(source: Source, tree: File) -> Comments:
    """Find the comments of a source; `tree` is its syntax tree."""
    bodies = sorted((body_start(node), node.span.end) for node in walk(tree) if isinstance(node, Suite | Search))
    every, opened, following = [], [(-1, len(source.text) + 1)], 0
    for match in _PATTERN.finditer(source.text):
        if match[1] is None:
            continue
        while following < len(bodies) and bodies[following][0] < match.start():
            opened.append(bodies[following])
            following += 1
        while opened[-1][1] <= match.start():
            opened.pop()
        every.append(Comment(Span(source, *match.span()), match[1].rstrip(), opened[-1][0]))
    return Comments(source, every)


def body_start(node: Node) -> int:
    """The offset of the body of a node, which is that of its brace; -1 for a file."""
    if isinstance(node, File):
        return -1
    return node.span.source.text.find("{", node.span.start) if isinstance(node, Search) else node.span.start
