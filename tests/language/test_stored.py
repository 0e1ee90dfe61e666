"""The parser kept between runs: read where it can be trusted, computed silently where it cannot."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from lark import Lark

from ssrdsl.language.grammar import build
from ssrdsl.language.stored import stored

GRAMMAR = 'file: "a" NUMBER*\nNUMBER: /[0-9]+/\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "ssrdsl"


def builds(grammar: str = GRAMMAR) -> int:
    """How often a parser had to be computed; in any case it parses."""
    count = 0

    def counting(text: str) -> Lark:
        nonlocal count
        count += 1
        return build(text)

    parser = stored(grammar, counting)
    assert [str(token) for token in parser.parse("a17").children] == ["a", "17"]
    return count


def test_a_parser_is_computed_once(folder: Path) -> None:
    assert [builds(), builds()] == [1, 0]
    assert len(list(folder.iterdir())) == 1
    assert folder.stat().st_mode & 0o077 == 0


def test_every_grammar_has_a_file_of_its_own(folder: Path) -> None:
    assert [builds(), builds(GRAMMAR + "// another\n")] == [1, 1]
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize(
    "damage",
    [lambda data: b"", lambda data: data[:-100], lambda data: b"\0" * 100, lambda data: b"cno\nsuch\n."],
    ids=["empty", "cut", "zeros", "foreign"],
)
def test_a_damaged_file_is_written_anew(
    folder: Path, damage: Callable[[bytes], bytes], capfd: pytest.CaptureFixture[str]
) -> None:
    builds()
    (path,) = folder.iterdir()
    path.write_bytes(damage(path.read_bytes()))
    assert [builds(), builds()] == [1, 0]
    assert capfd.readouterr() == ("", "")


def test_without_a_folder_nothing_is_said(tmp_path: Path, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder.write_text("a file is in the way")
    assert [builds(), builds()] == [1, 1]
    assert capfd.readouterr() == ("", "")
    assert [path.name for path in tmp_path.iterdir()] == ["ssrdsl"]


def test_the_folder_of_another_user_is_left_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    builds()
    user = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: user + 1)
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert builds() == 1
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_relative_folder_is_not_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert [builds(), builds()] == [1, 0]
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_a_user_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("no home")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    assert builds() == 1


def test_first_runs_at_the_same_time(folder: Path) -> None:
    source = "from ssrdsl.language import Source, parse; print(len(parse(Source('a', 'block f = relu')).items))"
    command = [sys.executable, "-c", source]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(3)]
    assert [run.communicate()[0] for run in runs] == ["1\n"] * 3
    (path,) = folder.iterdir()
    with path.open("rb") as file:
        assert Lark.load(file).rules
