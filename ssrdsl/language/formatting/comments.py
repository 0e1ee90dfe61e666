"""The comments of a text, by the body that contains them."""

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
    """A comment, and where the innermost body around it begins (that of a file, a search or a suite)."""

    span: Span
    text: str
    body: int


@dataclass(slots=True)
class Comments:
    """All comments of a source in the order of the text; `printed` holds those that the formatter has written."""

    source: Source
    every: list[Comment]
    starts: list[int] = field(init=False)
    printed: set[Comment] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.starts = [comment.span.start for comment in self.every]

    def inside(self, span: Span) -> list[Comment]:
        """The comments in a stretch of the text."""
        return self.every[bisect_left(self.starts, span.start) : bisect_left(self.starts, span.end)]

    def between_parts(self, span: Span) -> list[Comment]:
        """The comments in an expression that lie in none of the bodies inside it."""
        return [comment for comment in self.inside(span) if comment.body <= span.start]

    def of_body(self, node: Node) -> list[Comment]:
        """The comments in the body of a node and in none of the bodies inside it."""
        start = body_start(node)
        return [comment for comment in self.inside(node.span) if comment.body == start]


def collect_comments(source: Source, tree: File) -> Comments:
    """Finds the comments of a source that was parsed to this tree."""
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
    """Where the body of a node begins: with its brace; that of a file before everything."""
    if isinstance(node, File):
        return -1
    return node.span.source.text.find("{", node.span.start) if isinstance(node, Search) else node.span.start
