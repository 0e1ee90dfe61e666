"""The structure of a picture: joined and opened parts of an outline, and dependences between loop iterations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from fractions import Fraction

from ssrdsl.report.calls import mentions, short
from ssrdsl.space.decisions import Decision
from ssrdsl.space.graph import Graph, Port, Scope
from ssrdsl.space.outline import NetworkPart, Outline

MOST_TURNS = 8
"""The largest number of loop iterations that are drawn individually."""
MERGING = {"add", "concat", "mul", "match"}


class LoopDependences(Enum):
    """The dependences between the iterations of a loop."""

    SERIES = "series"
    """Every iteration reads the previous one, and only the last one is read."""
    BRANCHES = "branches"
    """All iterations read the same tensors."""
    EACH = "each"
    """Every iteration reads its own tensors."""
    LINKED = "linked"
    """Anything else, as in a loop that collects the inputs of skip connections."""


def loop_of(outline: Outline, part: NetworkPart) -> LoopDependences:
    """The dependences between the iterations of a part of kind `repeat`."""
    turns = [outline.nodes(scope) for scope in part.scopes]
    turn_of = {node: number for number, nodes in enumerate(turns) for node in nodes}
    before = [{turn_of[p.node] for p in sources(outline.graph, nodes) if p.node in turn_of} for nodes in turns]
    outside = [frozenset(p for p in sources(outline.graph, nodes) if p.node not in turn_of) for nodes in turns]
    if not any(before):
        return LoopDependences.BRANCHES if len(set(outside)) == 1 else LoopDependences.EACH
    ends_read = all(turn_of[node] == len(turns) - 1 for node in _read_outside(outline.graph, turn_of))
    in_series = all(numbers == {turn - 1} for turn, numbers in enumerate(before) if turn)
    return LoopDependences.SERIES if in_series and ends_read and not any(outside[1:]) else LoopDependences.LINKED


def sources(graph: Graph, nodes: Iterable[str]) -> list[Port]:
    """The tensors from outside that some nodes read, in order."""
    inside = dict.fromkeys(nodes)
    read = (port for node in inside for port in graph[node].inputs)
    return list(dict.fromkeys(port for port in read if port.node not in inside))


def _read_outside(graph: Graph, inside: Mapping[str, int]) -> Iterator[str]:
    for node in inside:
        if any(reader.id not in inside for reader in graph.consumers[node]):
            yield node


def shown(
    outline: Outline, parts: Sequence[NetworkPart], *, in_turn: bool = False, top: bool = False
) -> list[NetworkPart]:
    """The parts as drawn: loops whose iterations read different tensors one by one, plain operators joined.

    At the top, bindings keep their names, and plain operators are left for `in_runs`.
    """
    opened: list[NetworkPart] = []
    for part in parts:
        is_single = len(part.parts if part.kind == "binding" else part.scopes) == 1
        if part.kind == "binding" and not top and (in_turn or is_single):
            opened += shown(outline, part.parts, in_turn=in_turn)
        elif part.kind == "repeat" and is_single and open_decision(part) is None:
            opened += shown(outline, part.parts, in_turn=True, top=top)
        elif (loop := _opened_loop(outline, part)) is not None:
            opened += [_turn(outline, scope, loop) for scope in part.scopes]
        else:
            opened.append(part)
    return opened if top else merged(outline.graph, opened)


def open_decision(part: NetworkPart) -> Decision | None:
    """The decision of a part, None if it has none or a single option is left."""
    return part.decision if part.decision is not None and part.decision.is_open else None


def _opened_loop(outline: Outline, part: NetworkPart) -> LoopDependences | None:
    """The dependences between iterations of a loop whose iterations are drawn individually; None for other parts."""
    if part.kind != "repeat" or open_decision(part) is not None or not 1 < len(part.scopes) <= MOST_TURNS:
        return None
    loop = loop_of(outline, part)
    return loop if loop in {LoopDependences.BRANCHES, LoopDependences.LINKED} else None


def _turn(outline: Outline, scope: str, loop: LoopDependences) -> NetworkPart:
    """One iteration of a loop: a part of kind `branch` or `turn`, or its only part."""
    parts = [_with_values(outline.graph, part) for part in shown(outline, outline.parts(scope), in_turn=True)]
    if len(parts) == 1 and (parts[0].kind == "block" or not loop_values(outline.graph.scopes[scope])):
        return parts[0]
    kind = "branch" if loop is LoopDependences.BRANCHES else "turn"
    values = [f"{name} = {value}" for name, value in loop_values(outline.graph.scopes[scope]).items()]
    return NetworkPart(kind, ", ".join(values), outline.nodes(scope), (scope,), tuple(parts))


def loop_values(turn: Scope) -> dict[str, str]:
    """The variables of an iteration with their values, if they are scalars."""
    bound = list(turn.names.items())
    return {
        name: str(value.value)
        for name, value in bound
        if value.expression is not None and value.expression is bound[0][1].expression and _is_scalar(value.value)
    }


def varying_values(outline: Outline, loop: NetworkPart) -> dict[str, list[str]]:
    """The differences between the iterations of a loop: variables in its label, or arguments of its block."""
    found: dict[str, list[str]] = {}
    for turn in loop.scopes:
        values = {k: v for k, v in loop_values(outline.graph.scopes[turn]).items() if mentions(loop.label, {k})}
        inner = outline.parts(turn)
        if not values and len(inner) == 1 and inner[0].kind == "block":
            arguments = outline.graph.scopes[inner[0].scopes[0]].arguments
            values = {name: str(bound.value) for name, bound in arguments.items() if _is_scalar(bound.value)}
        for name, value in values.items():
            found.setdefault(name, []).append(value)
    return {name: values for name, values in found.items() if len(set(values)) > 1}


def _with_values(graph: Graph, part: NetworkPart) -> NetworkPart:
    """A block with the values of its arguments, if all of them are scalars."""
    if part.kind != "block":
        return part
    scope = graph.scopes[part.scopes[0]]
    values = [bound.value for bound in scope.arguments.values()]
    if not values or not all(map(_is_scalar, values)):
        return part
    return replace(part, label=f"{scope.label.partition('[')[0]}({', '.join(map(str, values))})")


def _is_scalar(value: object) -> bool:
    return isinstance(value, (int, str, Fraction))


# Chains


def is_chain(graph: Graph, parts: Sequence[NetworkPart]) -> bool:
    """Whether parts follow one another without branches, so that they can be drawn as a list.

    Every part reads the previous one; its other inputs are from outside, and no other part reads them.
    """
    home = {node: index for index, part in enumerate(parts) for node in part.nodes}
    used: set[Port] = set()
    for index, part in enumerate(parts):
        read = sources(graph, part.nodes)
        inner = {home[port.node] for port in read if port.node in home}
        outer = {port for port in read if port.node not in home}
        if inner != ({index - 1} if index else set()) or outer & used:
            return False
        used |= outer
    return True


def follows(graph: Graph, last: NetworkPart, part: NetworkPart) -> bool:
    """Whether a part only reads the last result of another, and is its only reader."""
    reads = {port.node for port in sources(graph, part.nodes)}
    return reads == {last.nodes[-1]} and len(graph.consumers[last.nodes[-1]]) == 1


def _runs(
    graph: Graph, parts: Iterable[NetworkPart], is_joined: Callable[[NetworkPart], bool]
) -> Iterator[list[NetworkPart]]:
    """The parts in groups: those to join that follow one another, all others alone."""
    run: list[NetworkPart] = []
    for part in parts:
        if run and not (is_joined(run[-1]) and is_joined(part) and follows(graph, run[-1], part)):
            yield run
            run = []
        run.append(part)
    if run:
        yield run


def in_runs(graph: Graph, parts: Sequence[NetworkPart]) -> Iterator[NetworkPart]:
    """The parts with consecutive operators as one part of kind `run`."""
    for run in _runs(graph, parts, lambda part: part.kind == "operator"):
        yield NetworkPart("run", "", _nodes(run), parts=tuple(run)) if len(run) > 1 else run[0]


def merged(graph: Graph, parts: Sequence[NetworkPart]) -> list[NetworkPart]:
    """The parts with consecutive operators without numbers as one: `bn, relu`."""
    without_eps = (
        replace(part, label=part.label.partition("(eps")[0]) if part.kind == "operator" else part for part in parts
    )
    runs = _runs(graph, without_eps, _is_plain)
    return [replace(run[0], label=", ".join(part.label for part in run), nodes=_nodes(run)) for run in runs]


def _nodes(parts: Iterable[NetworkPart]) -> tuple[str, ...]:
    return tuple(node for part in parts for node in part.nodes)


def _is_plain(part: NetworkPart) -> bool:
    return part.kind == "operator" and "(" not in part.label and part.label not in MERGING


def shortened(parts: Sequence[NetworkPart], most: int) -> list[NetworkPart]:
    """At most this number of parts; those in the middle are joined as `7 more`."""
    if len(parts) <= most:
        return list(parts)
    middle = parts[most - 2 : -1]
    return [*parts[: most - 2], NetworkPart("operator", f"{len(middle)} more", _nodes(middle)), parts[-1]]


# Options


def option_texts(outline: Outline, decision: Decision, scopes: Sequence[str]) -> list[str]:
    """The texts of the options of a choice, `conv(c, 3) -> relu`; their names if the texts are equal."""
    written = {outline.graph.scopes[scope].label.rpartition("=")[2]: _written(outline, scope) for scope in scopes}
    texts = [written.get(str(option.value)) or option.label for option in decision.options]
    return texts if len(set(texts)) == len(texts) else [option.label for option in decision.options]


def _written(outline: Outline, scope: str) -> str:
    return " -> ".join(short(part.label) for part in shown(outline, outline.parts(scope)))


def names_in(graph: Graph, scope: str) -> dict[Port, str]:
    """The names of tensors in a scope and those around it: bound names, block inputs, places in lists."""
    found: dict[Port, str] = {}
    for outer in graph.ancestry(scope):
        inputs = getattr(outer.definition, "inputs", ())
        bound: list[tuple[str, object]] = [(name, value.value) for name, value in outer.names.items()]
        bound += [(name.name, port) for name, port in zip(inputs, outer.inputs, strict=False)]
        for name, value in [*bound, *(place for each in bound for place in _places(*each))]:
            if isinstance(value, Port):
                found.setdefault(value, name)
    return found


def _places(name: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, (list, tuple)) and not isinstance(value, Port):
        yield from ((f"{name}[{index}]", item) for index, item in enumerate(value))
