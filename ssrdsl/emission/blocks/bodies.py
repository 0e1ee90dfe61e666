"""The body of an instance of a block: its operators and the instances directly inside, with their inputs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from ssrdsl.emission.blocks.block_class import BlockClass
from ssrdsl.emission.instances.instance import BlockInput, Instance, Piece
from ssrdsl.emission.instances.network import IndexedNetwork, ScopePlace, reads
from ssrdsl.emission.instances.parameters import Parameters
from ssrdsl.space.graph import OperatorNode, Port, Scope


def instance_at(network: IndexedNetwork, scope: str, classes: Mapping[str, BlockClass]) -> Instance:
    """The instance of a block at a scope; those inside are objects if their scopes have `classes`, else inlined."""
    nodes = network.operators_in.get(scope, [])
    pieces: list[Piece] = []
    objects: set[str] = set()
    for node in nodes:
        child = _outermost(network.ancestors[node.id], scope, classes)
        if child is None:
            pieces.append(_operator(network, node, scope))
        elif child not in objects:
            objects.add(child)
            pieces.append(_child(network, scope, classes[child].instance(child)))
    inside = dict.fromkeys(node.id for node in nodes)
    pieces = _runs(network, _behind(network, _distinct(pieces)))
    read = dict.fromkeys(port for piece in pieces for port in piece.reads if port.node not in inside)
    results = _leaving(network, network.scope(scope), inside)
    return Instance(scope, _labelled(network, scope, read), tuple(pieces), results, Parameters(network))


def _behind(network: IndexedNetwork, pieces: list[Piece]) -> list[Piece]:
    """The pieces; the keys of those of a layer written elsewhere include the piece before.

    Every `bn` of a file that rebinds it has the same text.
    """
    made: dict[Port, ScopePlace] = {}
    found = []
    for piece in pieces:
        node = piece.node
        if node is not None and node.frame not in network.ancestors[node.id][:-1] and piece.reads[0] in made:
            piece = replace(piece, key=(*piece.key[:-1], ("behind", made[piece.reads[0]])))
        found.append(piece)
        made.update(dict.fromkeys(piece.makes, piece.key))
    return found


def _distinct(pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces with a number appended to every key, so that keys are unique."""
    taken: dict[ScopePlace, int] = {}
    found = []
    for piece in pieces:
        count = taken[piece.key] = taken.get(piece.key, 0) + 1
        found.append(replace(piece, key=(*piece.key, count)))
    return found


def _outermost(ancestors: tuple[str, ...], scope: str, objects: Collection[str]) -> str | None:
    """The outermost object below `scope`; None for pieces directly in `scope`."""
    return next((step for step in reversed(ancestors[: ancestors.index(scope)]) if step in objects), None)


def _operator(network: IndexedNetwork, node: OperatorNode, scope: str) -> Piece:
    results = tuple(Port(node.id, index) for index in range(len(node.shapes)))
    place = network.position(node.scope, scope, node.span)
    option = network.scope(node.scope)
    if option.kind == "option" and option.parent is not None and node.scope != scope and _is_alternative(network, node):
        # Of `choose { relu | hswish }` both are at the place of the choice.
        place = network.position(option.parent, scope, option.span)
    return Piece(place, node, (), reads(node), results)


def _is_alternative(network: IndexedNetwork, node: OperatorNode) -> bool:
    """Whether an operator is a complete option, identified by its class."""
    return is_plain(node) and len(network.operators_in[node.scope]) == 1


def is_plain(node: OperatorNode) -> bool:
    """Whether the module of an operator takes no arguments, as those of most activations."""
    made = node.operator.construct(node.shapes)
    return made.module is not None and not made.module.arguments and not made.module.keywords


def _child(network: IndexedNetwork, scope: str, child: Instance) -> Piece:
    inner = network.scope(child.scope)
    place = network.position(inner.parent or "", scope, inner.span)
    return Piece(place, None, (child.scope,), tuple(child.inputs.values()), child.results)


def _runs(network: IndexedNetwork, pieces: list[Piece]) -> list[Piece]:
    """The pieces, with consecutive instances from iterations of a loop joined to one piece."""
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        place = _loop(piece.key)
        if last is not None and place is not None and place == _loop(last.key) and _follows(network, last, piece):
            joined[-1] = replace(last, children=last.children + piece.children, makes=piece.makes)
        else:
            joined.append(piece)
    places = [_loop(piece.key) for piece in joined]
    count = Counter(places)
    return [
        replace(piece, key=place) if place is not None and piece.children and count[place] == 1 else piece
        for piece, place in zip(joined, places, strict=True)
    ]


def _loop(key: ScopePlace) -> ScopePlace | None:
    """A place in an iteration of a loop without the number of the innermost iteration."""
    turns = [index for index, step in enumerate(key[:-1]) if step[0] == "turn"]
    if not turns:
        return None
    kind, text, _ = key[turns[-1]]
    return (*key[: turns[-1]], (kind, text, "*"), *key[turns[-1] + 1 :])


def _follows(network: IndexedNetwork, last: Piece, piece: Piece) -> bool:
    """Whether a piece only reads the results of the previous one, and is their only reader."""
    if not last.children or not piece.children or piece.reads != last.makes:
        return False
    if any(len(ports) != 1 for ports in (last.reads, last.makes, piece.makes)):
        return False
    return all(set(piece.children) & set(network.ancestors[r]) for r in network.readers[last.makes[0]])


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
