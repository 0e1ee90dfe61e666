"""What a picture shows of the parts of an outline: which are joined, which opened, and how turns of a loop depend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from fractions import Fraction

from ssrdsl.report.calls import short
from ssrdsl.space.decisions import Decision
from ssrdsl.space.graph import Graph, Port, Scope
from ssrdsl.space.outline import Outline, Part

MOST_TURNS = 8
"""Turns of a loop that are drawn one by one."""
MERGING = {"add", "concat", "mul", "match"}


class Loop(Enum):
    """How the turns of a loop depend on one another."""

    SERIES = "series"
    """Every turn reads the one before, and only the last one is read."""
    BRANCHES = "branches"
    """All turns read the same tensors."""
    EACH = "each"
    """Every turn reads tensors of its own."""
    LINKED = "linked"
    """Anything else, as in a loop that collects the inputs of skip connections."""


def loop_of(graph: Graph, outline: Outline, part: Part) -> Loop:
    """How the turns of a part of kind `repeat` depend on one another."""
    turns = [set(outline.nodes(scope)) for scope in part.scopes]
    turn_of = {node: number for number, nodes in enumerate(turns) for node in nodes}
    before = [{turn_of[p.node] for p in sources(graph, nodes) if p.node in turn_of} for nodes in turns]
    outside = [frozenset(p for p in sources(graph, nodes) if p.node not in turn_of) for nodes in turns]
    if not any(before):
        return Loop.BRANCHES if len(set(outside)) == 1 else Loop.EACH
    ends_read = all(turn_of[node] == len(turns) - 1 for node in _read_outside(graph, turn_of) if node in turn_of)
    in_series = all(numbers == {turn - 1} for turn, numbers in enumerate(before) if turn)
    return Loop.SERIES if in_series and ends_read and not any(outside[1:]) else Loop.LINKED


def sources(graph: Graph, nodes: set[str]) -> list[Port]:
    """The tensors from outside that some nodes read, in order."""
    read = (port for node in graph if node.id in nodes for port in node.inputs)
    return list(dict.fromkeys(port for port in read if port.node not in nodes))


def _read_outside(graph: Graph, inside: Mapping[str, int]) -> Iterator[str]:
    for node in inside:
        if any(reader.id not in inside for reader in graph.consumers[node]):
            yield node


def shown(
    graph: Graph, outline: Outline, parts: Sequence[Part], *, in_turn: bool = False, top: bool = False
) -> list[Part]:
    """The parts as they are drawn: loops whose turns differ in what they read turn by turn, plain operators joined.

    At the top, bindings keep their names, and plain operators are left for `in_runs`.
    """
    opened: list[Part] = []
    for part in parts:
        if part.kind == "binding" and not top and (in_turn or len(part.parts) == 1):
            opened += shown(graph, outline, part.parts, in_turn=in_turn)
        elif part.kind == "repeat" and _is_opened(graph, outline, part):
            opened += [_turn(graph, outline, scope) for scope in part.scopes]
        else:
            opened.append(part)
    return opened if top else merged(graph, opened)


def _is_opened(graph: Graph, outline: Outline, part: Part) -> bool:
    if (part.decision is not None and part.decision.is_open) or not 1 < len(part.scopes) <= MOST_TURNS:
        return False
    return loop_of(graph, outline, part) in {Loop.BRANCHES, Loop.LINKED}


def _turn(graph: Graph, outline: Outline, scope: str) -> Part:
    parts = [_with_values(graph, part) for part in shown(graph, outline, outline.parts(scope), in_turn=True)]
    if len(parts) == 1:
        return parts[0]
    return Part("turn", ", ".join(loop_values(graph.scopes[scope])), outline.nodes(scope), (scope,), tuple(parts))


def loop_values(turn: Scope) -> list[str]:
    """The variables of a turn with their values, `c = 16`, where those are scalars."""
    bound = list(turn.names.items())
    return [
        f"{name} = {value.value}"
        for name, value in bound
        if value.expression is not None and value.expression is bound[0][1].expression and _is_scalar(value.value)
    ]


def _with_values(graph: Graph, part: Part) -> Part:
    """A block with the values of its arguments, where all of them are scalars."""
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


def is_chain(graph: Graph, parts: Sequence[Part]) -> bool:
    """Whether parts follow one another without branches, so that they can be drawn as a list.

    Every part reads the one before; what else it reads comes from outside, and no other part reads that.
    """
    home = {node: index for index, part in enumerate(parts) for node in part.nodes}
    used: set[Port] = set()
    for index, part in enumerate(parts):
        read = sources(graph, set(part.nodes))
        inner = {home[port.node] for port in read if port.node in home}
        outer = {port for port in read if port.node not in home}
        if inner != ({index - 1} if index else set()) or outer & used:
            return False
        used |= outer
    return True


def follows(graph: Graph, last: Part, part: Part) -> bool:
    """Whether a part reads the last result of another and nothing else, and nothing else reads that."""
    reads = {port.node for port in sources(graph, set(part.nodes))}
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
    return part.kind == "operator" and "(" not in part.label and part.label not in MERGING


def shortened(parts: Sequence[Part], most: int) -> list[Part]:
    """At most so many parts; those in the middle are joined as `7 more`."""
    if len(parts) <= most:
        return list(parts)
    middle = parts[most - 2 : -1]
    nodes = tuple(node for part in middle for node in part.nodes)
    return [*parts[: most - 2], Part("operator", f"{len(middle)} more", nodes), parts[-1]]


# Options


def option_texts(graph: Graph, outline: Outline, decision: Decision, scopes: Sequence[str]) -> list[str]:
    """The options of a choice as they are written, `conv(c, 3) -> relu`; by name where that tells nothing apart."""
    written = {graph.scopes[scope].label.rpartition("=")[2]: _written(graph, outline, scope) for scope in scopes}
    texts = [written.get(option.label) or option.label for option in decision.options]
    return texts if len(set(texts)) == len(texts) else [option.label for option in decision.options]


def _written(graph: Graph, outline: Outline, scope: str) -> str:
    return " -> ".join(short(part.label) for part in shown(graph, outline, outline.parts(scope)))


def names_of(graph: Graph) -> dict[Port, str]:
    """The names of tensors: those that the text binds, the inputs of blocks, then the places in lists, `skips[1]`."""
    bound: list[tuple[str, object]] = []
    for scope in graph.scopes.values():
        inputs = getattr(scope.definition, "inputs", ())
        bound += [(name.name, port) for name, port in zip(inputs, scope.inputs, strict=False)]
        bound += [(name, value.value) for name, value in scope.names.items()]
    listed = [
        (f"{name}[{index}]", item)
        for name, value in bound
        if isinstance(value, (list, tuple)) and not isinstance(value, Port)
        for index, item in enumerate(value)
    ]
    found: dict[Port, str] = {}
    for name, value in [*bound, *listed]:
        if isinstance(value, Port):
            found.setdefault(value, name)
    return found
