"""Descriptive comments of a source: the header of the file, and comments above definitions."""

from __future__ import annotations

from ssrdsl.language.source import Source


def header(text: str) -> str:
    """The comment at the head of a file, without its signs; empty if the file begins otherwise.

    A comment that is directly above a block describes the block, not the file.
    """
    lines = text.split("\n")
    count = next((number for number, line in enumerate(lines) if not _is_comment(line)), len(lines))
    following = lines[count].split() if count < len(lines) else []
    if following[:1] == ["block"] or following[:2] == ["tied", "block"]:
        return ""
    return _joined(lines[:count])


def comment_above(source: Source, line: int) -> str:
    """The comment in the lines directly above a line, counted from 1, without `#`."""
    first = line
    while first > 1 and _is_comment(source.line(first - 1)):
        first -= 1
    return _joined([source.line(number) for number in range(first, line)])


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _joined(lines: list[str]) -> str:
    return "\n".join(line.lstrip().removeprefix("#").removeprefix(" ").rstrip() for line in lines)
