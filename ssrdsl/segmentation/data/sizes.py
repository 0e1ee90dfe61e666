"""Image sizes, as text and numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ssrdsl.errors import UserError

Size = tuple[int, int]
"""Height and width in pixels."""

LARGEST_SIDE = 16384


def parse_size(text: str) -> Size:
    """`180x240` as (180, 240), height first. Raises `UserError` for anything else."""
    match = re.fullmatch(r"\s*(\d{1,9})\s*[xX×]\s*(\d{1,9})\s*", text)
    if match is None:
        raise UserError(f"'{text}' is not a size", help="write height x width in pixels, such as 180x240")
    size = int(match[1]), int(match[2])
    if not all(1 <= side <= LARGEST_SIDE for side in size):
        raise UserError(f"the size {text} is not possible", help=f"each side has 1 to {LARGEST_SIDE:,} pixels")
    return size


def format_size(size: Sequence[int]) -> str:
    """(180, 240) as `180x240`."""
    return "x".join(map(str, size))
