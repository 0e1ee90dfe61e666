"""The heads of definitions, loops and inputs: missing names, braces and keywords."""

from __future__ import annotations

from ssrdsl.language.diagnostics import Diagnostic
from ssrdsl.language.error_context import ErrorContext
from ssrdsl.language.grammar import END
from ssrdsl.language.layout import NEWLINE

_SPELLINGS = {
    "block": "`block name(parameters) of inputs { ... }` or `block name(parameters) = layer`",
    "space": "`space name(parameters) { ... }`",
    "search": "`search { target.macs = 7.8G }`",
    "for": "`for name in [1..4] { ... }`",
    "choose": "`choose { f | g }` or `choose n in {1, 2} { ... }`",
    "input": "`input name: channels, height, width`",
    "auxiliary": "`auxiliary name: value`",
    "use": '`use std` or `use "blocks.ssr"`, optionally followed by `with name = value`',
}


def _keyword(context: ErrorContext) -> str | None:
    """The word with which the header around the token begins."""
    kinds = [token.kind for token in context.statement if token.kind != "tied"]
    return kinds[0] if kinds and kinds[0] in _SPELLINGS else None


def missing_name(context: ErrorContext) -> Diagnostic | None:
    """`block (c) { ... }`, `for in xs`, `space { ... }`, `auxiliary: x`."""
    word = context.previous.kind
    if word not in ("block", "space", "for", "input", "auxiliary") or context.token.kind == "NAME":
        return None
    if context.token.kind == "STRING":
        return context.diagnostic("E0113", "names are written without quotes", help=f"write {_SPELLINGS[word]}")
    message = f"missing name after `{word}`"
    return context.diagnostic("E0113", message, context.previous, help=f"write {_SPELLINGS[word]}")


def brace_on_next_line(context: ErrorContext) -> Diagnostic | None:
    """A header with its `{` at the start of the following line."""
    if context.token.kind != NEWLINE or context.next.kind != "{" or not context.accepts("{"):
        return None
    message = "`{` must be on the same line as its header"
    return context.diagnostic("E0113", message, context.next, help="move `{` to the end of the line above")


def missing_brace(context: ErrorContext) -> Diagnostic | None:
    """`block f(c)`, `for x in xs` and nothing more on the line."""
    keyword = _keyword(context)
    if keyword is None or context.token.kind not in (NEWLINE, END, "}"):
        return None
    if context.can_begin_value or not context.accepts("{"):
        return None
    message = f"`{keyword}` without a body"
    help = f"write {_SPELLINGS[keyword]}"
    return context.diagnostic("E0113", message, context.previous, label="missing `{` after this", help=help)


def inputs_without_of(context: ErrorContext) -> Diagnostic | None:
    """`block f(c) x { ... }`, `block f(c) of (a, b) { ... }`, `block f(c) -> g`."""
    token = context.token
    if _keyword(context) == "space" and token.kind == "of":
        return context.diagnostic(
            "E0101",
            "the inputs of a space are declared in its body",
            help="write `input name: channels, height, width`",
        )
    if _keyword(context) != "block":
        return None
    if token.kind == "NAME" and context.accepts("of"):
        help = f"write `of {token.text}`, or `({token.text})` for a parameter"
        return context.diagnostic("E0113", "the inputs of a block must follow `of`", help=help)
    if token.kind == "(" and context.previous.kind == "of":
        return context.diagnostic(
            "E0101", "the inputs of a block are written without parentheses", help="write `of a, b`"
        )
    if token.kind == "->" and context.accepts("="):
        return context.diagnostic("E0109", "the body of a block must follow `=` or be in braces", help="write `=`")
    return None


def malformed_input(context: ErrorContext) -> Diagnostic | None:
    """`input x = 3, 32, 32`, `input x(3, 32, 32)`, `auxiliary x = y`."""
    keyword = _keyword(context)
    if keyword not in ("input", "auxiliary") or context.previous.kind != "NAME" or not context.accepts(":"):
        return None
    return context.diagnostic(
        "E0113", f"missing `:` after the name of the {keyword}", help=f"write {_SPELLINGS[keyword]}"
    )


def missing_in(context: ErrorContext) -> Diagnostic | None:
    """`for x = xs { ... }`, `for x of xs`."""
    if not context.accepts("in"):
        return None
    keyword = _keyword(context)
    spelling = _SPELLINGS["for" if keyword == "for" else "choose"]
    if context.place == "values":
        spelling = "`[f(n) for n in nodes]`"
    return context.diagnostic("E0113", "missing `in` before this", help=f"write {spelling}")


def malformed_use(context: ErrorContext) -> Diagnostic | None:
    """`use std, blocks`, `use std bn = ...`, `use std with bn`."""
    if _keyword(context) != "use":
        return None
    if context.previous.kind == "use":
        return context.diagnostic("E0113", "`use` needs a library or a file", help=f"write {_SPELLINGS['use']}")
    if context.previous.kind in ("with", "NAME") and "with" in [token.kind for token in context.statement]:
        place = context.previous if context.on_new_line else None
        help = "write `with bn = bn(eps=1e-3)`"
        return context.diagnostic("E0113", "`with` needs a name and a value", place, help=help)
    if context.token.kind == "NAME" and context.accepts("with"):
        return context.diagnostic("E0113", "missing `with` before this", help=f"write {_SPELLINGS['use']}")
    if context.accepts("with"):
        return context.diagnostic(
            "E0101", "`use` takes one library or file", help="write another `use` on its own line"
        )
    return None


RULES = (
    brace_on_next_line,
    missing_brace,
    inputs_without_of,
    missing_name,
    malformed_input,
    missing_in,
    malformed_use,
)
