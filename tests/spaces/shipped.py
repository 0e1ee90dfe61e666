"""The shipped spaces, with their headers."""

from functools import cache
from pathlib import Path

from ssrdsl.language.parse import parse
from ssrdsl.language.source import Source
from ssrdsl.language.syntax import Space
from ssrdsl.space import Graph, open_space
from ssrdsl.space.summary import Summary, summarise

FOLDER = Path(__file__).parents[2] / "spaces"


def header(path: Path) -> str:
    """The header comment of a file, on one line."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return " ".join(line[1:].strip() for line in lines[: next(i for i, line in enumerate(lines) if line[:1] != "#")])


def holds_a_space(path: Path) -> bool:
    """Whether a file contains a space."""
    return any(isinstance(item, Space) for item in parse(Source(path.name, path.read_text(encoding="utf-8"))).items)


SPACES = sorted(path for path in FOLDER.glob("*.ssr") if holds_a_space(path))
FOR_SEGMENTATION = [path for path in SPACES if "height=" in path.read_text(encoding="utf-8")]
"""Those that label every position of an image, whose extent is a parameter."""


@cache
def graph_of(name: str) -> Graph:
    """A space at its own parameters."""
    return open_space(FOLDER / f"{name}.ssr").graph


@cache
def summary_of(name: str) -> Summary:
    """The figures of `ssrdsl compile`, which take seconds in large spaces: tests of one space read them together."""
    return summarise(graph_of(name))
