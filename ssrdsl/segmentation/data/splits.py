"""Names of splits: `train`, `train+val`, and parts of them such as `train:0-80`.

`SPLIT:A-B` is the part of a split from A to B percent of its images, in a shuffled order that only depends on the
number of images: `train:0-80` and `train:80-100` are disjoint and together the whole split.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ssrdsl.errors import UserError

PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class Split:
    """A split by its name in the data set, and the part of it in percent; `first` < `last`."""

    name: str
    first: float = 0.0
    last: float = PERCENT

    @property
    def is_whole(self) -> bool:
        """Whether it has all images."""
        return self.first == 0.0 and self.last == PERCENT

    def places(self, count: int) -> tuple[int, int]:
        """The images of the part, as the range of their places in the shuffled order of `count` images."""
        return round(count * self.first / PERCENT), round(count * self.last / PERCENT)


def parse_split(text: str) -> Split:
    """Parse the name of a split, such as `train` or `train:0-80`. Raises `UserError`."""
    name, colon, part = text.partition(":")
    if not colon:
        return Split(text)
    match = re.fullmatch(r"(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)", part)
    first, last = (float(match[1]), float(match[2])) if match else (0.0, 0.0)
    if not 0 <= first < last <= PERCENT:
        raise UserError(f"'{text}' is not a part of a split", help=f"write percentages, such as {name}:0-80")
    return Split(name, first, last)
