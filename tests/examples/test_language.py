"""Every example of the language's reference compiles."""

import re
from pathlib import Path

import pytest

from ssrdsl.language.render import render
from ssrdsl.language.source import Source
from ssrdsl.operators import OPERATORS
from ssrdsl.space.check import check

REFERENCE = Path(__file__).parents[2] / "examples/language/README.md"
TEXT = REFERENCE.read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```(ssr(?! wrong)[^\n]*)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def whole(kind: str, text: str) -> str:
    """An example as a file: fragments are the inside of a space with one input."""
    if kind != "ssr fragment":
        return text
    return f"use std\nspace example {{\n  input image: 3, 32, 64\n{text}}}\n"


@pytest.mark.parametrize(("kind", "text"), EXAMPLES, ids=range(len(EXAMPLES)))
def test_example_is_sound(kind: str, text: str) -> None:
    assert kind in {"ssr", "ssr fragment"}
    assert check(Source("README.md", whole(kind, text))) == ()


def test_reference_names_every_word_and_function_of_the_language() -> None:
    from ssrdsl.language.grammar import keywords
    from ssrdsl.space.elaborate.builtins import BUILTINS

    examples = "\n".join(text for _, text in EXAMPLES)
    for name in {*keywords(), *BUILTINS}:
        assert re.search(rf"\b{name}\b", examples), name
    assert {"concat", "add", "mul", "match"} <= set(OPERATORS)


def test_reference_names_all_of_the_prelude() -> None:
    from ssrdsl.language import syntax
    from ssrdsl.space.binding.files import library_file

    for item in library_file("std").items:
        if isinstance(item, syntax.Block):
            assert f"`{item.name}`" in TEXT


def test_reference_lists_all_settings_and_their_defaults() -> None:
    from ssrdsl.editor.words.settings import settings

    table = TEXT[TEXT.index("| setting |") : TEXT.index("```ssr", TEXT.index("| setting |"))]
    rows = {name: row for row in table.splitlines() for name in re.findall(r"`([a-z_.]+)`", row.split(" | ")[0])}
    assert rows.keys() == {setting.name for setting in settings()}
    for setting in settings():
        default = rows[setting.name].split(" | ")[1]
        assert default == f"`{setting.default}`" if setting.default else "`" not in default


def test_reference_shows_a_mistake_as_it_is_reported() -> None:
    ((text, shown),) = re.findall(r"^```ssr wrong\n(.*?)^```\n\n```\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    (found,) = check(Source("my.ssr", text))
    assert render(found) + "\n" == shown
