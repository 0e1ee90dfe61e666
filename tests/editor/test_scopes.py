from itertools import pairwise

import pytest

from ssrdsl.editor.reading import read_text
from ssrdsl.language import syntax
from ssrdsl.space.binding import read_source
from ssrdsl.space.binding.occurrences import Occurrence
from ssrdsl.space.binding.symbols import SymbolKind
from tests.editor.marked import SMALL, SPACES, cut, put, read


def lines_of(text: str) -> list[int]:
    """The lines on which the name under the cursor is."""
    plain, offset = cut(text)
    reading = read(plain)
    occurrence = reading.occurrence(offset)
    assert occurrence is not None
    assert reading.module is not None
    return [other.span.line for other in reading.module.names.of(occurrence.symbol)]


@pytest.mark.parametrize("path", SPACES, ids=lambda path: path.stem)
def test_every_name_of_the_shipped_spaces_is_known(path) -> None:
    reading = read_text(read_source(str(path)), read_source)
    assert reading.module is not None
    assert reading.module.names.unknown == ()
    occurrences = reading.module.names.occurrences
    assert all(found.span.text == found.symbol.name for found in occurrences)
    assert all(one.span.end <= other.span.start for one, other in pairwise(occurrences))


def test_parameters_are_seen_in_their_block_and_in_arguments_by_name() -> None:
    text = "block f(c) = conv(‸c)\nblock g(c) = f(c=c)\n"
    assert lines_of(text) == [1, 1, 2]
    assert lines_of(text.replace("‸", "").replace("f(c=c)", "f(c=‸c)")) == [2, 2]


def test_an_inner_binding_hides_the_outer_one() -> None:
    text = "block f(c) of x {\n  y = x\n  choose d in {1, 2} {\n    y = x -> conv(d)\n    ‸y\n  }\n}\n"
    assert lines_of(text) == [4, 5]


def test_what_a_binding_reads_is_what_was_bound_before() -> None:
    text = "block f(c) of x {\n  choose d in {1, 2} {\n    c = ‸c + d\n    x -> conv(c)\n  }\n}\n"
    assert lines_of(text) == [1, 3]
    assert lines_of(text.replace("‸", "").replace("conv(c)", "conv(‸c)")) == [3, 4]


def test_what_a_loop_rebinds_is_one_name_with_that_outside() -> None:
    text = "block f of x {\n  choose n in {1, 2} {\n    for i in [1..n] {\n      x = ‸x -> relu\n    }\n    x\n  }\n}\n"
    assert lines_of(text) == [1, 4, 4, 6]


def test_a_comprehension_has_its_own_names() -> None:
    text = "block f(g) of x { concat([x -> conv(‸g) for g in [g, 2]]) }\n"
    plain, offset = cut(text)
    reading = read(plain)
    occurrence = reading.occurrence(offset)
    assert occurrence is not None
    assert occurrence.symbol.kind is SymbolKind.VARIABLE
    assert reading.occurrence(plain.index("[g") + 1) != occurrence
    assert reading.occurrence(plain.index("[g") + 1).symbol.kind is SymbolKind.PARAMETER  # type: ignore[union-attr]


def test_a_domain_does_not_see_the_names_of_the_one_before() -> None:
    text = "block f(d) = choose d in {1, 2}, e in {‸d} { conv(d * e) }\n"
    plain, offset = cut(text)
    assert read(plain).occurrence(offset).symbol.kind is SymbolKind.PARAMETER  # type: ignore[union-attr]


def test_blocks_of_a_file_are_visible_before_their_definition_but_not_those_of_a_body() -> None:
    assert lines_of("block f = ‸g\nblock g = relu\n") == [1, 2]
    plain, offset = cut("block g = relu\nblock f of x {\n  y = x -> ‸g\n  block g = bn\n  y -> g\n}\n")
    reading = read(plain)
    assert reading.occurrence(offset).symbol.span.line == 1  # type: ignore[union-attr]
    assert reading.occurrence(put(plain, "g\n}")).symbol.span.line == 4  # type: ignore[union-attr]


def test_a_block_inside_of_another_does_not_see_its_own_name() -> None:
    plain, offset = cut("block f(c) of x {\n  block relu = ‸relu -> bn\n  x -> relu\n}\n")
    assert read(plain).occurrence(offset).symbol.kind is SymbolKind.OPERATOR  # type: ignore[union-attr]


def test_use_with_rebinds_for_the_file() -> None:
    plain, offset = cut("use std with bn = bn(eps=1e-3)\nblock f = ‸bn\n")
    reading = read(plain)
    found = reading.occurrence(offset)
    assert isinstance(found, Occurrence)
    assert isinstance(found.symbol.node, syntax.Rebinding)
    assert reading.occurrence(plain.index("bn(")).symbol.kind is SymbolKind.OPERATOR  # type: ignore[union-attr]


def test_costs_are_names_of_a_requirement_only() -> None:
    reading = read(
        "space s(macs=1) {\n  input x: 3, 8, 8\n  output x -> conv(macs)\n  require macs <= 1 and macs > 0\n}\n"
    )
    assert reading.module is not None
    kinds = [o.symbol.kind for o in reading.module.names.occurrences if o.symbol.name == "macs"]
    assert kinds == [SymbolKind.PARAMETER, SymbolKind.PARAMETER, SymbolKind.COST, SymbolKind.COST]


def test_names_are_seen_from_where_they_are_bound() -> None:
    reading = read(SMALL)
    assert reading.module is not None
    names = reading.module.names
    assert {"c", "drop", "x", "conv", "residual", "narrow"} <= names.visible(put(SMALL, "mid =")).keys()
    assert "mid" not in names.visible(put(SMALL, "mid ="))
    assert "mid" in names.visible(put(SMALL, "-> dropout2d"))
    assert names.visible(put(SMALL, "body =")).keys() & {"half", "body", "c", "mid"} == {"half"}


def test_the_nodes_around_a_place_come_from_the_outside_in() -> None:
    path = read(SMALL).nodes(put(SMALL, "drop)"))
    assert [type(node) for node in path] == [
        syntax.File, syntax.Block, syntax.Suite, syntax.Pipe, syntax.Call, syntax.Argument, syntax.Name,
    ]  # fmt: skip
