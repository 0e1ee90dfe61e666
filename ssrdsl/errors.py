"""The error of a user's mistake: a message that names the thing, and a hint that says what to do."""

from __future__ import annotations


class UserError(Exception):
    """Something the user can put right: shown as one line with a hint, never as a traceback.

    `message` names what is wrong (`cannot read net.ssr: it is a directory`), `help` says what to do about it.
    """

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.help = help
