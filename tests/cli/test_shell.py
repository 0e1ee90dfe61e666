"""The shell around the commands: help, mistakes, interrupts, closed pipes."""

import errno
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

from ssrdsl import __version__
from ssrdsl.cli import main
from ssrdsl.cli.commands import COMMANDS, ssrdsl
from ssrdsl.errors import UserError
from ssrdsl.language.diagnostics import Diagnostic, DiagnosticError, Label
from ssrdsl.language.source import Source, Span


def replace_compile(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    @click.command("compile")
    def failing() -> None:
        raise error

    monkeypatch.setattr(type(ssrdsl), "get_command", lambda group, context, name: failing)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_is_there(name: str) -> None:
    command = getattr(import_module(f"ssrdsl.cli.{name}"), name)
    assert isinstance(command, click.Command)
    assert command.name == name


def test_help_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    for name, summary in COMMANDS.items():
        assert any(line.startswith(name) and line.endswith(summary) for line in lines)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert __version__ in capsys.readouterr().out


def test_unknown_command_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serach"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "error: No such command 'serach'. Did you mean 'search'?\nhelp: see `ssrdsl --help`\n"


def test_no_arguments_show_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "Commands:" in capsys.readouterr().err


def test_unknown_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--bogus"]) == 2
    assert "--bogus" in capsys.readouterr().err


def test_user_error_is_two_lines(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    long = "x" * 300  # longer than any terminal: it stays one line
    replace_compile(monkeypatch, UserError(f"cannot read [a.ssr] {long}", help="check :smile: the path"))
    assert main(["compile"]) == 2
    assert capsys.readouterr().err == f"error: cannot read [a.ssr] {long}\nhelp: check :smile: the path\n"


def test_user_error_without_hint(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    replace_compile(monkeypatch, UserError("no such data set"))
    assert main(["compile"]) == 2
    assert capsys.readouterr().err == "error: no such data set\n"


def test_diagnostics_are_shown_with_their_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = Source("net.ssr", "space net(classes = 11)\n  conv(8, 3)\n")
    findings = [
        Diagnostic("E0301", "unknown name `konv`", Label(Span(source, 26, 30)), help="did you mean `conv`?"),
        Diagnostic("E0407", "no channels", Label(Span(source, 31, 32))),
    ]
    replace_compile(monkeypatch, DiagnosticError(tuple(findings)))
    assert main(["compile"]) == 2
    shown = capsys.readouterr().err
    assert "\x1b" not in shown
    assert shown.startswith("error[E0301]: unknown name `konv`\n")
    assert "net.ssr:2:3" in shown
    assert "net.ssr:2:8" in shown
    assert "help: did you mean `conv`?" in shown
    assert shown.endswith("\n2 errors\n")


def test_system_error_names_the_file(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    replace_compile(monkeypatch, FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "weights.pt"))
    assert main(["compile"]) == 2
    assert "weights.pt: there is no such file" in capsys.readouterr().err


def test_full_disk_without_a_name(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    replace_compile(monkeypatch, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    assert main(["compile"]) == 2
    printed = capsys.readouterr().err
    assert "error: cannot use a file or the output: no space left on the disk" in printed
    assert "help: check the disk, and where the output goes" in printed


def test_interrupt(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    replace_compile(monkeypatch, KeyboardInterrupt())
    assert main(["compile"]) == 130
    assert "interrupted" in capsys.readouterr().err


@pytest.mark.parametrize("error", [RuntimeError("a fault"), EOFError(), OSError("a fault")])
def test_faults_of_the_program_are_not_hidden(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    replace_compile(monkeypatch, error)
    with pytest.raises(type(error)):
        main(["compile"])


def test_exceptions_of_ssrdsl_are_reported(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from ssrdsl.space.conditions.budget import TooWide

    replace_compile(monkeypatch, TooWide("the condition is too wide"))
    assert main(["compile"]) == 2
    assert "error: the condition is too wide" in capsys.readouterr().err


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError(
            "[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 629145600000 bytes"
        ),
        ImportError("libtorch_cpu.so: failed to map segment from shared object"),
        OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)),
    ],
)
def test_little_memory_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    replace_compile(monkeypatch, error)
    assert main(["compile"]) == 2
    assert "not enough memory" in capsys.readouterr().err


def test_closed_pipe_is_quiet() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    script = Path(sys.executable).with_name("ssrdsl")
    done = subprocess.run([script, "--help"], stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert done.stderr == b""
    assert done.returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_full_output_is_one_line() -> None:
    script = Path(sys.executable).with_name("ssrdsl")
    with open("/dev/full", "wb") as full:
        done = subprocess.run([script, "--help"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.stderr.splitlines()[0] == "error: cannot use a file or the output: no space left on the disk"
    assert done.returncode == 2


def test_narrow_encoding_does_not_end_a_command() -> None:
    source = "from ssrdsl.cli import main; main(['--version']); print('\\N{MULTIPLICATION SIGN}')"
    done = subprocess.run(
        [sys.executable, "-c", source], env={**os.environ, "PYTHONIOENCODING": "ascii"}, capture_output=True, check=True
    )
    assert done.stdout.endswith(b"?\n")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("ssrdsl c", {"plain,compile", "plain,check"}),
        ("ssrdsl sample --by a", {"plain,architectures"}),
        ("ssrdsl explain e020", {f"plain,E020{number}" for number in range(1, 8)}),
        ("ssrdsl operators resi", {"plain,residual", "plain,resize"}),
        ("ssrdsl check any", {"file,any"}),
        ("ssrdsl fmt any", {"file,any"}),
        ("ssrdsl compile any", {"file,any"}),
    ],
)
def test_shells_complete(
    words: str, expected: set[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("_SSRDSL_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
    assert main() == 0
    assert set(capsys.readouterr().out.split()) == expected


@pytest.mark.parametrize("name", COMMANDS)
def test_options_say_what_they_take_and_do(name: str) -> None:
    """Values are described in words, not by type names; every option has a help text."""
    command = getattr(import_module(f"ssrdsl.cli.{name}"), name)
    context = click.Context(command, info_name=name)
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name
            written = parameter.make_metavar(context)
            assert parameter.is_flag or not written.startswith(("INTEGER", "FLOAT", "TEXT", "PATH")), parameter.name


def test_an_interrupt_while_loading_is_no_traceback(tmp_path: Path) -> None:
    source = """
import sys
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "click":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupting())
from ssrdsl.cli import main
sys.exit(main(["--help"]))
"""
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "")
