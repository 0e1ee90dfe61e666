"""`--set NAME=VALUE`: values for the parameters of a space."""

from __future__ import annotations

from collections.abc import Sequence

from ssrdsl.errors import UserError


def read_overrides(texts: Sequence[str]) -> dict[str, str]:
    """The values by name; the last value of a name is used. Raises `UserError` for text that is not NAME=VALUE."""
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip().isidentifier() or not value.strip():
            raise UserError(f"invalid option --set {text}: expected NAME=VALUE", "for example `--set classes=11`")
        found[name.strip()] = value.strip()
    return found
