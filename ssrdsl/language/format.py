"""The formatter: a canonical layout of a file that keeps its meaning, comments and empty lines."""

from __future__ import annotations

from ssrdsl.language.formatting.comments import collect_comments
from ssrdsl.language.formatting.statements import Statements
from ssrdsl.language.parse import parse
from ssrdsl.language.source import Source


def format_source(text: str, name: str = "") -> str:
    """Format the text of a `.ssr` file; formatting the result again changes nothing.

    Raises `DiagnosticError` if it does not parse; `name` is the name of the file in messages.
    """
    source = Source(name, text.replace("\r\n", "\n").replace("\r", " ").replace("\f", " "))
    tree = parse(source)
    return Statements(collect_comments(source, tree)).file(tree)
