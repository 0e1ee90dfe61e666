"""Operators that only follow one another, joined: as one card of the pipeline, or as one chip, `bn, relu`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ssrdsl.space.graph import Graph
from ssrdsl.space.outline import Part

_MERGING = {"add", "concat", "mul", "match"}


def follows(graph: Graph, last: Part, part: Part) -> bool:
    """Whether a part reads the last result of another and nothing else, and nothing else reads that."""
    inside = set(part.nodes)
    reads = {port.node for node in part.nodes for port in graph[node].inputs} - inside
    return reads == {last.nodes[-1]} and len(graph.consumers[last.nodes[-1]]) == 1


def in_runs(graph: Graph, parts: Sequence[Part]) -> Iterator[Part]:
    """The parts with operators in a row as one part of kind `run`."""
    run: list[Part] = []
    for part in parts:
        if part.kind != "operator" or (run and not follows(graph, run[-1], part)):
            yield from _closed(run)
            run = []
        if part.kind == "operator":
            run.append(part)
        else:
            yield part
    yield from _closed(run)


def _closed(run: Sequence[Part]) -> Iterator[Part]:
    if len(run) > 1:
        nodes = tuple(node for part in run for node in part.nodes)
        yield Part("run", "", nodes, parts=tuple(run))
    else:
        yield from run


def merged(graph: Graph, parts: Sequence[Part]) -> list[Part]:
    """The parts with operators that have no numbers as one, where they follow one another: `bn, relu`."""
    found: list[Part] = []
    for part in parts:
        if part.kind == "operator":
            part = replace(part, label=part.label.partition("(eps")[0])
        last = found[-1] if found else None
        if last is not None and _is_plain(last) and _is_plain(part) and follows(graph, last, part):
            found[-1] = replace(last, label=f"{last.label}, {part.label}", nodes=(*last.nodes, *part.nodes))
        else:
            found.append(part)
    return found


def _is_plain(part: Part) -> bool:
    return part.kind == "operator" and "(" not in part.label and part.label not in _MERGING
