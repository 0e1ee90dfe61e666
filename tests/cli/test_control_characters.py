"""Control characters of files and names are not written to terminals, pictures, pages or graph files."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import networkx as nx
import pytest
from rich.table import Table
from rich.text import Text

from ssrdsl.cli import main
from ssrdsl.cli.console import stderr_console, stdout_console
from ssrdsl.report.page import Page, image

EVIL = "\x1b]0;PWN\x07\x1b[31m\x9b31m\u202e\x7f"
SPACE = f"""use std
block b(c, k) {{
  choose kind in {{"one{EVIL}", "two"}} {{ conv(c, 3) }} -> relu
}}
space s(classes=3, k="{EVIL}") {{
  input image: 3, 16, 16
  output image -> b(8, k) -> conv(classes, 1)
}}
"""


def is_clean(text: str) -> bool:
    """Whether a text only has printable characters and line ends."""
    return all(character.isprintable() or character in "\n\t" for character in text)


@pytest.fixture
def space(tmp_path: Path) -> Path:
    path = tmp_path / f"s{EVIL}.ssr"
    path.write_text(SPACE)
    return path


@pytest.mark.parametrize(
    "command",
    [
        ["check"], ["compile"], ["compile", "--json"], ["show"], ["show", "--unfold"],
        ["fmt", "--check"], ["show", "-o", "{}.svg"], ["new"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_commands_print_no_control_characters(
    command: list[str], space: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([command[0], str(space), *(argument.format(space) for argument in command[1:])])
    printed = capsys.readouterr()
    assert printed.out + printed.err
    assert is_clean(printed.out), repr(printed.out)
    assert is_clean(printed.err), repr(printed.err)


def test_errors_print_no_control_characters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / f"x{EVIL}.ssr"
    broken.write_text(f"# {EVIL}\nspace s( {EVIL}\n")
    assert main(["check", str(broken)]) == 2
    assert main(["show", str(tmp_path / f"missing{EVIL}.ssr")]) == 2
    assert main([f"no{EVIL}"]) == 2
    assert is_clean(capsys.readouterr().err)
    assert main(["check", "--json", str(broken)]) == 2
    printed = capsys.readouterr().out
    assert is_clean(printed)
    assert json.loads(printed.splitlines()[0])["file"] == str(broken)


def test_json_keeps_what_it_writes_out(space: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", str(space), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["arguments"]["k"] == EVIL


def test_pictures_and_graph_files_can_be_read(space: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["compile", str(space), "-o", str(out)]) == 0
    for name in ("space.svg", "graph.graphml"):
        text = (out / name).read_text(encoding="utf-8")
        assert is_clean(text)
        ElementTree.fromstring(text)
    assert "PWN" in (out / "space.svg").read_text()
    graph = nx.read_graphml(out / "graph.graphml")
    held = json.loads((out / "graph.json").read_text())
    assert len(graph) == len(held["nodes"])
    assert graph.number_of_edges() == len(held["links"])


def test_a_page_has_no_control_characters() -> None:
    page = Page(EVIL, lead=EVIL)
    page.heading(EVIL, EVIL)
    page.facts({EVIL: EVIL})
    page.table([EVIL], [[EVIL]])
    page.code(f"# {EVIL}\n\tinput\n")
    page.figure((image(b"", f'"{EVIL}'), EVIL))
    html = page.html()
    assert is_clean(html)
    assert html.count("PWN") == 12
    assert "    input\n" in html
    assert 'alt="&quot;' in html


def test_a_console_prints_no_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("name")
    table.add_row(EVIL)
    for console in (stdout_console(), stderr_console()):
        for what in (EVIL, Text(EVIL), table, f"two\nlines{EVIL}"):
            console.print(what)
    printed = capsys.readouterr()
    assert is_clean(printed.out)
    assert is_clean(printed.err)
    assert "two\nlines" in printed.out


def test_a_file_that_ssrdsl_did_not_write_is_not_overwritten(
    space: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "mine.svg"
    picture.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    assert main(["show", str(space), "-o", str(picture)]) == 2
    assert "was not written by ssrdsl" in capsys.readouterr().err
    assert picture.read_text().startswith("<svg xmlns='")
    picture.unlink()
    assert main(["show", str(space), "-o", str(picture)]) == 0
    assert main(["show", str(space), "-o", str(picture)]) == 0
