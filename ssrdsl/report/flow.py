"""A small directed graph as a picture: its boxes, placed, and the lines between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ssrdsl.report.placement import ENTRY, TIP, TRACK, Area, Placement
from ssrdsl.report.routes import Routes
from ssrdsl.report.svg import Drawing


@dataclass(frozen=True, slots=True)
class Box(Area):
    """A box to place: its size, a function that draws it with its upper left corner at a point, and the flow inside."""

    draw: Callable[[Drawing, float, float], None]
    label: str = ""
    inside: tuple[Flow, ...] = ()


@dataclass(slots=True)
class Flow(Placement):
    """Boxes and lines, placed. `width` and `height` are those of the whole; the boxes come in topological order."""

    boxes: Sequence[Box]
    routes: Routes = field(init=False)
    width: float = field(init=False)
    height: float = field(init=False)

    def __post_init__(self) -> None:
        Placement.__post_init__(self)  # `super()` fails in classes created again by `slots`
        self.routes = Routes(self)
        self._set_left()
        right = [
            x + width + self.margin_right(row) for x, width, row in zip(self.left, self.widths, self.rows, strict=True)
        ]
        self.width, self.height = max(right, default=0.0), max(self.bottoms, default=0.0)

    def _set_left(self) -> None:
        entering = [len(self.passing[c]) for c in range(len(self.widths)) if self.breaks(c)]
        margin = TIP + ENTRY * max(entering) if entering else 0.0
        self.left = []
        for column in range(len(self.widths)):
            if column == 0 or self.breaks(column):
                self.left.append(margin)
            else:
                x = self.left[-1] + self.widths[column - 1] + self.gaps[column]
                self.left.append(x + TRACK * self.routes.tracks(column))

    def draw(self, drawing: Drawing, x: float, y: float) -> None:
        """Draw lines and boxes with the upper left corner of the whole at a point."""
        self.routes.draw(drawing, x, y)
        for index, box in enumerate(self.boxes):
            left, top, _, _ = self.place(index)
            box.draw(drawing, x + left, y + top)
