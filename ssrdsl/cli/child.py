"""A command as a process of a study: `python -m ssrdsl.cli.child ARGUMENTS`. It ends when the study has ended."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

POLL_SECONDS = 0.5


def interrupt_without(parent: int) -> None:
    """Interrupt this process, like Ctrl-C, once its parent process has changed."""
    while os.getppid() == parent:
        time.sleep(POLL_SECONDS)
    os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    from ssrdsl.cli import main

    # A study started in the background by a script ignores Ctrl-C, and its processes inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=interrupt_without, args=(os.getppid(),), daemon=True).start()
    sys.exit(main())
