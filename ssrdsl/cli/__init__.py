"""The command line `ssrdsl`: a group whose commands are imported when they are called, and the shell around them.

The shell turns a user's mistakes into `error:` and `help:` lines on standard error; only faults of the program itself
end in a traceback. Exit status: 0 done, 1 internal fault, 2 the user's mistake, 130 interrupted.
"""

from __future__ import annotations

from ssrdsl.cli.shell import main

__all__ = ["main"]
