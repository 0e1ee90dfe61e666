"""The shell around the commands: runs one and reports its errors in a form that users can act on.

It is the only handler of errors. Mistakes of the user, failures of the system (files, memory, devices) and every
exception class of ours become an `error:` line; only bugs of the program end in a traceback.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

import click
from click.exceptions import Exit, NoArgsIsHelpError

from ssrdsl.cli.commands import ssrdsl
from ssrdsl.cli.failures import system_failure
from ssrdsl.errors import UserError

DONE = 0
PIPE_CLOSED = 1
MISTAKE = 2
INTERRUPTED = 130

_COMPLETION = "_SSRDSL_COMPLETE"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line `arguments` (by default those of the process) and return the exit status."""
    if instruction := os.environ.get(_COMPLETION):
        from click.shell_completion import shell_complete

        return shell_complete(ssrdsl, {}, "ssrdsl", _COMPLETION, instruction)
    _survive_narrow_encodings()
    try:
        status = _run(list(sys.argv[1:] if arguments is None else arguments))
        sys.stdout.flush()
    except BrokenPipeError:
        return _leave_pipe()
    except (KeyboardInterrupt, click.Abort):
        return _report("interrupted", status=INTERRUPTED)
    except Exception as error:
        return _report_error(error)
    return status


def _run(arguments: list[str]) -> int:
    # Not click's own `main`, which treats an EOFError of a broken file as an interrupt.
    try:
        with ssrdsl.make_context("ssrdsl", arguments) as context:
            ssrdsl.invoke(context)
    except Exit as leave:
        return leave.exit_code
    return DONE


def _report_error(error: Exception) -> int:
    """Report an error that is not a bug of the program and return the exit status; raise others again."""
    if isinstance(error, NoArgsIsHelpError):
        error.show()
        return MISTAKE
    if isinstance(error, click.UsageError):
        return _report(error.format_message(), f"see `{error.ctx.command_path} --help`" if error.ctx else None)
    if isinstance(error, click.ClickException):
        return _report(error.format_message())
    if isinstance(error, UserError):
        return _report(error.message, error.help)
    if (failure := system_failure(error)) is not None:
        return _report(failure.message, failure.help)
    return _report_own(error)


def _report_own(error: Exception) -> int:
    # Imported here: the language is loaded only if one of its errors must be shown.
    from ssrdsl.cli.console import show_diagnostics
    from ssrdsl.language.diagnostics import DiagnosticError

    if isinstance(error, DiagnosticError):
        show_diagnostics(error.diagnostics)
        return MISTAKE
    if type(error).__module__.partition(".")[0] == "ssrdsl":
        return _report(str(error) or type(error).__name__)
    raise error


def _report(message: str, hint: str | None = None, status: int = MISTAKE) -> int:
    # Imported here, since `ssrdsl --help` needs no rich.
    from ssrdsl.cli.console import show_message

    show_message("error", message, hint)
    return status


def _survive_narrow_encodings() -> None:
    """Show `?` for characters that the encoding of the terminal lacks, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _leave_pipe() -> int:
    """End quietly after the reader closed the pipe (`ssrdsl ... | head`), also when Python flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return PIPE_CLOSED
