"""The summary of a space for `ssrdsl compile`: its stages, decisions, size and costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import cache, partial
from typing import Any

from ssrdsl.operators.definition import Shape
from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.conditions.guards import Guards
from ssrdsl.space.cost import supernet_parameters
from ssrdsl.space.decisions import Decision, Dimension
from ssrdsl.space.expressions import ExpressionLimit
from ssrdsl.space.graph import Graph
from ssrdsl.space.outline import NetworkPart, Outline
from ssrdsl.space.prove.costs import attained, kept_by
from ssrdsl.space.ranges.bounds import Unsatisfiable, bounds
from ssrdsl.space.ranges.totals import Bounds, Extreme
from ssrdsl.space.size import architectures, configurations


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the space at its outermost level, with the decisions made in it and the shape of its result."""

    part: NetworkPart
    result: Shape | None
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a space. Those that could not be computed are None, with `reasons` by name.

    `kept` has for every requirement which architectures meet it: `all`, `some`, `none` or `unknown`. `together`:
    whether an architecture was found that meets all bounds on costs; None with less than two of them.
    """

    stages: tuple[Stage, ...]
    decisions: tuple[Decision, ...]
    architectures: int | None
    configurations: int
    bounds: Mapping[str, Bounds] | None
    kept: tuple[str, ...]
    together: bool | None
    supernet_parameters: int | None
    reasons: Mapping[str, str]

    @property
    def per_dimension(self) -> dict[Dimension, list[Decision]]:
        """The open decisions by dimension, in the order of the hierarchy."""
        found = {dimension: [d for d in self.decisions if d.dimension is dimension] for dimension in Dimension}
        return {dimension: held for dimension, held in found.items() if held}


def summarise(graph: Graph) -> Summary:
    """The figures of a proved space. Raises `Unsatisfiable` if no architecture is allowed."""
    reasons: dict[str, str] = {}
    guards = cache(partial(Guards, graph))
    heads = any(output.auxiliary for output in graph.outputs)
    size = _unless_too_wide(reasons, "architectures", lambda: architectures(graph, guards(heads, False)))
    if size == 0:
        raise Unsatisfiable
    ends = _unless_too_wide(reasons, "bounds", lambda: bounds(graph, partial(guards, False)))
    return Summary(
        stages=tuple(stages(graph)),
        decisions=graph.open_decisions,
        architectures=size,
        configurations=configurations(graph),
        bounds=ends,
        kept=tuple([kept_by(graph, requirement, ends) for requirement in graph.requirements]),
        together=None if ends is None or len(graph.cost_bounds) < 2 else _are_kept_together(graph),
        supernet_parameters=_unless_too_wide(reasons, "supernet_parameters", lambda: supernet_parameters(graph)),
        reasons=reasons,
    )


def _unless_too_wide(reasons: dict[str, str], what: str, compute: Any) -> Any:
    try:
        return compute()
    except (TooWide, ExpressionLimit) as reason:
        reasons[what] = str(reason)
        return None


def stages(graph: Graph) -> Iterator[Stage]:
    """The outermost parts of a graph. Every open decision is in one of them; shared ones are where they were made."""
    outline = Outline(graph)
    parts = outline.parts()
    taken: set[str] = set()
    for part in parts:
        inside = outline.decisions(part.scopes)
        if part.decision is not None and part.decision.is_open and part.decision not in inside:
            inside.append(part.decision)
        fresh = tuple(d for d in inside if d.name not in taken)
        taken.update(d.name for d in fresh)
        yield Stage(part, outline.result(part), fresh)


def as_object(graph: Graph, summary: Summary, named: Mapping[str, Any]) -> dict[str, Any]:
    """The figures as plain data for JSON; numbers that may be huge are strings of digits.

    `named` identifies the space: its name, hash and parameters. A cost has a `minimum` and a `maximum` if they are
    exact; else proved bounds, and the least and the greatest found.
    """
    found: dict[str, Any] = {
        **named,
        "architectures": None if summary.architectures is None else str(summary.architectures),
        "configurations": str(summary.configurations),
        "decisions": {
            "total": len(summary.decisions),
            "per_dimension": {dimension.value: len(held) for dimension, held in summary.per_dimension.items()},
        },
        "parameters": None,
        "macs": None,
        "supernet_parameters": summary.supernet_parameters,
        "nodes": len(graph),
        "requirements": [
            {"text": requirement.span.text, "kept_by": kept}
            for requirement, kept in zip(graph.requirements, summary.kept, strict=True)
        ],
        "found_to_keep_all_costs": summary.together,
        "not_computed": dict(summary.reasons),
    }
    for cost, (least, greatest) in (summary.bounds or {}).items():
        found[cost] = {
            **_end(least, "minimum", "lower_bound", "least_found"),
            **_end(greatest, "maximum", "upper_bound", "greatest_found"),
        }
    return found


def _end(end: Extreme, exact: str, bound: str, attained: str) -> dict[str, Any]:
    return {exact: end.value} if end.is_exact else {bound: end.bound, attained: end.value}


def _are_kept_together(graph: Graph) -> bool:
    """Whether an architecture is found that meets all bounds on costs."""
    found = attained(graph, graph.cost_bounds)
    return found is not None and found.distance == 0


def count_text(count: int | str | None) -> str:
    """A number of architectures, or its digits: in full below 10^9, else as m.mm x 10^k; None if it is not known."""
    if count is None:
        return "not counted"
    number = Decimal(count)
    return f"{number:,}" if number < 10**9 else scientific(number)


def scientific(number: int | Decimal) -> str:
    """A positive integer as m.mm x 10^k, rounded from its exact digits; small ones unchanged."""
    if number < 10_000:
        return str(number)
    with localcontext(rounding=ROUND_HALF_UP):
        leading, exponent = f"{Decimal(number):.2e}".split("e+")
    return f"{leading} x 10^{exponent}"
