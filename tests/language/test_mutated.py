"""Files with random damage are read or explained: no other exception, and every place lies in the text."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ssrdsl
from ssrdsl.language import Diagnostic, DiagnosticError, Source, parse
from ssrdsl.language.diagnostics import MAX_MISTAKES
from ssrdsl.language.format import format_source
from ssrdsl.language.render import as_json, render

ROOT = Path(ssrdsl.__file__).parent.parent
TEXTS = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("spaces/*.ssr"))]
PIECES = [
    *"{}()[],|=.\"'#:;+-*/<>%é\0\r\t\n\u00a0漢",
    *["->", "==", "..", " ", "\r\n", "\ufeff", "1e999", "9" * 50, "3x", "x", "3", "tied", "choose", "for", "in", "if"],
    *["else", "block", "of", "space", "search", "use", "with", "input", "output", "auxiliary", "require", "step"],
]


def _damaged(text: str, random: Random) -> str:
    for _ in range(random.randint(1, 5)):
        place, other = random.randrange(len(text) + 1), random.randrange(len(text) + 1)
        length = random.randint(1, 40)
        match random.randrange(4):
            case 0:
                text = text[:place] + text[place + length :]
            case 1:
                text = text[:place] + random.choice(PIECES) + text[place:]
            case 2:
                text = text[:place] + random.choice(PIECES) + text[place + 1 :]
            case _:
                text = text[:place] + text[other : other + length] + text[place:]
    return text


def _mistakes(text: str) -> tuple[Diagnostic, ...]:
    try:
        parse(Source("f.ssr", text))
    except DiagnosticError as error:
        return error.diagnostics
    return ()


def _read_or_explain(text: str) -> None:
    mistakes = _mistakes(text)
    for diagnostic in mistakes:
        for label in (diagnostic.label, *diagnostic.secondary):
            assert 0 <= label.span.start <= label.span.end <= len(label.span.source.text)
        assert render(diagnostic)
        assert render(diagnostic, colour=True)
        assert as_json(diagnostic)["line"] >= 1
    if not mistakes:
        once = format_source(text)
        assert format_source(once) == once


@pytest.mark.parametrize("seed", range(10))
def test_damaged_files(seed: int) -> None:
    random = Random(seed)
    for _ in range(20):
        _read_or_explain(_damaged(random.choice(TEXTS), random))


@settings(max_examples=100)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join))
def test_random_words(text: str) -> None:
    _read_or_explain(text)


@settings(max_examples=100)
@given(st.text(max_size=60))
def test_random_characters(text: str) -> None:
    _read_or_explain(text)


HOSTILE = {
    "open parentheses": "x = " + "(" * 5_000,
    "parentheses": "x = " + "(" * 5_000 + ")" * 5_000,
    "nested calls": "x = " + "f(" * 10_000 + ")" * 10_000,
    "nested lists": "x = " + "[" * 10_000,
    "braces": "{" * 20_000,
    "closing braces": "}" * 5_000,
    "blocks": "block f {\n" * 2_000,
    "sum": "x = " + "+".join(["1"] * 20_000),
    "signs": "x = " + "-" * 20_000 + "1",
    "conditionals": "x = " + "1 if 1 else " * 5_000 + "1",
    "attributes": "x = f" + ".a" * 20_000,
    "list": "x = [" + ",".join(["1"] * 5_000) + "]",
    "digits": "x = " + "9" * 100_000,
    "name": "x = " + "a" * 100_000,
    "quotes": '"\n' * 5_000,
    "stray": "@" * 5_000,
    "mistakes": "x = = 3\n" * 2_500,
    "newlines": "\n" * 100_000,
    "large": "x = 1\n" * 40_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files(name: str) -> None:
    assert len(_mistakes(HOSTILE[name])) <= MAX_MISTAKES
