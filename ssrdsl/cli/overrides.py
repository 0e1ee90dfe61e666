"""`--set NAME=VALUE`: values for the parameters of a space."""

from __future__ import annotations

from collections.abc import Sequence

from ssrdsl.errors import UserError


def read_overrides(texts: Sequence[str]) -> dict[str, str]:
    """The values by name; the last one counts. Raises `UserError` where a text is not of the form NAME=VALUE."""
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip().isidentifier() or not value.strip():
            raise UserError(f"`--set {text}` is not of the form NAME=VALUE", "for example `--set classes=11`")
        found[name.strip()] = value.strip()
    return found
