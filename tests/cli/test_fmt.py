"""`ssrdsl fmt`: files written, files left unchanged, and messages."""

import io
import sys
from pathlib import Path

import pytest

from ssrdsl.cli import main

UGLY = "block  f( c )=conv(c,3)\nx   =  3  # three\n"
NEAT = "block f(c) = conv(c, 3)\nx = 3  # three\n"
COLUMN = "x   = 3\nlong = 4\n"


def write(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / f"{name}.ssr").write_bytes(text.encode())
    return folder


def test_files_are_formatted_in_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, ugly="y=3\n", neat="y = 3\n")
    assert main(["fmt", str(tmp_path / "ugly.ssr"), str(tmp_path / "neat.ssr")]) == 0
    assert (tmp_path / "ugly.ssr").read_text() == "y = 3\n"
    assert "formatted" in capsys.readouterr().err
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["neat.ssr", "ugly.ssr"]


def test_files_of_a_directory_are_formatted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, a="y=3\n", b="y = 3\n")
    assert main(["fmt", str(tmp_path)]) == 0
    assert capsys.readouterr().err.endswith("1 file formatted, 1 unchanged\n")


def test_check_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, a=UGLY)
    assert main(["fmt", "--check", str(tmp_path)]) == 2
    assert (tmp_path / "a.ssr").read_text() == UGLY
    assert "would format" in capsys.readouterr().err
    assert main(["fmt", str(tmp_path)]) == 0
    assert main(["fmt", "--check", str(tmp_path)]) == 0


def test_diff_shows_what_would_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, a="y=3\n")
    assert main(["fmt", "--diff", str(tmp_path / "a.ssr")]) == 0
    assert (tmp_path / "a.ssr").read_text() == "y=3\n"
    lines = capsys.readouterr().out.splitlines()
    assert "-y=3" in lines
    assert "+y = 3" in lines


def test_line_ends_and_byte_order_marks_are_brought_into_style(tmp_path: Path) -> None:
    write(tmp_path, a="\ufeffx = 3\r\ny = 4\r\n")
    assert main(["fmt", str(tmp_path)]) == 0
    assert (tmp_path / "a.ssr").read_bytes() == b"x = 3\ny = 4\n"


def test_a_file_that_does_not_parse_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, a="x = = 3\n", b="y=3\n")
    assert main(["fmt", str(tmp_path)]) == 2
    assert (tmp_path / "a.ssr").read_text() == "x = = 3\n"
    assert (tmp_path / "b.ssr").read_text() == "y = 3\n"
    assert "a.ssr:1:5" in capsys.readouterr().err


def test_standard_input_comes_out_formatted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"y=3\n")))
    assert main(["fmt", "-"]) == 0
    assert capsys.readouterr().out == "y = 3\n"


def test_standard_input_that_would_change_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"y=3\n")))
    assert main(["fmt", "--check", "-"]) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "would format <stdin>\n")


def test_a_missing_file_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fmt", str(tmp_path / "none.ssr")]) == 2
    assert "cannot read" in capsys.readouterr().err


def test_columns_stay_where_the_author_began_one(tmp_path: Path) -> None:
    write(tmp_path, a=COLUMN, b=UGLY)
    assert main(["fmt", str(tmp_path)]) == 0
    assert (tmp_path / "a.ssr").read_text() == "x    = 3\nlong = 4\n"
    assert (tmp_path / "b.ssr").read_text() == NEAT


def test_a_file_that_cannot_be_read_keeps_no_other_from_being_formatted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.ssr").write_bytes(b"\xff\xfe")
    write(tmp_path, b="space   s { input x: 3, 8, 8\n output x }\n")
    assert main(["fmt", str(tmp_path)]) == 2
    assert "is not UTF-8 text" in capsys.readouterr().err
    assert (tmp_path / "b.ssr").read_text().startswith("space s {")


def test_an_empty_name_is_not_the_working_directory(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fmt", ""]) == 2
    assert "error: empty file name" in capsys.readouterr().err
