from pathlib import Path

import pytest

from ssrdsl.language import DiagnosticError, Source, parse
from ssrdsl.language.render import render
from tests.golden import check_golden

FOLDER = Path(__file__).parent / "bad"
FILES = sorted(FOLDER.glob("*.ssr"))


def _rendered(text: str, name: str) -> str:
    with pytest.raises(DiagnosticError) as raised:
        parse(Source(name, text))
    return "\n\n".join(render(diagnostic) for diagnostic in raised.value.diagnostics) + "\n"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_bad_file_is_explained(path: Path) -> None:
    check_golden(path.with_suffix(".txt"), _rendered(path.read_text(encoding="utf-8"), path.name))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_line_ends_do_not_matter(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert _rendered(text.replace("\n", "\r\n"), path.name) == _rendered(text, path.name)


def test_byte_order_mark_does_not_matter() -> None:
    text = "block f(c) = conv(c 5)\n"
    assert _rendered("\ufeff" + text, "f") == _rendered(text, "f")
