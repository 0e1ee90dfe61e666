"""The path of the module of every operator in the emitted network."""

from __future__ import annotations

from ssrdsl.emission.classes.model import Model
from ssrdsl.emission.drafts.block_class import BlockClass, ModulePath
from ssrdsl.space.graph import OperatorNode


def parameter_names(made: Model) -> dict[str, str]:
    """For every operator with weights, by its node id, the path of its module in the emitted network."""
    return {
        node.id: ".".join(map(str, _path(made, node)))
        for node in made.network.operators
        if node.operator.parameters(made.network.graph.input_shapes(node)) != 0
    }


def _path(made: Model, node: OperatorNode) -> ModulePath:
    """The path of an operator: through the objects of classes around it, outermost first."""
    within = [scope for scope in reversed(made.network.ancestors[node.id]) if scope in made.holders]
    path: ModulePath = ()
    for outer, inner in zip(within, [*within[1:], None], strict=True):
        block = made.holders[outer]
        index = block.scopes.index(outer)
        for unit in block.units:
            piece = unit.pieces[index]
            if piece is None:
                continue
            if inner is None and piece.node is not None and piece.node.id == node.id:
                path += _path_in(block, index, unit.number, 0)
            elif inner is not None and inner in piece.children:
                path += _path_in(block, index, unit.number, piece.children.index(inner))
    return path


def _path_in(block: BlockClass, index: int, number: int, turn: int) -> ModulePath:
    """The path of a module of a unit inside an instance; `turn` counts the instances of a run."""
    paths = block.paths[number]
    if len(paths) > 1:
        return _shifted(block, index, number, paths[turn], 0)
    return _shifted(block, index, number, paths[0], turn)


def _shifted(block: BlockClass, index: int, number: int, path: ModulePath, turn: int) -> ModulePath:
    """A path with its number shifted by preceding runs that are longer in this instance."""
    position = next((i for i, step in enumerate(path) if isinstance(step, int)), None)
    if position is None:
        return path
    step = path[position]
    assert isinstance(step, int)
    more = turn
    for unit in block.units:
        piece = unit.pieces[index]
        own = block.paths.get(unit.number)
        if not unit.repeats or own is None or unit.number == number or own[0][:position] != path[:position]:
            continue
        before = own[0][position]
        if isinstance(before, int) and before < step:
            more += (0 if piece is None else len(piece.children)) - 1
    return (*path[:position], step + more, *path[position + 1 :])
