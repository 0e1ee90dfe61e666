"""Diagnostics: what is wrong with a `.ssr` file, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from ssrdsl.language.source import Span

MAX_MISTAKES = 20
"""So many syntax errors of a file are shown."""

ENOUGH = 100
"""After so many findings of one kind in a file, the stages that read it stop to look for more."""


@dataclass(frozen=True, slots=True)
class Label:
    """A span with a remark of its own: the underlined place, or a secondary one (`c` was bound here)."""

    span: Span
    text: str = ""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: a stable code, a message, where it is, further places, remarks and a line of help."""

    code: str
    message: str
    label: Label
    secondary: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str | None = None
    severity: str = "error"


@dataclass(slots=True)
class DiagnosticError(Exception):
    """Raised once with all the errors that a stage found; never shown to a user as a traceback."""

    diagnostics: tuple[Diagnostic, ...]

    def __str__(self) -> str:
        first = self.diagnostics[0]
        return f"{first.code} {first.label.span.source.name}:{first.label.span.line}: {first.message}"


@dataclass(slots=True)
class Diagnostics:
    """Collects findings, so that a stage can report several at once."""

    found: list[Diagnostic] = field(default_factory=list)
    _seen: set[Diagnostic] = field(default_factory=set, repr=False, compare=False)

    def add(self, diagnostic: Diagnostic) -> None:
        """Keeps a finding, once."""
        if diagnostic not in self._seen:
            self._seen.add(diagnostic)
            self.found.append(diagnostic)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The findings that are errors."""
        return tuple(d for d in self.found if d.severity == "error")

    def raise_errors(self) -> None:
        """Raises a `DiagnosticError` if there is any error."""
        if self.errors:
            raise DiagnosticError(self.errors)


def suggest(name: str, known: Iterable[str]) -> str | None:
    """A help line with the known name nearest to an unknown one, or None where nothing is near."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else None
