"""The lines between the boxes of a flow: around boxes, never behind them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ssrdsl.report.svg import Drawing

if TYPE_CHECKING:
    from ssrdsl.report.flow import Flow, Link

LANE = 20.0
"""Distance of lines that run above the chain, room for their text included."""
ENTRY = 7.0
"""Distance of lines that come in from the row above."""
TURN = 19.0
"""Distance of lines from one row to the next."""
ASIDE = 8.0
"""Distance of lines that run beside a box."""


class Place(NamedTuple):
    """Where a box lies in the drawing."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> float:
        """The height at which lines enter and leave."""
        return (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class Routes:
    """The lines of a flow, drawn with its upper left corner at (x, y)."""

    flow: Flow
    drawing: Drawing
    x: float
    y: float

    def draw(self, number: int) -> None:
        """Draws one link."""
        link = self.flow.links[number]
        if number in self.flow.turns:
            self.turn(number, link)
        elif number in self.flow.lanes:
            self.jump(link, self.flow.lanes[number])
        elif self.place(link.start).middle == self.place(link.end).middle and not self.between(link):
            self.straight(link)
        else:
            self.bent(link)

    # Where things are

    def place(self, index: int) -> Place:
        """Where a box lies."""
        left, top = self.flow.places[index]
        box = self.flow.boxes[index]
        return Place(self.x + left, self.y + top, self.x + left + box.width, self.y + top + box.height)

    def others(self, index: int) -> Iterator[int]:
        """The other boxes of a box's row."""
        return (i for i, row in enumerate(self.flow.rows) if row == self.flow.rows[index] and i != index)

    def behind(self, index: int) -> float:
        """The edge that a line stays left of on its way into the column of a box."""
        return self.x + self.flow.left[self.flow.column[index]] - ASIDE

    def past(self, index: int) -> float:
        """The edge that a line stays right of on its way out of the column of a box."""
        column = self.flow.column[index]
        return max(self.place(i).right for i, c in enumerate(self.flow.column) if c == column) + ASIDE

    def between(self, link: Link) -> list[Place]:
        """The boxes in the columns between two boxes of a row that lie at the height of the lower one."""
        first, last = self.flow.column[link.start], self.flow.column[link.end]
        height = max(self.place(link.start).middle, self.place(link.end).middle)
        columns = [self.place(i) for i in self.others(link.start) if first < self.flow.column[i] < last]
        return [place for place in columns if place.top - ASIDE < height < place.bottom + ASIDE]

    def is_next(self, link: Link) -> bool:
        """Whether a line goes on along the chain."""
        chain = self.flow.chain
        return link.end in chain and link.start == chain[chain.index(link.end) - 1]

    # Ways

    def straight(self, link: Link) -> None:
        """A line to the right, with its texts."""
        start, end = self.place(link.start), self.place(link.end)
        self.drawing.line(f"M{start.right:.1f} {start.middle:.1f}H{end.left - 2:.1f}")
        column = self.flow.column[link.end]
        x = (start.right + self.x + self.flow.left[column] - ENTRY * self.flow.entries[column]) / 2 - 3
        self.drawing.label(x, start.middle - 5, link.above)
        self.drawing.label(x, start.middle + 14, link.below)

    def bent(self, link: Link) -> None:
        """A line that leaves or enters the chain, or runs below it; below what is in its way."""
        start, end = self.place(link.start), self.place(link.end)
        chain = self.flow.chain
        if obstacles := self.between(link):
            level = max(place.bottom for place in obstacles) + ASIDE
            ways = f"H{self.past(link.start):.1f}V{level:.1f}H{self.behind(link.end):.1f}"
        elif link.start in chain:  # down from the chain and on to a box below it
            ways = f"H{self.x + self.flow.left[self.flow.column[link.start] + 1] - ASIDE:.1f}"
        elif link.end in chain:
            ways = f"H{self.behind(link.end):.1f}"
        else:
            ways = f"H{start.right + 7:.1f}"
        self.drawing.line(f"M{start.right:.1f} {start.middle:.1f}{ways}V{end.middle:.1f}H{end.left - 2:.1f}")

    def jump(self, link: Link, lane: int) -> None:
        """A line above the chain: up behind the start, along the lane, down in front of the end."""
        start, end = self.place(link.start), self.place(link.end)
        on_row = [i for i in self.flow.chain if self.flow.rows[i] == self.flow.rows[link.start]]
        above = min(self.place(i).top for i in on_row) - LANE * (lane + 0.5)
        widths = self.flow.boxes[link.start].width, self.flow.boxes[link.end].width
        from_x = start.left + max(widths[0] - 14 - 6 * lane, widths[0] / 2)
        to_x = end.left + min(14 + 9 * lane, widths[1] / 2)
        radius = 6
        self.drawing.line(
            f"M{from_x:.1f} {start.top:.1f}V{above + radius:.1f}q0 -{radius} {radius} -{radius}"
            f"H{to_x - radius:.1f}q{radius} 0 {radius} {radius}V{end.top - 2:.1f}"
        )
        self.drawing.label((from_x + to_x) / 2, above - 4, link.label)

    def turn(self, number: int, link: Link) -> None:
        """From one row to a later one: down, along between the rows, and in from the left."""
        flow, end = self.flow, self.place(link.end)
        siblings = sorted((n for n in flow.turns if flow.links[n].end == link.end), key=flow.turns.__getitem__)
        place = siblings.index(number)
        below = self.y + flow.bottoms[flow.rows[link.end] - 1] + TURN * (flow.turns[number] + 1)
        # The highest line turns down furthest left and comes in lowest, so that none crosses another.
        entry = end.left - 12 - ENTRY * (len(siblings) - 1 - place)
        target = end.middle + 9 * ((len(siblings) - 1) / 2 - place)
        out, path = self.down(link)
        self.drawing.label(out - 5, below - 6, link.label, "end")
        self.drawing.line(f"{path}V{below:.1f}H{entry:.1f}V{target:.1f}H{end.left - 2:.1f}")

    def down(self, link: Link) -> tuple[float, str]:
        """The way out of a box and past those below it: the x at which it goes down, and the path so far."""
        start = self.place(link.start)
        below = [self.place(i) for i in self.others(link.start) if self.place(i).top > start.middle]
        if self.is_next(link):
            out = start.right + 10
            if any(place.left - ASIDE < out < place.right + ASIDE for place in below):
                out = self.past(link.start) + ASIDE
            return out, f"M{start.right:.1f} {start.middle:.1f}H{out:.1f}"
        centre = (start.left + start.right) / 2
        if any(place.left - ASIDE < centre < place.right + ASIDE for place in below):
            out = self.past(link.start)
            return out, f"M{centre:.1f} {start.bottom:.1f}V{start.bottom + ASIDE:.1f}H{out:.1f}"
        return centre, f"M{centre:.1f} {start.bottom:.1f}"
