import re
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ssrdsl
from ssrdsl.language import Source, parse, syntax
from ssrdsl.language.format import format_source
from ssrdsl.language.formatting.place import LIMIT
from tests.language.trees import FILES, format_tree, relaid

ROOT = Path(ssrdsl.__file__).parent.parent
SHIPPED = sorted([*ROOT.glob("spaces/*.ssr"), *ROOT.glob("ssrdsl/std/*.ssr")])


def _tree(text: str) -> syntax.File:
    return parse(Source("f.ssr", text))


def _comments(text: str) -> list[str]:
    return sorted(match[1].rstrip() for match in re.finditer(r'"[^"\n]*"|(#[^\n]*)', text) if match[1])


@settings(max_examples=40)
@given(FILES)
def test_every_tree_is_printed_so_that_it_is_read_again(tree: syntax.File) -> None:
    text = format_tree(tree)
    assert _tree(text) == tree
    assert format_source(text) == text


@settings(max_examples=40)
@given(FILES, st.integers(0, 2**32), st.booleans())
def test_any_layout_keeps_its_meaning_and_its_comments(tree: syntax.File, seed: int, comments: bool) -> None:
    text = relaid(format_tree(tree), Random(seed), comments)
    assert _tree(text) == tree
    once = format_source(text)
    assert _tree(once) == tree
    assert _comments(once) == _comments(text)
    assert format_source(once) == once


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_files_laid_out_anew_keep_their_meaning(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = _tree(text)
    for seed in range(2):
        other = relaid(text, Random(seed), comments=True)
        once = format_source(other)
        assert _tree(once) == tree
        assert _comments(once) == _comments(other)
        assert format_source(once) == once


def test_a_comment_after_a_body_is_printed_once() -> None:
    text = "x = f(choose n in {1, 2} { g(n) }, a  # after\n  <\n  b)\n"
    once = format_source(text)
    assert _comments(once) == ["# after"]
    assert format_source(once) == once


TABLE = """\
block f =
  x
  -> stage({16, 24},          3,       1)
  -> stage({192..216 step 8}, {3, 5}, 20)
  -> relu

block g = repeat(relu, [
  (1,  16),
  (6, 320)])
"""


def test_lines_that_are_alike_keep_their_columns() -> None:
    assert format_source(TABLE) == TABLE
    assert format_source(TABLE.replace("(1,  16)", "( 1, 16)").replace(" 20)", "      20)")) == TABLE


def test_a_table_has_to_be_begun() -> None:
    plain = re.sub(" {2,}(?=[{0-9])", " ", TABLE)
    assert plain != TABLE
    assert format_source(plain) == plain


@pytest.mark.parametrize(
    "text",
    [
        "f = x\n  -> a(1,  2)\n  -> b(11, 2)\n",
        "f = x\n  -> a(1,  2)\n  -> a(11, 2, 3)\n",
        "f = x\n  -> a(1,  2) -> relu\n  -> a(11, 2)\n",
        "f = x -> a(1,  2)\n  -> a(11, 2)\n",
        "f = [\n  a(1,  2),\n  (11, 2)]\n",
    ],
)
def test_lines_that_differ_are_no_table(text: str) -> None:
    assert format_source(text) == text.replace(",  ", ", ")


@pytest.mark.parametrize("path", [*SHIPPED, *sorted(ROOT.glob("examples/**/*.ssr"))], ids=lambda path: path.stem)
def test_shipped_files_are_formatted(path: Path) -> None:
    """So formatting them changes neither their meaning nor their comments."""
    text = path.read_text(encoding="utf-8")
    assert format_source(text) == text
    assert max(len(line) for line in text.splitlines() if not line.startswith("#")) <= LIMIT


def test_alternatives_that_do_not_fit_are_one_per_line() -> None:
    each = ["conv(c, 3) -> bn -> relu", "conv(c, 5) -> bn -> relu", "conv(c, 7) -> bn -> relu", "maxpool(3, stride=1)"]
    broken = "block f(c) = choose {\n    " + "\n  | ".join([*each, "skip"]) + "\n}\n"
    assert format_source(f"block f(c) = choose {{ {' | '.join([*each, 'skip'])} }}\n") == broken
    assert format_source(broken) == broken


def test_bodies_among_alternatives_stay_where_they_are_set_first() -> None:
    text = "block f = choose { skip | choose d in {1, 2} {\n m = {4, 8}\n conv(m, 3, dilation=d)\n} | zero }\n"
    once = format_source(text)
    assert once.splitlines()[2:6] == [
        "  | choose d in {1, 2} {",
        "    m = {4, 8}",
        "    conv(m, 3, dilation=d)",
        "  }",
    ]
    assert format_source(once) == once


def test_alternatives_stay_on_the_lines_on_which_the_author_set_them() -> None:
    text = "block f(c) = choose {\n    conv(c) | conv(c, 3)\n  | skip\n}\n"
    assert format_source(text) == text


def test_the_inputs_of_a_block_fit_after_its_parameters() -> None:
    names = [f"parameter_number_{index}=1" for index in range(4)]
    text = f"block f({', '.join(names)}) of first_input, second_input {{ concat(first_input, second_input) }}\n"
    formatted = format_source(text)
    assert formatted.startswith("block f(\n  parameter_number_0=1,\n")
    assert max(map(len, formatted.splitlines())) <= 120
    assert format_source(formatted) == formatted
