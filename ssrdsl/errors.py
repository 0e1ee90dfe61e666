"""The error class for mistakes of the user, and a word in the singular or plural for messages."""

from __future__ import annotations


class UserError(Exception):
    """An error that the user can fix: shown as one line with a hint, never as a traceback.

    `message` describes the error (`cannot read net.ssr: it is a directory`), `help` is a hint what to do.
    """

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.help = help


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """A number with a noun: `1 step`, `1,200 steps`; `plural` is that of a noun that does not just take an s."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"
