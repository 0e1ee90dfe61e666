"""Messages for syntax errors: common mistakes have their own messages, the rest list what was expected.

Each module contains rules for one kind of mistake: functions from an `ErrorContext` to a diagnostic or None.
"""

from ssrdsl.language.diagnostics import Diagnostic
from ssrdsl.language.error_context import ErrorContext
from ssrdsl.language.mistakes import headers, lists, operators, places, values, words
from ssrdsl.language.mistakes.unexpected import unexpected

__all__ = ["explain"]

_RULES = (*words.RULES, *operators.RULES, *lists.RULES, *headers.RULES, *places.RULES, *values.RULES)


def explain(context: ErrorContext) -> Diagnostic:
    """The diagnostic for an unexpected token."""
    for rule in _RULES:
        diagnostic = rule(context)
        if diagnostic is not None:
            return diagnostic
    return unexpected(context)
