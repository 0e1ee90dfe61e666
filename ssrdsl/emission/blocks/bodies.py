"""The body of an instance of a block: its operators and the instances directly inside, with their inputs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

from ssrdsl.emission.instances.instance import BlockInput, Instance, Piece, inputs_of, results_of
from ssrdsl.emission.instances.network import IndexedNetwork, ScopePlace, steps_of
from ssrdsl.space.graph import OperatorNode, Port, Scope

KeyedPiece = tuple[ScopePlace, Piece]
"""A part of an instance with its key."""


def instance_at(network: IndexedNetwork, scope: str, made: Mapping[str, Instance]) -> Instance:
    """The instance of a block at a scope; those inside are objects if they are `made`, by scope, else inlined."""
    nodes = network.operators_in.get(scope, [])
    pieces: list[KeyedPiece] = []
    objects: set[str] = set()
    for node in nodes:
        child = _outermost(network.ancestors[node.id], scope, made)
        if child is None:
            pieces.append((_place(network, node, scope), node))
        elif child not in objects:
            objects.add(child)
            inner = network.scope(child)
            place = network.position(inner.parent or "", scope, inner.span)
            pieces.append((place, (made[child],)))
    inside = dict.fromkeys(node.id for node in nodes)
    placed = _runs(network, _distinct(network, pieces))
    read = dict.fromkeys(port for _, piece in placed for port in inputs_of(piece) if port.node not in inside)
    results = _leaving(network, network.scope(scope), inside)
    return Instance(network, scope, _labelled(network, scope, read), dict(placed), results)


def _distinct(network: IndexedNetwork, pieces: Iterable[KeyedPiece]) -> Iterator[KeyedPiece]:
    """The pieces with a number appended to every key, so that keys are unique.

    The keys of those of a layer written elsewhere include the piece before: every `bn` of a file that rebinds it has
    the same text.
    """
    taken = Counter[ScopePlace]()
    made: dict[Port, ScopePlace] = {}
    for key, piece in pieces:
        if isinstance(piece, OperatorNode) and piece.frame not in network.ancestors[piece.id][:-1]:
            before = made.get(inputs_of(piece)[0])
            key = key if before is None else (*key, ("after", before))
        taken[key] += 1
        key = (*key, taken[key])
        made.update(dict.fromkeys(results_of(piece), key))
        yield key, piece


def _outermost(ancestors: tuple[str, ...], scope: str, objects: Collection[str]) -> str | None:
    """The outermost object below `scope`; None for pieces directly in `scope`."""
    return next((step for step in reversed(ancestors[: ancestors.index(scope)]) if step in objects), None)


def _place(network: IndexedNetwork, node: OperatorNode, scope: str) -> ScopePlace:
    option = network.scope(node.scope)
    if option.kind == "option" and option.parent is not None and node.scope != scope and _is_alternative(network, node):
        # Of `choose { relu | hswish }` both are at the place of the choice.
        return network.position(option.parent, scope, option.span)
    return network.position(node.scope, scope, node.span)


def _is_alternative(network: IndexedNetwork, node: OperatorNode) -> bool:
    """Whether an operator is a complete option, identified by its class."""
    return is_plain(node) and len(network.operators_in[node.scope]) == 1


def is_plain(node: OperatorNode) -> bool:
    """Whether the module of an operator takes no arguments, like those of most activations."""
    made = node.operator.construct(node.shapes)
    return made.module is not None and not made.module.arguments and not made.module.keywords


def _runs(network: IndexedNetwork, pieces: Iterable[KeyedPiece]) -> list[KeyedPiece]:
    """The pieces, with consecutive instances from iterations of a loop joined to one piece."""
    joined: list[KeyedPiece] = []
    for key, piece in pieces:
        place = _loop(key)
        if isinstance(piece, tuple) and place is not None and joined and place == _loop(joined[-1][0]):
            before, last = joined[-1]
            if isinstance(last, tuple) and _follows(network, last, piece):
                joined[-1] = before, last + piece
                continue
        joined.append((key, piece))
    places = [_loop(key) for key, _ in joined]
    count = Counter(places)
    return [
        (place if place is not None and isinstance(piece, tuple) and count[place] == 1 else key, piece)
        for (key, piece), place in zip(joined, places, strict=True)
    ]


def _loop(key: ScopePlace) -> ScopePlace | None:
    """A place in an iteration of a loop without the number of the innermost iteration."""
    turns = steps_of(key, "turn")
    if not turns:
        return None
    index, (kind, span, _) = turns[-1]
    return (*key[:index], (kind, span, "*"), *key[index + 1 :])


def _follows(network: IndexedNetwork, last: tuple[Instance, ...], piece: tuple[Instance, ...]) -> bool:
    """Whether instances only read the results of the previous ones, and are their only reader."""
    made = results_of(last)
    if inputs_of(piece) != made or any(len(ports) != 1 for ports in (inputs_of(last), made, results_of(piece))):
        return False
    return all(piece[0].scope in network.ancestors[reader] for reader in network.readers[made[0]])


def _labelled(network: IndexedNetwork, scope: str, read: Collection[Port]) -> dict[BlockInput, Port]:
    if scope:
        declared = [(i, port) for i, port in enumerate(network.scope(scope).inputs) if port in read]
    else:  # the network takes all inputs of the space, and may return one unchanged
        declared = [(i, Port(node.id)) for i, node in enumerate(network.graph.inputs)]
    labelled: dict[BlockInput, Port] = {("declared", i): port for i, port in declared}
    captured = [port for port in read if port not in labelled.values()]
    return labelled | {("captured", i): port for i, port in enumerate(captured)}


def _leaving(network: IndexedNetwork, scope: Scope, inside: Collection[str]) -> tuple[Port, ...]:
    """The tensors made inside and read outside, in the order of the block."""
    if scope.kind == "space":
        return tuple(node.inputs[0] for node in network.graph.outputs)
    made = [Port(node, index) for node in inside for index in range(len(network.graph[node].shapes))]
    leaving = [port for port in made if any(reader not in inside for reader in network.readers.get(port, ()))]
    return tuple(dict.fromkeys([*(port for port in scope.results if port in leaving), *leaving]))
