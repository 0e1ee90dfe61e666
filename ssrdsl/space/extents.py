"""Height and width of tensors that are not computed, derived from one that is.

`x -> resize(y)` reads the size of `y` alone. Where nothing else needs `y`, the network does not compute it; its height
and width still follow from those of the image.
"""

from __future__ import annotations

from collections.abc import Callable, Container

from ssrdsl.operators.definition import Operator, Scalar, Shape
from ssrdsl.space.graph import Extents, Graph, Mux, OperatorNode, Port, Select


def extents_of(
    port: Port,
    graph: Graph,
    computed: Container[str],
    passed: Callable[[Port], Port] = lambda port: port,
) -> Extents | None:
    """The derivation of height and width of a tensor from a computed one; None if there is none.

    `passed` returns the tensor that replaces one whose node was dissolved.
    """
    operators: list[Operator] = []
    while (port := passed(port)).node not in computed:
        node = graph.find(port.node)
        if isinstance(node, OperatorNode):
            if node.extents is not None:
                operators += reversed(node.extents.operators)
                port = node.extents.base
            elif node.like is not None and node.operator.detached() is not node.operator:
                port = node.like
            elif node.operator.inputs is None:
                port = _of_equal_extents(node, graph)
            else:
                operators.append(node.operator)
                port = node.inputs[0]
        elif isinstance(node, (Mux, Select)) and node.inputs:
            port = node.inputs[0]
        else:
            return None
    return Extents(port, tuple(reversed(operators)))


def _of_equal_extents(node: OperatorNode, graph: Graph) -> Port:
    """The first input of a sum or concatenation that has its extents: another one may be broadcast."""
    wanted = node.shapes[0][1:]
    equal = (port for port in node.inputs if graph.shape(port)[1:] == wanted)
    return next(equal, node.inputs[0])


def followed(extents: Extents, height: Scalar, width: Scalar) -> tuple[Scalar, Scalar]:
    """Height and width for given ones of the computed tensor."""
    shape = Shape(1, height, width)
    for operator in extents.operators:
        inputs = (shape,) * (operator.inputs or 1)
        shape = operator.shapes(inputs)[0]
    return shape.height, shape.width
