"""The shipped spaces, with their headers."""

import re
from functools import cache
from pathlib import Path

from ssrdsl.space import Graph, Program, open_space
from ssrdsl.space.summary import Summary, summarise

FOLDER = Path(__file__).parents[2] / "spaces"


def header(path: Path) -> str:
    """The header comment of a file, on one line."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return " ".join(line[1:].strip() for line in lines[: next(i for i, line in enumerate(lines) if line[:1] != "#")])


SPACES = sorted(path for path in FOLDER.glob("*.ssr") if re.search(r"^space ", path.read_text(), re.MULTILINE))
FOR_SEGMENTATION = [path for path in SPACES if "height=" in path.read_text(encoding="utf-8")]
"""Those that label every position of an image, whose extent is a parameter."""


@cache
def program_of(name: str) -> Program:
    """A space at its own parameters."""
    return open_space(FOLDER / f"{name}.ssr")


def graph_of(name: str) -> Graph:
    """The graph of a space at its own parameters."""
    return program_of(name).graph


@cache
def summary_of(name: str) -> Summary:
    """The figures of `ssrdsl compile`, which take seconds in large spaces: tests of one space read them together."""
    return summarise(graph_of(name))
