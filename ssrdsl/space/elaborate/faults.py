"""How elaboration reports a user's mistake."""

from __future__ import annotations

from typing import NoReturn

from ssrdsl.language.diagnostics import Diagnostic, DiagnosticError, Label
from ssrdsl.language.source import Span


def fail(
    code: str,
    message: str,
    span: Span,
    *,
    label: str = "",
    help: str | None = None,
    secondary: tuple[Label, ...] = (),
    notes: tuple[str, ...] = (),
) -> NoReturn:
    """Raises a located error."""
    raise DiagnosticError((Diagnostic(code, message, Label(span, label), secondary, notes, help),))
