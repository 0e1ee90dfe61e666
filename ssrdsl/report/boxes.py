"""The boxes of a picture of a space: cards of stages, chips of operators, frames around choices and repeats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ssrdsl.report.calls import coloured, lines
from ssrdsl.report.flow import Box, Flow
from ssrdsl.report.svg import COLOURS, Drawing, code_width, text_width
from ssrdsl.space.decisions import Dimension

ROW = 24.0
PAD = 9.0
STACK = 4.0
"""Offset of each sheet of a stack."""
ENTERING = 11.0
"""Height of a box per line that enters it."""
GREY = "#6e7781"


def badge(text: str, dimension: Dimension | None = None) -> Box:
    """A short text on a ground in the colour of a dimension."""
    width = text_width(text, "badge") + 11

    def draw(drawing: Drawing, x: float, y: float) -> None:
        drawing.coloured(x, y, width, 17, GREY if dimension is None else COLOURS[dimension])
        drawing.text(x + width / 2, y + 12.5, text, "badge", "middle")

    return Box(width, 17, draw, text)


def shelves(boxes: Sequence[Box], gap: float, below: float, page: float = float("inf")) -> Box:
    """Boxes side by side with a gap, in rows of at most a width, with a space between two rows.

    A wider box has its own row.
    """
    rows: list[list[Box]] = []
    for box in boxes:
        if rows and sum(each.width + gap for each in [*rows[-1], box]) <= page + gap:
            rows[-1].append(box)
        else:
            rows.append([box])
    heights = [max(box.height for box in row) + below for row in rows]

    def draw(drawing: Drawing, left: float, top: float) -> None:
        for row, height in zip(rows, heights, strict=True):
            x = left
            for box in row:
                box.draw(drawing, x, top)
                x += box.width + gap
            top += height

    width = max((sum(box.width + gap for box in row) for row in rows), default=gap)
    return Box(width - gap, sum(heights, -below), draw)


@dataclass(frozen=True, slots=True)
class CardRow:
    """A line of a card: its badge, its text, and the dimensions open inside; stacked if it repeats."""

    label: str
    badge: Box | None = None
    inside: tuple[Dimension, ...] = ()
    stacked: bool = False

    @property
    def width(self) -> float:
        """The width of the drawing."""
        badge = 0 if self.badge is None else self.badge.width + 6
        dots = 11 * len(self.inside) + (3 if self.inside else 0)
        return 16 + badge + code_width(self.label) + dots + (2 * STACK if self.stacked else 0)


def card(title: str, rows: Sequence[CardRow], kind: str = "title") -> Box:
    """A list of consecutive parts, with a title in a class of text."""
    inner = max([text_width(title, kind), *(row.width for row in rows)])
    head = 23.0 if title else 0.0
    height = 2 * PAD + head + sum(_row_height(row) for row in rows) - 4
    if not rows:
        height += 4 - 7

    def draw(drawing: Drawing, x: float, y: float) -> None:
        drawing.rect(x, y, inner + 2 * PAD, height, "card", 9)
        if title:
            drawing.text(x + PAD + 1, y + PAD + 12, title, kind)
        at = y + PAD + head
        for row in rows:
            _draw_row(drawing, row, x + PAD, at, inner)
            at += _row_height(row)

    return Box(inner + 2 * PAD, height, draw, title or ", ".join(row.label for row in rows))


def _row_height(row: CardRow) -> float:
    return ROW + 5 + (2 * STACK if row.stacked else 0)


def _draw_row(drawing: Drawing, row: CardRow, x: float, y: float, width: float) -> None:
    if row.stacked:
        width -= 2 * STACK
        for sheet in (2, 1):
            drawing.rect(x + sheet * STACK, y + sheet * STACK, width, ROW, "row", 5)
    drawing.rect(x, y, width, ROW, "row", 5)
    left = x + 8
    if row.badge:
        row.badge.draw(drawing, left - 3, y + 3.5)
        left += row.badge.width + 3
    label = row.label
    drawing.text(left, y + 16, label, "code")
    for number, dimension in enumerate(row.inside):
        drawing.dot(left + code_width(label) + 9 + 11 * number, y + 12, 4, COLOURS[dimension])


def pill(label: str) -> Box:
    """An input or output of the network."""
    width = text_width(label, "title") + 20

    def draw(drawing: Drawing, x: float, y: float) -> None:
        drawing.rect(x, y, width, 28, "card", 14)
        drawing.text(x + width / 2, y + 18.5, label, "title", "middle")

    return Box(width, 28, draw, label)


def port(name: str = "", *, leaves: bool = False) -> Box:
    """The point where a tensor enters or leaves a frame, with its name."""
    text = text_width(name, "small") + 4 if name else 0.0

    def draw(drawing: Drawing, x: float, y: float) -> None:
        drawing.dot(x + (4 if leaves else text + 4), y + 7, 4)
        drawing.text(x + (12 if leaves else 0), y + 11, name, "small")

    return Box(text + 8, 14, draw, name)


def plus(entering: int = 2) -> Box:
    """The sum of tensors."""
    height = max(22.0, ENTERING * entering)

    def draw(drawing: Drawing, x: float, y: float) -> None:
        drawing.rect(x, y, 22, height, "row", 11)
        middle = y + height / 2
        drawing.line(f"M{x + 6:.1f} {middle:.1f}h10M{x + 11:.1f} {middle - 5:.1f}v10")

    return Box(22, height, draw, "add")


def chip(label: str, names: Mapping[str, Dimension], entering: int = 1) -> Box:
    """An operator with its numbers, decided ones in colour; its height grows with the number of lines that enter it."""
    if label == "add" or label.startswith("add("):
        return plus(entering)
    texts = lines(label, names)
    width = max(map(code_width, texts)) + 16
    height = max(10.0 + 15 * len(texts), ENTERING * entering)
    first = 16.5 + (height - 10.0 - 15 * len(texts)) / 2

    def draw(drawing: Drawing, x: float, y: float) -> None:
        drawing.rect(x, y, width, height, "row", 5)
        for number, text in enumerate(texts):
            left = x + (width - code_width(text)) / 2
            drawing.words(left, y + first + 15 * number, coloured(text, names))

    return Box(width, height, draw, label)


def badge_chip(shown: Box, entering: int = 1) -> Box:
    """A badge in the place of an operator."""
    width, height = shown.width + 8, max(25.0, ENTERING * entering)

    def draw(drawing: Drawing, x: float, y: float) -> None:
        drawing.rect(x, y, width, height, "row", 5)
        shown.draw(drawing, x + 4, y + (height - shown.height) / 2)

    return Box(width, height, draw, shown.label)


def frame(
    flow: Flow | Box,
    badges: Sequence[Box] = (),
    note: str = "",
    dimension: Dimension | None = None,
    *,
    stacked: bool = False,
    title: str = "",
) -> Box:
    """A frame around a repeated, chosen or named part, with its title or badges above."""
    head = 25.0 if badges or note or title else 0.0
    text, kind = (title, "title") if title else (note, "small")
    marks = shelves(badges, 6, 0)
    indent = marks.width + 6 if badges else 0.0
    heading = indent + text_width(text, kind)
    width = max(flow.width, heading) + 2 * PAD
    height = flow.height + 2 * PAD + head
    margin = 2 * STACK if stacked else 0.0

    def draw(drawing: Drawing, x: float, y: float) -> None:
        for sheet in (2, 1) if stacked else ():
            drawing.rect(x + sheet * STACK, y + sheet * STACK, width, height, "card", 8)
        drawing.rect(x, y, width, height, "card", 8)
        if dimension is not None:
            drawing.tinted(x, y, width, height, COLOURS[dimension])
        marks.draw(drawing, x + PAD, y + 7)
        if text:
            drawing.text(x + PAD + indent + 1, y + 19.5, text, kind)
        flow.draw(drawing, x + (width - flow.width) / 2, y + PAD + head)

    return Box(width + margin, height + margin, draw, text, (flow,) if isinstance(flow, Flow) else ())
