"""Layout of a small directed graph: columns from left to right, the longest chain straight, the rest below it.

Lines that jump over columns run above the chain. Where the columns are wider than the page, they go on in a new row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ssrdsl.report.routes import ENTRY, LANE, TURN, Routes
from ssrdsl.report.svg import Drawing, text_width

SLACK = 1.2
"""How far a row may pass the page so that what would be left over needs no row of its own."""
BELOW = 16.0
"""Distance of boxes below the chain."""


@dataclass(frozen=True, slots=True)
class Box:
    """Something to place: its size and how to draw it with its upper left corner at a point."""

    width: float
    height: float
    draw: Callable[[Drawing, float, float], None]


@dataclass(frozen=True, slots=True)
class Link:
    """A line between two boxes, by their positions in the list; two short texts stand above and below it."""

    start: int
    end: int
    above: str = ""
    below: str = ""

    @property
    def label(self) -> str:
        """Both texts in one line."""
        return " × ".join(text for text in (self.above, self.below) if text)


@dataclass(slots=True)
class Flow:
    """Boxes and links, placed. `width` and `height` are those of the whole; the boxes come in topological order."""

    boxes: Sequence[Box]
    links: Sequence[Link]
    gap: float = 16.0
    page: float = float("inf")
    column: list[int] = field(init=False)
    chain: list[int] = field(init=False)
    places: list[tuple[float, float]] = field(init=False)
    rows: list[int] = field(init=False)
    axis: list[float] = field(init=False)
    width: float = field(init=False)
    height: float = field(init=False)
    left: list[float] = field(init=False)
    entries: list[int] = field(init=False)
    bottoms: list[float] = field(init=False)
    lanes: dict[int, int] = field(init=False)
    turns: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self.column = self._columns()
        self.chain = self._longest_chain()
        self.lanes = self._jumps()
        self._place()

    # Placing

    def _columns(self) -> list[int]:
        column = [0] * len(self.boxes)
        for index in range(len(self.boxes)):
            column[index] = max((column[link.start] + 1 for link in self.links if link.end == index), default=0)
        return column

    def _longest_chain(self) -> list[int]:
        """One box of every column, each linked with the next."""
        if not self.boxes:
            return []
        at = max(range(len(self.boxes)), key=lambda index: self.column[index])
        chain = [at]
        while self.column[at] > 0:
            before = [link.start for link in self.links if link.end == at]
            at = max((b for b in before if self.column[b] == self.column[at] - 1), key=lambda b: self.boxes[b].width)
            chain.append(at)
        return chain[::-1]

    def _jumps(self) -> dict[int, int]:
        """For the links between boxes of the chain that jump, the lane above it; short jumps run lowest."""
        on_chain = set(self.chain)
        lanes: dict[int, int] = {}
        spans: list[list[tuple[int, int]]] = []
        jumping = [
            (number, self.column[link.start], self.column[link.end])
            for number, link in enumerate(self.links)
            if {link.start, link.end} <= on_chain and self.column[link.end] > self.column[link.start] + 1
        ]
        for number, start, end in sorted(jumping, key=lambda jump: (jump[2] - jump[1], jump[0])):
            lane = next(
                (k for k, taken in enumerate(spans) if all(end <= s or start >= e for s, e in taken)), len(spans)
            )
            if lane == len(spans):
                spans.append([])
            spans[lane].append((start, end))
            lanes[number] = lane
        return lanes

    def _place(self) -> None:
        columns = [[i for i, c in enumerate(self.column) if c == n] for n in range(max(self.column, default=-1) + 1)]
        widths = [max(self.boxes[i].width for i in members) for members in columns]
        gaps = [0.0] + [self._gap(number) for number in range(1, len(columns))]
        row_of, left = self._break(widths, gaps)
        self.places = [(0.0, 0.0)] * len(self.boxes)
        self.rows = [row_of[column] for column in self.column]
        self.turns = self._between_rows()
        self.entries = self._entering(len(columns))
        self.left = left = self._with_room(left, row_of)
        self.axis, self.bottoms = [], []
        top = 0.0
        for row in range(max(row_of, default=-1) + 1):
            top = self._place_row([columns[c] for c in range(len(columns)) if row_of[c] == row], left, widths, top, row)
        self.width = max((x + box.width for (x, _), box in zip(self.places, self.boxes, strict=True)), default=0.0)
        self.height = max(self.bottoms, default=0.0)

    def _gap(self, column: int) -> float:
        """Room for the texts of the links that enter a column from the one before."""
        texts = [
            text
            for link in self.links
            if self.column[link.end] == column and self.column[link.start] == column - 1
            for text in (link.above, link.below)
        ]
        return max([self.gap, *(text_width(text, "label") + 28 for text in texts if text)])

    def _break(self, widths: Sequence[float], gaps: Sequence[float]) -> tuple[list[int], list[float]]:
        """The row and the left edge of every column."""
        rows: list[int] = []
        left: list[float] = []
        x, row = 0.0, 0
        for number, width in enumerate(widths):
            start = x + gaps[number] if number else 0.0
            rest = start + width + sum(map(sum, zip(widths[number + 1 :], gaps[number + 1 :], strict=True)))
            if number and start + width > self.page and rest > SLACK * self.page:
                row, start = row + 1, 0.0
            rows.append(row)
            left.append(start)
            x = start + width
        return rows, left

    def _place_row(
        self, columns: list[list[int]], left: list[float], widths: Sequence[float], top: float, row: int
    ) -> float:
        """Places the boxes of a row; gives the top of the next one."""
        members = [index for column in columns for index in column]
        within = [number for number in self.lanes if number not in self.turns]
        lanes = [self.lanes[number] for number in within if self.rows[self.links[number].end] == row]
        top += LANE * (max(lanes) + 1) if lanes else 0.0
        tallest = max(self.boxes[i].height for i in members if i in self.chain)
        self.axis.append(top + tallest / 2)
        bottom = top + tallest
        for column in columns:
            y = top + tallest + BELOW
            for index in column:
                box = self.boxes[index]
                x = left[self.column[index]] + (widths[self.column[index]] - box.width) / 2
                if index in self.chain:
                    self.places[index] = (x, self.axis[row] - box.height / 2)
                else:
                    self.places[index] = (x, y)
                    y += box.height + BELOW
                    bottom = max(bottom, y - BELOW)
        self.bottoms.append(bottom)
        lines = [lane for number, lane in self.turns.items() if self.rows[self.links[number].end] == row + 1]
        return bottom + (TURN * (max(lines) + 2) if lines else LANE)

    def _between_rows(self) -> dict[int, int]:
        """For the links that go on in a later row, the line between the rows that they take."""
        lanes: dict[int, int] = {}
        for row in range(1, max(self.rows, default=0) + 1):
            entering = [
                number
                for number, link in enumerate(self.links)
                if self.rows[link.end] == row and self.rows[link.start] < row
            ]
            # What starts further right runs lower, so that no line crosses another's way down.
            entering.sort(
                key=lambda number: (self.rows[self.links[number].start], -self.column[self.links[number].start])
            )
            lanes.update({number: lane for lane, number in enumerate(reversed(entering))})
        return lanes

    def _entering(self, columns: int) -> list[int]:
        """For every column, how many lines come from rows above into that of its boxes that takes most."""
        entering = Counter(self.links[number].end for number in self.turns)
        return [max(entering[i] for i, c in enumerate(self.column) if c == column) for column in range(columns)]

    def _with_room(self, left: Sequence[float], row_of: Sequence[int]) -> list[float]:
        """The left edges of the columns, with room before each for the lines that come in from above."""
        first = [column for column, row in enumerate(row_of) if not column or row != row_of[column - 1]]
        margin = ENTRY * max([0, *(self.entries[column] - 1 for column in first)])
        shifts: list[float] = []
        for column, entries in enumerate(self.entries):
            shifts.append(margin if column in first else shifts[-1] + ENTRY * entries)
        return [x + shift for x, shift in zip(left, shifts, strict=True)]

    # Drawing

    def draw(self, drawing: Drawing, x: float, y: float) -> None:
        """Draws lines and boxes with the upper left corner of the whole at a point."""
        routes = Routes(self, drawing, x, y)
        for number in range(len(self.links)):
            routes.draw(number)
        for box, (left, top) in zip(self.boxes, self.places, strict=True):
            box.draw(drawing, x + left, y + top)
