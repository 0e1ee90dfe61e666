"""Every code has an explanation with valid examples."""

import re
from pathlib import Path

import pytest

import ssrdsl
from ssrdsl.cli import main
from ssrdsl.language.explanations import codes, explanation
from ssrdsl.language.source import Source
from ssrdsl.space.check import check

PACKAGE = Path(ssrdsl.__file__).parent


def test_every_code_of_the_package_is_explained_and_no_other() -> None:
    texts = (path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    assert {code for text in texts for code in re.findall(r'"(E\d{4})"', text)} == set(codes())


@pytest.mark.parametrize("code", codes())
def test_wrong_example_makes_the_mistake(code: str) -> None:
    found = explanation(code)
    assert check(Source("wrong.ssr", found.wrong * found.times))[0].code == code


@pytest.mark.parametrize("code", codes())
def test_right_example_is_sound(code: str) -> None:
    assert check(Source("right.ssr", explanation(code).right)) == ()


def test_command_shows_both_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "e0203"]) == 0
    shown = capsys.readouterr().out
    found = explanation("E0203")
    assert shown.startswith(f"E0203: {found.title}\n")
    for line in (found.wrong + found.right).splitlines():
        assert f"    {line}\n" in shown


def test_command_lists_the_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(codes())


def test_unknown_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "E9999"]) == 2
    assert (
        capsys.readouterr().err == "error: unknown error code `E9999`\nhelp: run `ssrdsl explain` to list all codes\n"
    )


@pytest.mark.parametrize("written", ["E203", "203", "e0203"])
def test_a_mistyped_code_names_the_nearest(written: str, capsys: pytest.CaptureFixture[str]) -> None:
    from ssrdsl.cli import main

    status = main(["explain", written])
    printed = capsys.readouterr()
    assert status == (0 if written == "e0203" else 2)
    assert "E0203" in printed.out + printed.err
