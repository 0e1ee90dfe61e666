"""Options of a `choose` are called by what tells them apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssrdsl.errors import UserError
from ssrdsl.space.architecture import Architecture, resolve
from ssrdsl.space.elaborate.builder import UniqueNames
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


def test_options_of_two_choices_have_scopes_of_their_own() -> None:
    choice = "choose { conv(8, 3) -> bn | conv(8, 5) -> bn }"
    graph = graph_of(f"output x -> {choice} -> relu -> {choice}")
    options = [scope for scope in graph.scopes.values() if scope.kind == "option"]
    assert [scope.id for scope in options] == ["choose=conv", "choose=conv_2", "choose=conv_3", "choose=conv_2_2"]
    members = [[node.id for node in graph if node.scope == scope.id] for scope in options]
    assert [len(nodes) for nodes in members] == [2, 2, 2, 2]


@given(st.lists(st.sampled_from(["v", "v_2", "v_3", "v_2_2", "w"])))
def test_unique_names_are_unique(wanted: list[str]) -> None:
    names = UniqueNames()
    made = [names.unique(name) for name in wanted]
    assert len(set(made)) == len(made)
    assert all(name == given or name.startswith(f"{given}_") for name, given in zip(made, wanted, strict=True))
    assert names.unique("new") == "new"
