"""Errors in `.ssr` files reported by binding and elaboration."""

from __future__ import annotations

from dataclasses import replace
from typing import NoReturn

from ssrdsl.language.diagnostics import Diagnostic, DiagnosticError, Label
from ssrdsl.language.source import Span


class AlreadyReported(Exception):
    """An expression uses an unknown value, whose error has been reported."""


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
    """Raise an error at a span."""
    raise DiagnosticError((Diagnostic(code, message, Label(span, label), secondary, notes, help),))


TRACED = 6
"""The number of places in an error, innermost first; of further ones only the outermost is shown."""


def led_from(error: DiagnosticError, span: Span, text: str) -> DiagnosticError:
    """The error with a place that led to it: a use of a block, or an iteration of a loop."""
    return DiagnosticError(tuple(_led_from(found, Label(span, text)) for found in error.diagnostics))


def _led_from(found: Diagnostic, label: Label) -> Diagnostic:
    inner, outer = found.label.span, label.span
    if inner == outer or any(known.span == outer for known in found.secondary):
        return found
    return replace(found, secondary=(*found.secondary[:TRACED], label))


def head(span: Span) -> Span:
    """The first line of a span."""
    return Span(span.source, span.start, span.start + len(span.text.split("\n", 1)[0].rstrip()))


def at_application(found: Diagnostic, applied: Span) -> Diagnostic:
    """An error inside a block of the prelude, reported where the user's file applies that block."""
    if found.label.span.source == applied.source:
        return found
    inside = Label(found.label.span, found.label.text or "inside this block")
    return replace(found, label=Label(applied), secondary=(inside, *found.secondary))
