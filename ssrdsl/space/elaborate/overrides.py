"""The values of parameters of a space set by `--set NAME=VALUE`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from ssrdsl.errors import UserError
from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import DiagnosticError
from ssrdsl.language.parse import parse
from ssrdsl.language.source import Source


def override(name: str, overrides: Mapping[str, str]) -> syntax.Expression | None:
    """The expression of an override for a parameter, None if there is none. Raises `UserError`."""
    if name not in overrides:
        return None
    file = parse(Source(f"--set {name}", f"{name} = {overrides[name]}\n"))
    binding = file.items[0] if len(file.items) == 1 else None
    if not isinstance(binding, syntax.Binding):
        raise UserError(
            f"`--set {name}={overrides[name]}` is not a single value", help="for example `--set classes=11`"
        )
    return binding.value


@contextmanager
def expecting(space: str, parameter: syntax.Parameter) -> Iterator[None]:
    """Replace the help for an unknown name in the value of a parameter by a description of the expected value."""
    try:
        yield
    except DiagnosticError as error:
        help = f"parameter `{parameter.name}` of `{space}` takes {_wanted(parameter.default)}"
        raise DiagnosticError(
            tuple(replace(each, help=help) if each.code == "E0301" else each for each in error.diagnostics)
        ) from error


def _wanted(default: syntax.Expression | None) -> str:
    if isinstance(default, syntax.Number):
        return f"a number, such as its default {default.text}"
    if isinstance(default, syntax.String):
        return f"a string in double quotes, such as its default {default.span.text}"
    return "a number, a string in double quotes, a list or a layer"
