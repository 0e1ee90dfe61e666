"""Diagnostics: errors of a `.ssr` file with their place and a hint."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from ssrdsl.language.source import Span

MAX_MISTAKES = 20
"""The largest number of syntax errors shown for a file."""

ENOUGH = 100
"""The number of diagnostics of one kind after which the stages that read a file stop."""


@dataclass(frozen=True, slots=True)
class Label:
    """A span with a text: the primary location, underlined, or a secondary one (`c` was bound here)."""

    span: Span
    text: str = ""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A diagnostic: a stable code, a message, its place, further places, notes and a help line."""

    code: str
    message: str
    label: Label
    secondary: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str | None = None
    severity: str = "error"


@dataclass(slots=True)
class DiagnosticError(Exception):
    """Raised once with all errors of a stage; never shown to a user as a traceback."""

    diagnostics: tuple[Diagnostic, ...]

    def __str__(self) -> str:
        first = self.diagnostics[0]
        return f"{first.code} {first.label.span.source.name}:{first.label.span.line}: {first.message}"


@dataclass(slots=True)
class Diagnostics:
    """Collects diagnostics, so that a stage can report several at once."""

    found: list[Diagnostic] = field(default_factory=list)
    _seen: set[Diagnostic] = field(default_factory=set, repr=False, compare=False)

    def add(self, diagnostic: Diagnostic) -> None:
        """Add a diagnostic, once."""
        if diagnostic not in self._seen:
            self._seen.add(diagnostic)
            self.found.append(diagnostic)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that are errors."""
        return tuple(d for d in self.found if d.severity == "error")

    def raise_errors(self) -> None:
        """Raise a `DiagnosticError` if there is any error."""
        if self.errors:
            raise DiagnosticError(self.errors)


def suggest(name: str, known: Iterable[str]) -> str | None:
    """A help line with the known name nearest to an unknown one, or None if none is near."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else None
