"""`--search KEY=VALUE`: settings that override those in the `search` block of a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ssrdsl.errors import UserError
from ssrdsl.language.diagnostics import DiagnosticError, Diagnostics
from ssrdsl.language.numbers import is_number, read_number
from ssrdsl.language.source import Source, Span
from ssrdsl.space.program import Program
from ssrdsl.space.settings import GivenSetting, SearchSettings, search_settings


def read_settings(texts: Iterable[str]) -> dict[str, str]:
    """The values by dotted name; the last one is used. Raises `UserError` for invalid text."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not value or not all(part.isidentifier() for part in name.split(".")):
            raise UserError(f"`--search {text}`: expected KEY=VALUE", "for example `--search target.macs=30M`")
        _validated((), {name: value})
        found[name] = value
    return found


def with_settings(program: Program, values: Mapping[str, str]) -> Program:
    """The program with these values in its search block. Raises `UserError` if they contradict others."""
    if not values:
        return program
    kept = (setting for setting in program.given if ".".join(setting[0]) not in values)
    settings, given = _validated(kept, values)
    return replace(program, settings=settings, given=given)


def _validated(
    kept: Iterable[GivenSetting], values: Mapping[str, str]
) -> tuple[SearchSettings, tuple[GivenSetting, ...]]:
    """The settings with these values, and what is given in all. Raises `UserError`."""
    try:
        given = (*kept, *(_setting(name, value) for name, value in values.items()))
        return search_settings(given), given
    except DiagnosticError as error:
        first, option = error.diagnostics[0], " ".join(f"--search {name}={value}" for name, value in values.items())
        raise UserError(f"`{option}`: {first.message}", help=first.help) from error


def _setting(name: str, text: str) -> GivenSetting:
    """A setting in the syntax of the file; quotes around strings can be omitted."""
    span = Span(Source("--search", f"{name}={text}"), 0, len(name) + 1 + len(text))
    return tuple(name.split(".")), _value(text, span), span


def _value(text: str, span: Span) -> Any:
    if not is_number(text):
        return text.strip('"')
    found = Diagnostics()
    number = read_number(text, span, found)
    found.raise_errors()
    return number.value
