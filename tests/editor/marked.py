"""Texts with a cursor, and spaces for tests of the editor's functions."""

from pathlib import Path

import ssrdsl
from ssrdsl.editor import analysis
from ssrdsl.editor.analysis import Analysis
from ssrdsl.editor.reading import Reading, read_text
from ssrdsl.language.source import Source
from ssrdsl.space.binding import Reader, read_source

ROOT = Path(ssrdsl.__file__).parent.parent
SPACES = sorted(ROOT.glob("spaces/*.ssr"))
CURSOR = "‸"

SMALL = """\
use std

# Narrows by a choice of width.
block narrow(c, drop=0.1) of x {
  mid = {8, c}
  x -> conv(mid, 3) -> bn -> relu -> dropout2d(drop)
}

space small(classes=5, size=32) {
  input image: 3, size, size
  half = image -> maxpool(2)
  body = half -> repeat(narrow(16), {1..2})
  deep = body -> choose { narrow(16, drop=0.2) | skip }
  output deep -> conv(classes, 1) -> resize(image)
  require macs <= 1G
}

search { ssr.depth = 0.3 }
"""


def cut(marked: str) -> tuple[str, int]:
    """A text without its cursor, and the offset of the cursor."""
    return marked.replace(CURSOR, ""), marked.index(CURSOR)


def put(text: str, before: str, nth: int = 0) -> int:
    """The offset of the n-th occurrence of some words."""
    place = -1
    for _ in range(nth + 1):
        place = text.index(before, place + 1)
    return place


def read(text: str, before: str | None = None) -> Reading:
    """The reading of a text after an earlier one."""
    earlier = None if before is None else read_text(Source("small.ssr", before), read_source)
    return read_text(Source("small.ssr", text), read_source, earlier)


def analyse(source: Source, read: Reader = read_source, before: Analysis | None = None) -> Analysis:
    """The analysis of a text after an earlier one."""
    return analysis.analyse(read_text(source, read, before.reading if before else None), read, before)
