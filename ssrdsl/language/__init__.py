"""The ssr language: sources, syntax trees, parsing, diagnostics and the formatter."""

from ssrdsl.language.diagnostics import Diagnostic, DiagnosticError, Diagnostics, Label
from ssrdsl.language.parse import parse
from ssrdsl.language.source import Source, Span

__all__ = ["Diagnostic", "DiagnosticError", "Diagnostics", "Label", "Source", "Span", "parse"]
