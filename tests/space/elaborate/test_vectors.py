"""Tensors without height and width stay such through mixtures."""

from ssrdsl.language.source import Source
from ssrdsl.operators import Shape, Vector
from ssrdsl.space import open_source
from ssrdsl.space.graph import Graph, Mux, Select


def graph_of(expression: str) -> Graph:
    text = f"space s() {{\n  input image: 3, 8, 8\n  x = image -> adaptive_avgpool(1)\n  output {expression}\n}}\n"
    return open_source(Source("vectors.ssr", text)).graph


def test_choice_of_vectors_is_a_vector() -> None:
    (mux,) = (node for node in graph_of("x -> choose { linear(4) | linear(6) }") if isinstance(node, Mux))
    assert isinstance(mux.shapes[0], Vector)


def test_selection_of_vectors_is_a_vector() -> None:
    graph = graph_of("select(1, [x -> linear(4), x -> linear(4)])")
    (select,) = (node for node in graph if isinstance(node, Select))
    assert isinstance(select.shapes[0], Vector)


def test_choice_of_feature_maps_is_one() -> None:
    (mux,) = (node for node in graph_of("x -> choose { conv(4) | conv(6) }") if isinstance(node, Mux))
    assert type(mux.shapes[0]) is Shape
