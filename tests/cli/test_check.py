"""`ssrdsl check`: diagnostics as text and as JSON, files, directories and standard input."""

import io
import json
import sys
from pathlib import Path

import pytest

from ssrdsl.cli import main

ROOT = Path(__file__).parents[2]
GOOD = "space s(c=4) {\n  input image: 3, 8, 8\n  output image -> conv({2, c}, 3)\n}\n"
BAD = "space s {\n  input image: 3, 8, 8\n  output imag -> relu\n}\n"


def test_sound_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.ssr").write_text(GOOD)
    assert main(["check", str(tmp_path / "a.ssr")]) == 0
    assert capsys.readouterr() == ("1 file checked, no errors\n", "")


def test_findings_of_a_folder_are_objects(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "a.ssr").write_text(GOOD)
    (tmp_path / "inner/b.ssr").write_text(BAD)
    (tmp_path / "inner/c.ssr").write_text("space s {\n  input image: 3, 8, 8\n  output image -> conv(4\n}\n")
    assert main(["check", str(tmp_path), "--json"]) == 2
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(Path(item["file"]).name, item["code"], item["line"]) for item in found] == [
        ("b.ssr", "E0301", 3),
        ("c.ssr", "E0103", 4),
    ]
    assert (found[0]["column"], found[0]["end_column"], found[0]["help"]) == (10, 14, "did you mean `image`?")


def test_text_names_place_and_number_of_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.ssr", "b.ssr"):
        (tmp_path / name).write_text(BAD)
    assert main(["check", str(tmp_path / "a.ssr"), str(tmp_path / "b.ssr")]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "a.ssr:3:10" in captured.err
    assert captured.err.endswith("2 errors\n")


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf" + BAD.replace("\n", "\r\n").encode()))
    monkeypatch.setattr(sys, "stdin", stream)
    assert main(["check", "-", "--json"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert (found["file"], found["line"], found["column"]) == ("<stdin>", 3, 10)


def test_standard_input_that_is_no_text(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe")))
    assert main(["check", "-"]) == 2
    assert "not UTF-8" in capsys.readouterr().err


def test_parameters_are_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.ssr"
    path.write_text(GOOD)
    assert main(["check", str(path), "--set", "c=0", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["code"] == "E0201"
    assert main(["check", str(path), "--set", "d=1", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["code"] == "E0706"
    assert main(["check", str(path), "--set", "d"]) == 2
    assert "NAME=VALUE" in capsys.readouterr().err


def test_nothing_to_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path)]) == 2
    assert main(["check", str(tmp_path / "none.ssr")]) == 2
    assert "cannot read" in capsys.readouterr().err


def test_a_file_that_cannot_be_read_keeps_no_other_from_being_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.ssr").write_bytes(b"\xff\xfe")
    (tmp_path / "b.ssr").write_text("space s { input x: 3, 8, 8\n output x -> nothing }")
    assert main(["check", str(tmp_path)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "is not UTF-8 text (byte 0)" in printed.err
    assert "`nothing` is not defined" in printed.err
    assert main(["check", "--json", str(tmp_path)]) == 2
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["code"], Path(each["file"]).name) for each in found] == [("E0701", "a.ssr"), ("E0301", "b.ssr")]
    (tmp_path / "b.ssr").unlink()
    assert main(["check", str(tmp_path)]) == 2
    assert capsys.readouterr().out == ""


def test_a_mistake_in_a_file_that_others_use_is_reported_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "blocks.ssr").write_text("block pair(c) = conv(c\n")
    for name in "ab":
        (tmp_path / f"{name}.ssr").write_text(
            f'use "blocks.ssr"\nspace {name} {{ input x: 3, 8, 8\n output x -> pair(8) }}\n'
        )
    assert main(["check", str(tmp_path)]) == 2
    printed = capsys.readouterr().err
    assert printed.count("error[E0103]") == 1
    assert "errors" not in printed


def test_what_a_killed_command_left_half_written_is_not_checked(tmp_path: Path) -> None:
    (tmp_path / "net.ssr").write_text("space net {\n  input x: 3, 8, 8\n  output x -> conv(4, 3)\n}\n")
    (tmp_path / ".ssrdsl-partial-0123456789ab.ssr").write_text("space net {")
    assert main(["check", str(tmp_path)]) == 0
