"""Spaces from texts, for tests."""

from __future__ import annotations

from ssrdsl.language.diagnostics import Diagnostic
from ssrdsl.language.source import Source
from ssrdsl.space import Graph, Program, open_source
from ssrdsl.space.prove import prove


def program(text: str, **overrides: str) -> Program:
    """The space of a text."""
    return open_source(Source("test.ssr", text), overrides)


def body(*lines: str) -> str:
    """A space of one 12-pixel image with these lines, on from line 3; with the prelude."""
    return "\n".join(["use std", "space test() {", "  input x: 3, 12, 12", *(f"  {line}" for line in lines), "}", ""])


def graph_of(*lines: str) -> Graph:
    """The graph of `body`."""
    return program(body(*lines)).graph


def findings(*lines: str) -> tuple[Diagnostic, ...]:
    """The diagnostics of `body`."""
    return tuple(prove(graph_of(*lines)).found)
