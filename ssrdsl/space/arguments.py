"""The values of a space's parameters, as texts of the language and as JSON has them: written, and opened again."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ssrdsl.language import syntax
from ssrdsl.language.parse import parse
from ssrdsl.space.binding import Reader, read_source
from ssrdsl.space.graph import Bound, Graph
from ssrdsl.space.program import Program, open_source

if TYPE_CHECKING:
    from ssrdsl.space.architecture import Architecture


def argument_texts(graph: Graph) -> dict[str, str]:
    """The parameters of a space with their values in the syntax of the language, as for `--set NAME=TEXT`."""
    return {name: _text(bound) for name, bound in graph.scopes[""].arguments.items()}


def argument_values(graph: Graph) -> dict[str, Any]:
    """The parameters of a space with their values for JSON: fractions and layers as text."""
    return {
        name: _plain(bound.value) if _is_plain(bound.value) else _text(bound)
        for name, bound in graph.scopes[""].arguments.items()
    }


def open_recorded(
    path: str | Path,
    overrides: Mapping[str, str],
    architecture: Architecture,
    *,
    read: Reader = read_source,
) -> Program:
    """The space of a file with the parameters that an architecture was written for; `overrides` take precedence.

    Parameters that the space no longer has are ignored, and all of them if the architecture belongs to a space of
    another name. Raises what `open_space` does.
    """
    source = read(str(path))
    spaces = [item for item in parse(source).items if isinstance(item, syntax.Space)]
    if not any(space.name == architecture.space for space in spaces):
        return open_source(source, overrides, read=read)
    needed = {p.name for space in spaces for p in space.parameters if p.default is None}
    recorded = {name: value for name, value in architecture.parameters.items() if name not in overrides}
    # Without them the space could not be opened at all.
    given = {name: _written(value, None) for name, value in recorded.items() if name in needed}
    program = open_source(source, {**given, **overrides}, read=read)
    arguments, now = program.graph.scopes[""].arguments, argument_values(program.graph)
    more = {
        name: _written(value, arguments[name].value)
        for name, value in recorded.items()
        if name in arguments and name not in needed and now[name] != value
    }
    return open_source(source, {**given, **more, **overrides}, read=read) if more else program


def _text(bound: Bound) -> str:
    if bound.expression is None or (isinstance(bound.value, int) and not isinstance(bound.value, bool)):
        return str(bound.value)
    return " ".join(bound.expression.span.text.split())


def _is_plain(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    return isinstance(value, (bool, int, str, Fraction))


def _plain(value: Any) -> Any:
    if isinstance(value, Fraction):
        return str(value)
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def _written(value: Any, like: Any) -> str:
    """A JSON value as text of the language, with the type of the parameter's current value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"' if isinstance(like, str) else value
    if isinstance(value, list):
        kinds = like if isinstance(like, (list, tuple)) and like else (None,)
        items = ", ".join(_written(item, kinds[min(place, len(kinds) - 1)]) for place, item in enumerate(value))
        return f"({items})" if isinstance(like, tuple) and len(value) > 1 else f"[{items}]"
    return str(value)
