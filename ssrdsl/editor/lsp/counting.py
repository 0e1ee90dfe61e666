"""Count the architectures of a space in a separate process, which is killed if it takes too long."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sys
import threading
from collections.abc import Mapping
from multiprocessing.connection import Connection

from ssrdsl.editor.analysis import count
from ssrdsl.editor.lsp.documents import reader
from ssrdsl.language.source import Source

LIMIT = 60.0
"""Timeout in seconds for counting architectures."""


async def counted(source: Source, texts: Mapping[str, str], limit: float = LIMIT) -> int | str:
    """The number of architectures of a text, or the reason why it is not known.

    `texts` are those of the open files by their paths.
    """
    spawning = multiprocessing.get_context("spawn")
    receiver, sender = spawning.Pipe(duplex=False)
    process = spawning.Process(target=_count, args=(sender, source, dict(texts)))
    with receiver:
        try:
            with sender:
                process.start()
        except OSError as error:
            return f"the process to count them cannot be started: {error.strerror}"
        try:
            if await asyncio.to_thread(receiver.poll, limit):
                answer: int | str = receiver.recv()
                return answer
        except EOFError:
            return "the process that counts them has ended"
        finally:
            process.kill()
            await asyncio.to_thread(process.join)
    return f"it takes more than {limit:g} seconds"


def _count(sender: Connection, source: Source, texts: Mapping[str, str]) -> None:
    sys.stdout = sys.stderr  # standard output is the channel to the editor
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    sender.send(count(source, reader(texts)))


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(0)
