"""The values of a space's parameters, as texts of the language and as JSON has them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ssrdsl.space.expressions import Decided, describe
from ssrdsl.space.graph import Bound, Graph


def argument_texts(graph: Graph) -> dict[str, str]:
    """The parameters of a space with their values in the syntax of the language, as for `--set NAME=TEXT`."""
    return {name: _text(bound) for name, bound in graph.scopes[""].arguments.items()}


def argument_values(graph: Graph) -> dict[str, Any]:
    """The parameters of a space with their values for JSON: fractions and layers as text."""
    return {
        name: plain(bound.value) if _is_plain(bound.value) else _text(bound)
        for name, bound in graph.scopes[""].arguments.items()
    }


def written(value: Any, like: Any) -> str:
    """A JSON value as text of the language, with the type of the parameter's current value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"' if isinstance(like, str) else value
    if isinstance(value, list):
        kinds = like if isinstance(like, (list, tuple)) and like else (None,)
        items = ", ".join(written(item, kinds[min(place, len(kinds) - 1)]) for place, item in enumerate(value))
        return f"({items})" if isinstance(like, tuple) and len(value) > 1 else f"[{items}]"
    return str(value)


def _text(bound: Bound) -> str:
    if bound.expression is None or (isinstance(bound.value, int) and not isinstance(bound.value, bool)):
        return str(bound.value)
    return " ".join(bound.expression.span.text.split())


def _is_plain(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    return isinstance(value, (bool, int, str, Fraction))


def plain(value: Any) -> Any:
    """A value for JSON: fractions and expressions over decisions as text, tuples as lists."""
    if isinstance(value, (Decided, Fraction)):
        return describe(value)
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value
