"""The lines of a flow: along the lanes of the columns that they pass, up and down only between columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, permutations
from typing import NamedTuple

from ssrdsl.report.placement import ENTRY, TIP, TRACK, TURN, Placement
from ssrdsl.report.svg import Drawing

ENTERING = 10.0
"""Distance of lines that enter one box."""
LEAVING = 14.0
"""Distance of lines that leave one box; it differs, so that no two lines swap their heights."""
TEXT = 17.0
"""The same for lines with texts."""
MOST_TRIED = 6
"""The largest number of lines between two columns for which every order is tried."""
OVERLAP = 100
"""The cost of two overlapping lines, relative to a crossing."""

Point = tuple[float, float]
Turn = tuple[float, float, float]


class Crossing(NamedTuple):
    """A line from one column to the next: its start height, and its end heights."""

    net: int
    start: float
    ends: tuple[float, ...]

    @property
    def is_straight(self) -> bool:
        """Whether it never changes its height."""
        return set(self.ends) == {self.start}

    @property
    def span(self) -> tuple[float, float]:
        """Its highest and lowest point."""
        return min(self.start, *self.ends), max(self.start, *self.ends)


@dataclass(slots=True)
class Routes:
    """The routes of all lines of a flow, in its coordinates."""

    flow: Placement
    order: dict[int, list[int]] = field(init=False)
    """For every column except the first, the lines that change their height before it, from left to right."""
    enters: dict[tuple[int, int], float] = field(init=False)
    leaves: dict[int, float] = field(init=False)
    known_turns: dict[int, dict[int, Turn]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.leaves = self._leaving()
        self.enters = self._entering()
        columns = range(1, len(self.flow.widths))
        self.order = {
            column: [] if self.flow.breaks(column) else _ordered(self.crossings(column)) for column in columns
        }

    def tracks(self, column: int) -> int:
        """The number of lines that change their height before a column."""
        return len(self.order[column])

    def crossings(self, column: int) -> list[Crossing]:
        """The lines from the previous column to a column."""
        return [Crossing(n, self.height(n, column - 1), self.heights(n, column)) for n in self.flow.passing[column]]

    # Heights

    def height(self, n: int, column: int) -> float:
        """The height of a line where it leaves a column."""
        return self.leaves[n] if self.flow.column[self.flow.nets[n].start] == column else self.flow.lanes[n, column]

    def heights(self, n: int, column: int) -> tuple[float, ...]:
        """The heights at which a line enters boxes of a column or continues."""
        ends = [self.enters[n, end] for end in self.flow.nets[n].ends if self.flow.column[end] == column]
        return (*ends, *([self.flow.lanes[n, column]] if (n, column) in self.flow.lanes else []))

    def _leaving(self) -> dict[int, float]:
        """The points where lines leave their boxes: in the middle, or around it in the order of their continuation."""
        found: dict[int, float] = {}
        for index in range(len(self.flow.boxes)):
            nets = [n for n, net in enumerate(self.flow.nets) if net.start == index]
            aims = {n: self._aim(n, self.flow.column[index] + 1) for n in nets}
            step = TEXT if any(self.flow.nets[n].label for n in nets) else LEAVING
            heights = self._spread(index, sorted(aims.values()), step)
            found |= dict(zip(sorted(nets, key=aims.__getitem__), heights, strict=True))
        return found

    def _aim(self, n: int, column: int) -> float:
        if (n, column) in self.flow.lanes:
            return self.flow.lanes[n, column]
        return min(self.flow.middle[end] for end in self.flow.nets[n].ends)

    def _entering(self) -> dict[tuple[int, int], float]:
        found: dict[tuple[int, int], float] = {}
        for index in range(len(self.flow.boxes)):
            nets = [n for n, net in enumerate(self.flow.nets) if index in net.ends]
            origins = {n: self.height(n, self.flow.column[index] - 1) for n in nets}
            heights = self._spread(index, sorted(origins.values()), ENTERING)
            found |= {(n, index): y for n, y in zip(sorted(nets, key=origins.__getitem__), heights, strict=True)}
        return found

    def _spread(self, index: int, others: Sequence[float], most: float) -> list[float]:
        """Heights at the side of a box for lines from or to other heights; a straight line keeps its own."""
        middle, count = self.flow.middle[index], len(others)
        straight = [i for i, other in enumerate(others) if other == middle]
        centre = straight[0] if straight else (count - 1) / 2
        space = self.flow.boxes[index].height / 2 - 4
        step = min(most, space / max(centre, count - 1 - centre, 0.5))
        return [middle + step * (i - centre) for i in range(count)]

    # Routes

    def ways(self, n: int) -> Iterator[list[Point]]:
        """The corners of a line on its way to each of its ends."""
        net = self.flow.nets[n]
        for end in net.ends:
            y = self.leaves[n]
            points: list[Point] = [(self.flow.place(net.start)[2], y)]
            for column in range(self.flow.column[net.start] + 1, self.flow.column[end] + 1):
                target = self.enters[n, end] if column == self.flow.column[end] else self.flow.lanes[n, column]
                points += (
                    self._turn(n, column, y, target) if self.flow.breaks(column) else self._step(n, column, y, target)
                )
                y = target
            yield _merged([*points, (self.flow.place(end)[0], y)])

    def _step(self, n: int, column: int, y: float, target: float) -> list[Point]:
        return [] if y == target else [(self.track(n, column), y), (self.track(n, column), target)]

    def track(self, n: int, column: int) -> float:
        """The place where a line changes its height before a column."""
        order = self.order[column]
        return self.flow.left[column] - TIP - TRACK * (len(order) - 1 - order.index(n))

    def _turn(self, n: int, column: int, y: float, target: float) -> list[Point]:
        right, level, left = self.turns(column)[n]
        return [(right, y), (right, level), (left, level), (left, target)]

    def turns(self, column: int) -> dict[int, Turn]:
        """From one row to the next: where each line goes down, the height of its way back, where it goes down again.

        The topmost line goes down last and lowest, so that lines that keep their order do not cross.
        """
        if column not in self.known_turns:
            crossings = self.crossings(column)
            out = [c.net for c in sorted(crossings, key=lambda c: c.start)]
            place = {n: number for number, n in enumerate(out)}
            into = [c.net for c in sorted(crossings, key=lambda c: (min(c.ends), place[c.net]))]
            row, rows = self.flow.rows[column] - 1, self.flow.rows
            right = max(x + w for x, w, r in zip(self.flow.left, self.flow.widths, rows, strict=True) if r == row) + TIP
            lefts = {n: self.flow.left[column] - TIP - ENTRY * number for number, n in enumerate(into)}
            self.known_turns[column] = {
                n: (right + TRACK * (len(out) - 1 - i), self.flow.bottoms[row] + TURN * (len(out) - i), lefts[n])
                for i, n in enumerate(out)
            }
        return self.known_turns[column]

    def forks(self, n: int) -> Iterator[Point]:
        """The points where a line divides."""
        for column in range(self.flow.column[self.flow.nets[n].start] + 1, self.flow.last(self.flow.nets[n]) + 1):
            crossing = Crossing(n, self.height(n, column - 1), self.heights(n, column))
            if self.flow.breaks(column):
                _, level, x = self.turns(column)[n]
                crossing = crossing._replace(start=level)
            elif crossing.is_straight:
                continue
            else:
                x = self.track(n, column)
            high, low = crossing.span
            for y in {crossing.start, *crossing.ends}:
                if (y == crossing.start) + (y in crossing.ends) + (y > high) + (y < low) > 2:
                    yield x, y

    # Drawing

    def draw(self, drawing: Drawing, x: float, y: float) -> None:
        """Draw all lines with the upper left corner of the flow at a point."""
        for n in range(len(self.flow.nets)):
            ways = [[(x + px, y + py) for px, py in points] for points in self.ways(n)]
            drawing.line("".join(map(_path, ways)))
            for points in ways:
                drawing.tip(*points[-1])
            for px, py in self.forks(n):
                drawing.dot(x + px, y + py, 2.5)
            self._texts(drawing, n, x, y)

    def _texts(self, drawing: Drawing, n: int, x: float, y: float) -> None:
        net = self.flow.nets[n]
        first = self.flow.column[net.start] + 1
        if not self.flow.breaks(first):
            right = self.flow.place(net.start)[2]
            space = self.flow.left[first] - TIP - TRACK * max(0, self.tracks(first) - 1) - right
            above, below = self.flow.texts(net)
            drawing.label(x + right + space / 2, y + self.leaves[n] - 5, above)
            drawing.label(x + right + space / 2, y + self.leaves[n] + 14, below)
        for column in range(first, self.flow.last(net) + 1):
            if self.flow.breaks(column):
                right, level, _ = self.turns(column)[n]
                drawing.label(x + right - 8, y + level - 4, net.label, "end")


def _ordered(crossings: Sequence[Crossing]) -> list[int]:
    """The lines that change their height, ordered so that few cross; straight ones cross in any order."""
    moving = [crossing for crossing in crossings if not crossing.is_straight]
    if len(moving) > MOST_TRIED:
        moving.sort(key=lambda c: (c.start, c.ends))
        best: list[Crossing] = []
        for crossing in moving:
            tried = [[*best[:i], crossing, *best[i:]] for i in range(len(best) + 1)]
            best = min(tried, key=_cost)
        return [crossing.net for crossing in best]
    return [crossing.net for crossing in min(permutations(moving), key=_cost)]


def _cost(order: Sequence[Crossing]) -> int:
    """Crossings and overlaps of lines that change their height from left to right in an order."""
    return sum(_pair_cost(left, right) for i, left in enumerate(order) for right in order[i + 1 :])


def _pair_cost(left: Crossing, right: Crossing) -> int:
    crossed = [_crosses(left.span, right.start), *(_crosses(right.span, end) for end in left.ends)]
    return sum(crossed) + OVERLAP * (right.start in left.ends)


def _crosses(span: Point, y: float) -> bool:
    return span[0] <= y <= span[1]


def _merged(points: Sequence[Point]) -> list[Point]:
    """The corners without those on a straight line."""
    kept = [points[0]]
    for before, (here, after) in zip(points, pairwise(points[1:]), strict=False):
        if not (before[0] == here[0] == after[0] or before[1] == here[1] == after[1]):
            kept.append(here)
    return [*kept, points[-1]]


def _path(points: Sequence[Point], radius: float = 5) -> str:
    """A path with rounded corners that ends just before its last point, where the tip is."""
    (x, y), pieces = points[0], [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for (cx, cy), (nx, ny) in pairwise(points[1:]):
        r = min(radius, (abs(cx - x) + abs(cy - y)) / 2, (abs(nx - cx) + abs(ny - cy)) / 2)
        ax, ay = cx - r * _sign(cx - x), cy - r * _sign(cy - y)
        bx, by = cx + r * _sign(nx - cx), cy + r * _sign(ny - cy)
        pieces.append(f"L{ax:.1f} {ay:.1f}Q{cx:.1f} {cy:.1f} {bx:.1f} {by:.1f}")
        x, y = cx, cy
    return "".join([*pieces, f"H{points[-1][0] - 6:.1f}"])


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)
