"""The text of calls in pictures: the operator and its numbers, without arguments that only affect numerics."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence

from ssrdsl.report.svg import cut
from ssrdsl.space.decisions import Dimension

STRUCTURAL = {"stride", "dilation", "groups", "scale", "kernel"}
"""Arguments by keyword that are always shown."""
LIMIT = 34
SHORT = 32
LONG = 48
Pieces = list[tuple[str, Dimension | None]]


def lines(label: str, names: Mapping[str, Dimension]) -> list[str]:
    """A call in one or two lines: name and positional arguments, then the keywords that matter.

    A keyword matters if it shapes the network or contains one of the decisions in `names`.
    """
    if " -> " in label:
        return _wrapped(label.split(" -> "))
    if not label.endswith(")"):
        return [cut(label, LIMIT)]
    name, positional, keywords = _call(label, names)
    first = f"{name}({', '.join(positional)})" if positional else name
    return [cut(first, LIMIT), *([cut(", ".join(keywords), LIMIT)] if keywords else [])]


def _call(label: str, names: Mapping[str, Dimension]) -> tuple[str, list[str], list[str]]:
    """The name of a call, its positional arguments, and the keywords that matter."""
    name, _, rest = label.partition("(")
    positional, keywords = [], []
    for argument in filter(None, map(str.strip, split_outside_brackets(rest[:-1], ","))):
        keyword, equals, value = argument.partition("=")
        if not equals or not keyword.strip().isidentifier():
            positional.append(_by_cross(argument))
        elif keyword.strip() in STRUCTURAL or mentions(value, names):
            keywords.append(f"{keyword.strip()}={_by_cross(value.strip())}")
    return name, positional, keywords


def _wrapped(stages: Sequence[str]) -> list[str]:
    """Composed layers in lines of limited length."""
    lines = [stages[0]]
    for stage in stages[1:]:
        if len(lines[-1]) + len(stage) + 4 <= LIMIT:
            lines[-1] += f" -> {stage}"
        else:
            lines.append(f"-> {stage}")
    return [cut(line, LIMIT) for line in lines]


def short(label: str) -> str:
    """A call in one line: as written if short, else without keywords that do not shape the network."""
    if len(label) <= SHORT or " -> " in label or not label.endswith(")"):
        return cut(label, LONG)
    name, positional, keywords = _call(label, {})
    return cut(f"{name}({', '.join([*positional, *keywords])})", LONG)


def coloured(text: str, names: Mapping[str, Dimension]) -> Pieces:
    """A text in pieces, with names of decisions and literal sets in the colours of their dimensions."""
    pieces: Pieces = []
    at = 0
    for match in re.finditer(r"\{[^{}]*\}?|[A-Za-z_]\w*", text):
        dimension = names.get("{}" if match[0].startswith("{") else match[0])
        if dimension is not None:
            pieces += [(text[at : match.start()], None)] if match.start() > at else []
            pieces.append((match[0], dimension))
            at = match.end()
    return pieces + ([(text[at:], None)] if at < len(text) else [])


def split_outside_brackets(text: str, separator: str) -> Iterator[str]:
    """The parts of a text between the separators that are outside of brackets."""
    depth, start = 0, 0
    for at, sign in enumerate(text):
        depth += (sign in "([{") - (sign in ")]}")
        if sign == separator and depth == 0:
            yield text[start:at]
            start = at + 1
    yield text[start:]


def _by_cross(value: str) -> str:
    """`(3, 1)` as `3×1`."""
    pair = re.fullmatch(r"\(([^(),]+), *([^(),]+)\)", value)
    return f"{pair[1].strip()}×{pair[2].strip()}" if pair else value


def mentions(text: str, names: Container[str]) -> bool:
    """Whether a text contains one of some names."""
    return any(word in names for word in re.findall(r"[A-Za-z_]\w*", text))
