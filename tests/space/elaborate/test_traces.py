"""Errors inside blocks name the uses and the turns of loops that led there, down to the user's own file."""

from ssrdsl.language.diagnostics import Diagnostic, DiagnosticError
from ssrdsl.language.source import Source
from ssrdsl.space import open_source
from ssrdsl.space.prove import prove
from tests.space.texts import body, graph_of

BLOCKS = "use std\nblock inner(c) = conv(c, stride=c)\nblock outer(c) of x { x -> inner(c - 1) }\n"


def errors(text: str, blocks: str = BLOCKS) -> tuple[Diagnostic, ...]:
    def read(path: str) -> Source:
        return Source(path, blocks)

    try:
        graph = open_source(Source("my.ssr", text), read=read).graph
    except DiagnosticError as error:
        return error.diagnostics
    return tuple(prove(graph).found)


def trail(found: Diagnostic) -> list[tuple[str, int, str]]:
    return [(label.span.source.name, label.span.line, label.text) for label in found.secondary]


def test_an_error_names_the_uses_and_the_loop_value() -> None:
    text = body("for n in [2, 1] {", "  x = x -> outer(n)", "}", "output x").replace("use std", 'use "b.ssr"')
    (found,) = errors(text)
    assert (found.code, found.label.span.source.name, found.label.span.line) == ("E0407", "b.ssr", 2)
    assert trail(found) == [
        ("b.ssr", 3, "`inner` is used here"),
        ("my.ssr", 5, "`outer` is used here"),
        ("my.ssr", 4, "here n = 1"),
    ]


def test_a_proof_names_them_too() -> None:
    blocks = "block thin(c) = conv(c / 3)\n"
    text = body("ys = [x -> thin(n) for n in [3, 4]]", "output ys[0]", "output more: ys[1]")
    (found,) = errors(text.replace("use std", 'use "b.ssr"'), blocks)
    assert (found.code, found.label.span.source.name, found.label.span.line) == ("E0202", "b.ssr", 1)
    assert trail(found) == [("my.ssr", 4, "`thin` is used here"), ("my.ssr", 4, "here n = 4")]


def test_the_same_error_by_way_of_two_uses_is_reported_once() -> None:
    text = body("y = x -> inner(0)", "z = x -> inner(0)", "output y").replace("use std", 'use "b.ssr"')
    assert [found.label.span.line for found in errors(text)] == [2]


def test_the_prelude_alone_is_never_the_place() -> None:
    lines = ["block mine(c) = pyramid_pool(c, 3)", "y = x -> mine(8)", "output y"]
    (found,) = errors(body(*lines))
    assert (found.label.span.source.name, found.label.span.line) == ("my.ssr", 4)
    assert trail(found)[-1] == ("my.ssr", 5, "`mine` is used here")


def test_a_long_trail_ends_in_the_outermost_use() -> None:
    blocks = "block b0 = conv(1, stride=0)\n" + "".join(f"block b{n} = b{n - 1}\n" for n in range(1, 20))
    (found,) = errors(body("output x -> b19").replace("use std", 'use "b.ssr"'), blocks)
    assert len(trail(found)) <= 8
    assert trail(found)[-1] == ("my.ssr", 4, "`b19` is used here")


def test_extents_in_a_message_are_exact() -> None:
    graph = graph_of("p = permutation([2, 4, 8])", "output add(x, x -> resize((p[0] + p[1] + p[2], 12)))")
    (found,) = prove(graph).found
    assert found.label.text == "left is 3 x 12 x 12, right is 3 x 14 x 12"
