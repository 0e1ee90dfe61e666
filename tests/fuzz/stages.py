"""The stages for a text: diagnostics, formatting, editor requests, and commands that read it."""

import io
import json
import random
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path

from ssrdsl.cli import main
from ssrdsl.editor.analysis import analyse
from ssrdsl.editor.completion import complete
from ssrdsl.editor.definition import definition
from ssrdsl.editor.formatting import formatting
from ssrdsl.editor.hover import hover
from ssrdsl.editor.outline import outline
from ssrdsl.editor.reading import read_text
from ssrdsl.editor.rename import references, rename
from ssrdsl.errors import UserError
from ssrdsl.language.diagnostics import Diagnostic, DiagnosticError
from ssrdsl.language.format import format_source
from ssrdsl.language.render import as_json, render
from ssrdsl.language.source import Source
from ssrdsl.space.check import check

ANSWERED = {0, 2}
"""The statuses of a command that succeeded, and of one that reported an error."""

COMMANDS = (
    "compile FILE -o OUT",
    "compile FILE --json",
    "show FILE --unfold",
    "show FILE -o OUT/space.svg",
    "sample FILE -n 3 -o OUT",
    "sample FILE -n 2 --by architectures",
    "emit FILE --sample 1 --model-py OUT/model.py",
)


def diagnosed(source: Source) -> tuple[Diagnostic, ...]:
    """The diagnostics of a text, in both formats."""
    found = check(source)
    for diagnostic in found:
        render(diagnostic)
        json.dumps(as_json(diagnostic))
    return found


def stages(path: Path, rng: random.Random) -> Iterator[tuple[str, Callable[[], None]]]:
    """All stages for a file, by name, harmless ones first."""
    source = Source(str(path), path.read_text(encoding="utf-8"))
    yield "check", lambda: rejects_alike(source)
    yield "fmt", lambda: _format(source)
    yield "edit", lambda: _edit(source, rng)
    for line in COMMANDS:
        yield line, lambda line=line: _command(line, path)  # type: ignore[misc]
    yield "emitted", lambda: _compiles(path.parent / "model.py")


def rejects_alike(source: Source) -> None:
    """A text with errors compiles no more than it checks."""
    found = diagnosed(source)
    wrong = any(diagnostic.severity == "error" for diagnostic in found)
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()) as printed:
        status = main(["compile", source.name])
    assert status in ANSWERED
    assert not (wrong and status == 0), "an error of `check` is none of `compile`"
    # What only `compile` refuses: costs that nothing keeps, numbers beyond measure, a file of definitions alone.
    more = ("error[E08", "meets its requirements", "beyond", "error[E0703]")
    assert wrong or status == 0 or any(word in printed.getvalue() for word in more), printed.getvalue()


def _format(source: Source) -> None:
    """Formatting is idempotent, and keeps a text valid or invalid."""
    with suppress(DiagnosticError):
        once = format_source(source.text, source.name)
        assert format_source(once, source.name) == once, "the format changes when it is formatted"
        before, after = check(source), check(Source(source.name, once))
        assert [d.code for d in before] == [d.code for d in after], "the format is not as right as the text"


def _edit(source: Source, rng: random.Random) -> None:
    """An editor asks at random places, in the text and while it is typed."""
    read = _reader
    whole = analyse(read_text(source, read), read)
    at = rng.randrange(len(source.text) + 1)
    typed = analyse(read_text(Source(source.name, source.text[:at]), read, whole.reading), read, whole)
    for analysis in (whole, typed):
        reading, text = analysis.reading, analysis.source.text
        outline(reading)
        formatting(analysis.source)
        for offset in [len(text), *(rng.randrange(len(text) + 1) for _ in range(6))]:
            hover(analysis, offset)
            complete(reading, offset, read)
            definition(reading, offset)
            references(reading, offset, (), read)
            with suppress(UserError):
                rename(reading, offset, "renamed", (), read)


def _reader(name: str) -> Source:
    try:
        return Source(name, Path(name).read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"cannot read {name}") from error


def _command(line: str, path: Path) -> None:
    words = line.replace("FILE", str(path)).replace("OUT", str(path.parent)).split()
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        assert main(words) in ANSWERED


def _compiles(model: Path) -> None:
    if model.exists():
        compile(model.read_text(encoding="utf-8"), model.name, "exec")
