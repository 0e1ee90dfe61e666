"""The command line `ssrdsl`: a group whose commands are imported when they are called, and the shell around them.

The shell turns a user's mistakes and failures of the system into `error:` and `help:` lines on standard error; only
faults of the program itself end in a traceback. Exit status: 0 done, 1 internal fault, 2 the user's mistake,
130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line `arguments` (by default those of the process) and return the exit status."""
    try:
        from ssrdsl.cli.streams import sheltered

        with sheltered():
            from ssrdsl.cli import shell

            return shell.main(arguments)
    except KeyboardInterrupt:  # Ctrl-C before there is a shell that could report it
        return 130
    except (OSError, MemoryError, ImportError) as error:
        return _report_plainly(error)


def _report_plainly(error: Exception) -> int:
    """Report a failure of the system that kept the shell from loading what it reports with. Raises all others."""
    from ssrdsl.cli.failures import system_failure

    failure = system_failure(error)
    if failure is None:
        raise error
    sys.stderr.write(f"error: {failure.message}\nhelp: {failure.help}\n")
    return 2
