"""Broken files and random programs give diagnostics or compile: no traceback, no hang, memory within bounds.

200 files and 20 programs by default; `SSRDSL_FUZZ=10000` for more of both, the large spaces among them.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ssrdsl.language.diagnostics import DiagnosticError
from ssrdsl.language.parse import parse
from ssrdsl.language.render import render
from ssrdsl.language.source import Source
from ssrdsl.space.check import check, holds_definitions_only
from tests.fuzz.mutations import NASTY, broken, texts

ROOT = Path(__file__).parents[2]
FILES = int(os.environ.get("SSRDSL_FUZZ", "200"))
PROGRAMS = int(os.environ.get("SSRDSL_FUZZ", "20"))
BATCH = 200


@pytest.mark.parametrize("first", range(0, FILES, BATCH))
def test_broken_files_are_diagnosed(first: int) -> None:
    codes = examine(first, min(first + BATCH, FILES), *(["slow"] if "SSRDSL_FUZZ" in os.environ else []))
    assert len(codes) > min(15, len(range(first, FILES)) // 10)


@pytest.mark.parametrize("first", range(0, PROGRAMS, BATCH))
def test_random_programs_pass_through_every_stage_or_are_diagnosed(first: int) -> None:
    examine(first, min(first + BATCH, PROGRAMS), "programs")


def examine(first: int, stop: int, *words: str) -> list[str]:
    """Check that the files of these seeds are sound or diagnosed; return the codes of the first diagnostics."""
    command = [sys.executable, "-m", "tests.fuzz.worker", str(first), str(stop), *words]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    *wrong, summary = map(json.loads, done.stdout.splitlines())
    assert not wrong, "\n\n".join(f"seed {item['seed']}: {item['fault']}\n{item['trace']}" for item in wrong)
    assert summary["sound"] == stop - first
    return list(summary["codes"])


def test_files_are_broken_in_many_ways() -> None:
    bases = texts()
    made = [broken(seed, bases) for seed in range(60)]
    assert len(set(made)) > 55
    assert made[:5] == [broken(seed, bases) for seed in range(5)]


words = st.sampled_from([*NASTY, " ", "\n", "  ", "y", "8", "relu"])


@settings(max_examples=60)
@given(st.lists(words, max_size=30).map(" ".join))
def test_words_in_a_space(inside: str) -> None:
    for text in (inside, f"use std\nspace s {{\n  input image: 3, 16, 32\n  x = image\n  output x -> {inside}\n}}\n"):
        for found in check(Source("s.ssr", text)):
            assert found.code.startswith("E")


@settings(max_examples=60)
@given(st.text(max_size=60))
@example("")
@example("# a comment\n")
@example("x = 1\n")
@example("block b(c) { relu }\n")
@example("search { epochs = 3 }\n")
def test_any_text(text: str) -> None:
    source = Source("s.ssr", text)
    found = check(source)
    assert bool(found) != _defines_only(source)
    for diagnostic in found:
        assert 1 <= diagnostic.label.span.line <= len(text.split("\n"))
        assert f"s.ssr:{diagnostic.label.span.line}:" in render(diagnostic)


def _defines_only(source: Source) -> bool:
    """Whether the text is a file of definitions without a syntax error."""
    try:
        return holds_definitions_only(parse(source))
    except DiagnosticError:
        return False
