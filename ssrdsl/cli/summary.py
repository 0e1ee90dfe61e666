"""The tables that `ssrdsl compile` prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ssrdsl.cli.printing import unit_of
from ssrdsl.space.architecture import Architecture
from ssrdsl.space.arguments import argument_texts
from ssrdsl.space.decisions import Decision, Dimension
from ssrdsl.space.graph import Graph
from ssrdsl.space.listing import listed
from ssrdsl.space.ranges.extremes import Extremes
from ssrdsl.space.ranges.totals import Bounds
from ssrdsl.space.summary import Stage, Summary, scientific

COSTS = (("MACs", "macs"), ("parameters", "parameters"))


def show_summary(console: Console, named: Architecture, graph: Graph, summary: Summary) -> None:
    """Print stages, decisions, size, costs and requirements of a space."""
    arguments = ", ".join(f"{name}={text}" for name, text in argument_texts(graph).items())
    title = Text.assemble((named.space, "bold"), f"({arguments})" if arguments else "")
    title.append(f"  {len(graph):,} nodes, sha256 {named.sha256[:12]}", style="dim")
    console.print(title)
    tables = [_stages(graph, summary.stages), _figures(summary)]
    if summary.decisions:
        tables.insert(1, _dimensions(summary))
    if graph.requirements:
        tables.append(_requirements(graph, summary))
    for table in tables:
        console.print()
        console.print(table)


def _table(*columns: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    for column in columns:
        table.add_column(column.strip(">"), justify="right" if column.startswith(">") else "left")
    return table


def _stages(graph: Graph, stages: Sequence[Stage]) -> Table:
    table = _table("stage", ">C x H x W", ">nodes", "decisions")
    extremes = Extremes(graph)
    for stage in stages:
        if stage.part.kind != "output":
            shape = "" if stage.result is None else " x ".join(map(extremes.text, stage.result))
            table.add_row(stage.part.label, shape, f"{len(stage.part.nodes):,}", _tally(stage.decisions))
    return table


def _tally(decisions: Sequence[Decision]) -> str:
    counts = {dimension: sum(d.dimension is dimension for d in decisions) for dimension in Dimension}
    return ", ".join(f"{count} {dimension}" for dimension, count in counts.items() if count)


def _dimensions(summary: Summary) -> Table:
    table = _table("dimension", ">decisions", "options")
    for dimension, decisions in summary.per_dimension.items():
        table.add_row(dimension.value, f"{len(decisions):,}", "; ".join(_kinds(decisions)))
    table.add_row("total", f"{len(summary.decisions):,}", "", style="bold")
    return table


def _kinds(decisions: Sequence[Decision]) -> Iterator[str]:
    """The distinct lists of options, each with the number of decisions that have it."""
    alike = Counter(listed(decision) for decision in decisions)
    for text, count in alike.items():
        yield f"{count} of {text}"


def _figures(summary: Summary) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for name, number in (("architectures", summary.architectures), ("configurations", summary.configurations)):
        table.add_row(name, *_count(number, summary.reasons.get(name)))
    for name, cost in COSTS:
        if summary.bounds is None:
            table.add_row(name, "", f"not computed: {summary.reasons['bounds']}")
            continue
        table.add_row(name, *_bounded(summary.bounds[cost]))
    supernet = summary.supernet_parameters
    if supernet is None:
        table.add_row("supernet parameters", "", f"not computed: {summary.reasons['supernet_parameters']}")
    elif summary.decisions:
        table.add_row("supernet parameters", _short(supernet, supernet), f"{supernet:,}")
    return table


def _bounded(ends: Bounds) -> tuple[str, str]:
    """The least and the greatest cost; if they are not known exactly, the proved bounds and the extremes found."""
    least, greatest = (end.bound for end in ends)
    if ends.is_exact:
        return _short(least, greatest), f"{least:,}" if least == greatest else f"{least:,} to {greatest:,}"
    found = " to ".join("none" if end.value is None else f"{end.value:,}" for end in ends)
    return f"between {_short(least, greatest, ' and ')}", f"proved bounds; found: {found}"


def _count(number: int | None, reason: str | None) -> tuple[str, str]:
    if number is None:
        return "", f"not computed: {reason}"
    return scientific(number), str(number) if number >= 10_000 else ""


def _short(least: int, greatest: int, to: str = " to ") -> str:
    """A range in the unit of its greater end: `2.81 to 14.59 G`."""
    size, unit = unit_of(greatest)
    ends = [str(end) if size == 1 else f"{end / size:.2f}" for end in (least, greatest)]
    return f"{ends[0] if least == greatest else to.join(ends)} {unit}".strip()


def _requirements(graph: Graph, summary: Summary) -> Table:
    texts = {
        "all": "met by every architecture",
        "some": "met by some; the count above includes the others; search and sampling respect it",
        "unknown": "not known: the bounds were not computed"
        if summary.bounds is None
        else "not known: no architecture that meets it was found, but there may be one",
    }
    of_decisions = (
        "search and sampling respect it" if summary.architectures is None else "met by all architectures counted above"
    )
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for requirement, kept in zip(graph.requirements, summary.kept, strict=True):
        text = of_decisions if requirement.cost is None else texts[kept]
        table.add_row(f"require {' '.join(requirement.span.text.split())}", text)
    if summary.together is False:
        table.add_row("together", "no architecture that meets all bounds on costs was found; there may be none")
    return table
