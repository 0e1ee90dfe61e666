"""The settings of `search { ... }`, with their defaults and descriptions."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import cleandoc
from typing import Any, NamedTuple

from pydantic.fields import FieldInfo

from ssrdsl.space.settings import setting_fields


class SettingDescription(NamedTuple):
    """A setting: its dotted name, its default and bounds as text, its description, its default as source text."""

    name: str
    detail: str
    about: str
    default: str = ""


def settings() -> Iterator[SettingDescription]:
    """All settings of a search, in the order of their definition."""
    for path, field, section in setting_fields():
        about = field.description or cleandoc(section.__doc__ or "")
        default = "" if field.default is None else _plain(field.default)
        yield SettingDescription(".".join(path), _detail(field), about, default)


def setting_named(name: str) -> SettingDescription | None:
    """The setting of a dotted name, or None."""
    return next((setting for setting in settings() if setting.name == name), None)


def _detail(field: FieldInfo) -> str:
    bounds = [f"{sign} {getattr(it, name)}" for it in field.metadata for name, sign in _SIGNS if hasattr(it, name)]
    default = "no default" if field.default is None else f"default: {_plain(field.default)}"
    return ", ".join([default, *bounds])


_SIGNS = (("gt", ">"), ("ge", ">="), ("lt", "<"), ("le", "<="))


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)
