"""Where the boxes and lines of a flow are placed: columns from left to right, the longest path straight.

Other paths are placed below it, and lines that pass a column have their own place there, so that no line crosses a
box. If the columns are wider than the page, they continue in a new row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ssrdsl.report.layers import Net, columns_of, paths_of
from ssrdsl.report.svg import text_width

SLACK = 1.2
"""How far a row may exceed the page so that a short rest needs no separate row."""
SPACE = 14.0
"""Vertical distance between boxes or lines of a column."""
TEXT = 20.0
"""Horizontal space around a text at a line."""

TRACK = 9.0
"""Distance of vertical lines between two columns."""
ENTRY = 9.0
"""Distance of vertical lines before a row."""
TURN = 19.0
"""Distance of the lines between two rows."""
TIP = 12.0
"""Space for the tip of a line before a box."""


@dataclass(frozen=True, slots=True)
class Area:
    """The size of something to place."""

    width: float
    height: float


@dataclass(frozen=True, slots=True)
class PlacementUnit:
    """Items of equal height: boxes of a path and lines, by column; a line has no box."""

    boxes: dict[int, int]
    columns: tuple[int, ...]
    net: int | None = None
    above: bool = False


@dataclass(slots=True)
class Placement:
    """The columns, rows and heights of boxes and lines; the boxes come in topological order."""

    boxes: Sequence[Area]
    nets: Sequence[Net]
    gap: float = 16.0
    page: float = float("inf")
    column: list[int] = field(init=False)
    paths: list[list[int]] = field(init=False)
    passing: list[list[int]] = field(init=False)
    """For every column, the lines that enter it from the one before or pass it."""
    rows: list[int] = field(init=False)
    """The row of every column."""
    widths: list[float] = field(init=False)
    gaps: list[float] = field(init=False)
    """The space before every column, without that for lines that go up or down there."""
    left: list[float] = field(init=False)
    middle: list[float] = field(init=False)
    """The vertical centre of every box."""
    lanes: dict[tuple[int, int], float] = field(init=False)
    """The height of every line in every column that it passes."""
    bottoms: list[float] = field(init=False)
    """The lower edge of every row."""

    def __post_init__(self) -> None:
        self.column = columns_of(len(self.boxes), self.nets)
        self.paths = paths_of(self.nets, self.column)
        count = max(self.column, default=-1) + 1
        self.widths = [
            max(b.width for b, c in zip(self.boxes, self.column, strict=True) if c == n) for n in range(count)
        ]
        self.passing = [[] for _ in range(count)]
        for n, net in enumerate(self.nets):
            for column in range(self.column[net.start] + 1, self.last(net) + 1):
                self.passing[column].append(n)
        self.gaps = [0.0, *(self._text_gap(number) for number in range(1, count))]
        self.rows = self._break(self.gaps)
        self.middle, self.lanes, self.bottoms = [0.0] * len(self.boxes), {}, []
        self._pack()

    def texts(self, net: Net) -> tuple[str, str]:
        """The texts above and below a line at its start; both above it if several lines leave a box."""
        alone = sum(other.start == net.start for other in self.nets) == 1
        return (net.above, net.below) if alone else (net.label, "")

    def place(self, index: int) -> tuple[float, float, float, float]:
        """The left, top, right and bottom edge of a box."""
        box, column = self.boxes[index], self.column[index]
        left = self.left[column] + (self.widths[column] - box.width) / 2
        return left, self.middle[index] - box.height / 2, left + box.width, self.middle[index] + box.height / 2

    def breaks(self, column: int) -> bool:
        """Whether a column is the first of a row other than the first."""
        return column > 0 and self.rows[column] != self.rows[column - 1]

    def last(self, net: Net) -> int:
        """The last column that a line reaches."""
        return max(self.column[end] for end in net.ends)

    def margin_right(self, row: int) -> float:
        """Space after a row for the lines that continue in the next one."""
        first = next((c for c, r in enumerate(self.rows) if r == row + 1), None)
        return 0.0 if first is None else TIP + TRACK * len(self.passing[first])

    # Columns

    def _text_gap(self, column: int) -> float:
        """Space for the texts of the lines that start in the column before."""
        started = [net for net in self.nets if self.column[net.start] == column - 1]
        texts = [text for net in started for text in self.texts(net) if text]
        return max([self.gap, *(text_width(text, "label") + TEXT + TIP for text in texts)])

    def _break(self, gaps: Sequence[float]) -> list[int]:
        rows: list[int] = []
        x, row = 0.0, 0
        for number, width in enumerate(self.widths):
            x += gaps[number]
            rest = x + width + sum(self.widths[number + 1 :]) + sum(gaps[number + 1 :])
            if number and x + width > self.page and rest > SLACK * self.page:
                row, x = row + 1, 0.0
            rows.append(row)
            x += width
        return rows

    # Heights

    def _units(self) -> Iterable[PlacementUnit]:
        """Everything except the longest path: nested lines above it, then the other paths with their lines below."""
        chain = set(self.paths[0])
        lines = {n: net for n, net in enumerate(self.nets) if self.last(net) > self.column[net.start] + 1}
        ends = {path[-1]: number for number, path in enumerate(self.paths) if number}
        extended = {ends[net.start]: n for n, net in reversed(lines.items()) if net.start in ends}
        above = [n for n, net in lines.items() if net.start in chain and self._reaches(net, chain)]
        for n in sorted(above, key=lambda n: (len(self._passed(n)), n)):
            yield PlacementUnit({}, self._passed(n), n, above=True)
        for n in sorted(lines.keys() - set(above) - set(extended.values())):
            if lines[n].start in chain:
                yield PlacementUnit({}, self._passed(n), n)
        for number, path in enumerate(self.paths[1:], 1):
            line = extended.get(number)
            passed = () if line is None else self._passed(line)
            boxes = {self.column[index]: index for index in path}
            yield PlacementUnit(boxes, (*boxes, *passed), line)
            for n in sorted(lines.keys() - {line}):
                if lines[n].start in path:
                    yield PlacementUnit({}, self._passed(n), n)

    def _reaches(self, net: Net, chain: set[int]) -> bool:
        return any(end in chain for end in net.ends if self.column[end] > self.column[net.start] + 1)

    def _passed(self, n: int) -> tuple[int, ...]:
        net = self.nets[n]
        return tuple(range(self.column[net.start] + 1, self.last(net)))

    def _pack(self) -> None:
        units = list(self._units()) if self.boxes else []
        base = 0.0
        for row in range(max(self.rows, default=-1) + 1):
            columns = [c for c, r in enumerate(self.rows) if r == row]
            base += TURN * len(self.passing[columns[0]]) if row else 0.0
            base = self._pack_row(columns, units, base) + (SPACE if row < self.rows[-1] else 0.0)

    def _pack_row(self, columns: Sequence[int], units: Sequence[PlacementUnit], base: float) -> float:
        """Place the boxes of a row from `base` downwards; return the lower edge of the row."""
        chain = [index for index in self.paths[0] if self.column[index] in columns]
        top = {self.column[index]: -self.boxes[index].height / 2 for index in chain}
        bottom = {column: -edge for column, edge in top.items()}
        boxes = dict.fromkeys(chain, 0.0)
        lanes: dict[tuple[int, int], float] = {}
        for unit in units:
            half = {
                c: self.boxes[unit.boxes[c]].height / 2 if c in unit.boxes else 0.0 for c in unit.columns if c in top
            }
            if not half:
                continue
            if unit.above:
                y = min(top[c] - SPACE for c in half)
                top.update(dict.fromkeys(half, y))
            else:
                y = max(bottom[c] + SPACE + extent for c, extent in half.items())
                bottom.update({c: y + extent for c, extent in half.items()})
            boxes |= {index: y for column, index in unit.boxes.items() if column in half}
            if unit.net is not None:
                lanes |= {(unit.net, column): y for column in half if column not in unit.boxes}
        shift = base - min(top.values())
        self.lanes |= {key: y + shift for key, y in lanes.items()}
        for index, y in boxes.items():
            self.middle[index] = y + shift
        self.bottoms.append(max(bottom.values()) + shift)
        return self.bottoms[-1]
