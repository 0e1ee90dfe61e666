"""A syntax tree in one line of text, for comparing it to what a test expects."""

from dataclasses import fields
from typing import Any

from ssrdsl.language.syntax import Name, Node, Number, String


def outline(value: Any) -> str:
    """`Pipe(x, Call(conv, (Argument(64),)))`: class names, and the fields that are not at their defaults."""
    match value:
        case Name():
            return value.name
        case Number():
            return str(value.value)
        case String():
            return f'"{value.value}"'
        case Node():
            shown = [entry for entry in fields(value) if entry.compare and getattr(value, entry.name) != entry.default]
            return f"{type(value).__name__}({', '.join(outline(getattr(value, entry.name)) for entry in shown)})"
        case tuple():
            return f"[{', '.join(outline(part) for part in value)}]"
    return str(value)
