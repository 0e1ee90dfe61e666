"""The figures in the overview of the shipped spaces."""

import re
from dataclasses import dataclass

from ssrdsl.space import Graph
from ssrdsl.space.summary import Summary, scientific
from tests.golden import check_golden
from tests.spaces.shipped import FOLDER, graph_of, summary_of

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


def with_figures(text: str, name: str) -> str:
    """A text with the figures of a space computed; the columns are those of the last head above its row."""
    lines: list[str] = []
    columns: list[str] = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if cells[:1] == ["file"]:
            columns = cells
        row = ROW.fullmatch(line)
        if row is not None and row["name"] == name:
            found = Figures(graph_of(name), summary_of(name))
            named = zip(columns, cells, strict=True)
            cells = [COLUMNS[column](found) if column in COLUMNS else cell for column, cell in named]
            line = f"| {' | '.join(cells)} |"
        lines.append(line)
    return "\n".join(lines) + "\n"


def check_overview(name: str) -> None:
    """The row of a space has its figures."""
    check_golden(OVERVIEW, with_figures(OVERVIEW.read_text(encoding="utf-8"), name))


def sections_of(name: str) -> list[str]:
    """The headings above the rows of a space."""
    parts = re.split(r"^## (.*)$", OVERVIEW.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [
        heading
        for heading, text in zip(parts[1::2], parts[2::2], strict=True)
        for row in ROW.finditer(text)
        if row["name"] == name
    ]
