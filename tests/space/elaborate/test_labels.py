"""Options of a `choose` are called by what tells them apart."""

import pytest

from ssrdsl.errors import UserError
from ssrdsl.space.architecture import Architecture, resolve
from tests.space.texts import graph_of


def labels(*options: str) -> list[str]:
    graph = graph_of("a = x -> conv(8)", f"output choose {{ {' | '.join(options)} }}")
    (decision,) = graph.decisions.values()
    return list(decision.labels.values())


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["a -> conv(8)", "a -> depthwise(3)", "a"], ["a -> conv", "a -> depthwise", "a"]),
        (["x -> conv(8, 3)", "x -> conv(8,  5)"], ["x -> conv(8, 3)", "x -> conv(8, 5)"]),
        (["a -> conv(8)", "x -> conv(8)"], ["a", "x"]),
        (["a -> relu -> bn", "a -> relu -> conv(8)", "x"], ["a -> relu -> bn", "a -> relu -> conv", "x"]),
        (["a -> conv(8)", "a -> conv(8)"], ["a", "a_2"]),
    ],
)
def test_labels_differ_in_what_the_options_differ_in(options: list[str], expected: list[str]) -> None:
    assert labels(*options) == expected


def test_layers_are_labelled_alike_and_keep_their_places() -> None:
    graph = graph_of("output x -> choose { conv(8, 3) | conv(8, 5) -> conv({4, 8}) | skip }")
    decision = graph.decisions["choose"]
    assert list(decision.labels.values()) == ["conv(8, 3)", "conv(8, 5)", "skip"]
    assert "choose=conv_2.conv.channels" in graph.decisions  # names stay those of older files


def test_files_with_numbered_labels_are_read() -> None:
    graph = graph_of("output x -> choose { conv(8, 3) | conv(8, 5) }")
    for label in ("conv_2", "conv(8, 5)"):
        assert resolve(graph, Architecture("test", "", {}, {"choose": label})) == {"choose": 1}
    with pytest.raises(UserError, match="has no option `conv_3`"):
        resolve(graph, Architecture("test", "", {}, {"choose": "conv_3"}))
