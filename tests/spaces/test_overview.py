"""The overview of the shipped spaces: every file is in the right table, with the figures of the compiler.

`SSRDSL_UPDATE_GOLDEN=1` rewrites the figures.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from ssrdsl.space import Graph, open_space
from ssrdsl.space.summary import Summary, scientific, summarise
from tests.golden import check_golden
from tests.spaces.shipped import FOLDER, FOR_SEGMENTATION, SPACES

OVERVIEW = FOLDER / "README.md"
ROW = re.compile(r"\| \[(?P<name>\w+)\]\((?P=name)\.ssr\) \|.*\|")


@dataclass(frozen=True)
class Figures:
    """A space and its summary from `ssrdsl compile`."""

    graph: Graph
    summary: Summary

    def searched(self) -> str:
        return ", ".join(dimension.value for dimension in self.summary.per_dimension)

    def architectures(self) -> str:
        return MISSING if self.summary.architectures is None else scientific(self.summary.architectures)

    def input(self) -> str:
        return " x ".join(map(str, self.graph.inputs[0].shapes[0]))

    def macs(self) -> str:
        return self._between("macs")

    def parameters(self) -> str:
        return self._between("parameters")

    def _between(self, cost: str) -> str:
        if self.summary.bounds is None:
            return MISSING
        ends = self.summary.bounds[cost]
        letter, unit = next((letter, unit) for letter, unit in UNITS.items() if ends.maximum.bound >= unit)
        least, greatest = (f"{end.bound / unit:.2f}" for end in ends)
        if not ends.is_exact:
            return f"between {least} and {greatest} {letter}"
        return f"{' to '.join(dict.fromkeys((least, greatest)))} {letter}"


MISSING = "-"
UNITS = {"G": 10**9, "M": 10**6, "k": 10**3}
COLUMNS = {
    "searched": Figures.searched, "architectures": Figures.architectures,
    "input": Figures.input, "MACs": Figures.macs, "parameters": Figures.parameters,
}  # fmt: skip


@cache
def figures(name: str) -> Figures:
    graph = open_space(FOLDER / f"{name}.ssr").graph
    return Figures(graph, summarise(graph))


def sections() -> dict[str, str]:
    """The texts below the headings of the overview."""
    parts = re.split(r"^## (.*)$", OVERVIEW.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def with_figures(text: str) -> str:
    """A text with the figures of its tables computed; the columns are those of the last head above a row."""
    lines: list[str] = []
    columns: list[str] = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if cells[:1] == ["file"]:
            columns = cells
        row = ROW.fullmatch(line)
        if row is not None:
            found = figures(row["name"])
            told = zip(columns, cells, strict=True)
            cells = [COLUMNS[column](found) if column in COLUMNS else cell for column, cell in told]
            line = f"| {' | '.join(cells)} |"
        lines.append(line)
    return "\n".join(lines) + "\n"


def test_the_figures_are_those_of_the_compiler():
    check_golden(OVERVIEW, with_figures(OVERVIEW.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", SPACES, ids=lambda path: path.stem)
def test_every_space_is_in_the_section_that_fits_it(path: Path):
    listed = [heading for heading, text in sections().items() for row in ROW.finditer(text) if row["name"] == path.stem]
    kind = "segmentation" if path in FOR_SEGMENTATION else "classification"
    assert listed == [f"Spaces for {kind}" if open_space(path).graph.decisions else "Networks"]
