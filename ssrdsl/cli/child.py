"""A command as a process of a study: `python -m ssrdsl.cli.child ARGUMENTS`, which ends when the study is gone."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

POLL_SECONDS = 0.5


def interrupt_without(parent: int) -> None:
    """Interrupts this process, as Ctrl-C does, once its parent is another one."""
    while os.getppid() == parent:
        time.sleep(POLL_SECONDS)
    os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    from ssrdsl.cli import main

    # A study that was started in the background by a script ignores Ctrl-C, and its processes would, too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=interrupt_without, args=(os.getppid(),), daemon=True).start()
    sys.exit(main())
