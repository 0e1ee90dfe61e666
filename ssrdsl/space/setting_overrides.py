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
from ssrdsl.space.settings import GivenSetting, search_settings


def read_settings(texts: Iterable[str]) -> dict[str, str]:
    """The values by dotted name; the last one is used. Raises `UserError` for invalid text."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not value or not all(part.isidentifier() for part in name.split(".")):
            raise UserError(f"`--search {text}`: expected KEY=VALUE", "for example `--search target.macs=30M`")
        _check(name, value)
        found[name] = value
    return found


def with_settings(program: Program, values: Mapping[str, str]) -> Program:
    """The program with these values in its search block. Raises `UserError` if they contradict others."""
    if not values:
        return program
    kept = (setting for setting in program.given if ".".join(setting[0]) not in values)
    given = (*kept, *(_setting(name, value) for name, value in values.items()))
    try:
        return replace(program, settings=search_settings(given), given=given)
    except DiagnosticError as error:
        raise _refused(error, " ".join(f"--search {name}={value}" for name, value in values.items())) from error


def _check(name: str, value: str) -> None:
    try:
        search_settings([_setting(name, value)])
    except DiagnosticError as error:
        raise _refused(error, f"--search {name}={value}") from error


def _refused(error: DiagnosticError, option: str) -> UserError:
    first = error.diagnostics[0]
    return UserError(f"`{option}`: {first.message}", help=first.help)


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
