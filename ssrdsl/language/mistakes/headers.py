"""The heads of definitions, loops and inputs: names, braces and little words that are missing."""

from __future__ import annotations

from ssrdsl.language.diagnostics import Diagnostic
from ssrdsl.language.grammar import END
from ssrdsl.language.layout import NEWLINE
from ssrdsl.language.situation import Situation

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


def _keyword(situation: Situation) -> str | None:
    """The word with which the header around the token begins."""
    kinds = [token.kind for token in situation.statement if token.kind != "tied"]
    return kinds[0] if kinds and kinds[0] in _SPELLINGS else None


def missing_name(situation: Situation) -> Diagnostic | None:
    """`block (c) { ... }`, `for in xs`, `space { ... }`, `auxiliary: x`."""
    word = situation.previous.kind
    if word not in ("block", "space", "for", "input", "auxiliary") or situation.token.kind == "NAME":
        return None
    if situation.token.kind == "STRING":
        return situation.diagnostic("E0113", "names are written without quotes", help=f"write {_SPELLINGS[word]}")
    message = f"missing name after `{word}`"
    return situation.diagnostic(
        "E0113", message, span=situation.span(situation.previous), help=f"write {_SPELLINGS[word]}"
    )


def brace_on_next_line(situation: Situation) -> Diagnostic | None:
    """A header with its `{` at the start of the following line."""
    if situation.token.kind != NEWLINE or situation.next.kind != "{" or not situation.accepts("{"):
        return None
    message = "`{` must be on the same line as its header"
    return situation.diagnostic(
        "E0113", message, span=situation.span(situation.next), help="move `{` to the end of the line above"
    )


def missing_brace(situation: Situation) -> Diagnostic | None:
    """`block f(c)`, `for x in xs` and nothing more on the line."""
    keyword = _keyword(situation)
    if keyword is None or situation.token.kind not in (NEWLINE, END, "}"):
        return None
    if situation.wants_value or not situation.accepts("{"):
        return None
    message = f"`{keyword}` without a body"
    label = "missing `{` after this"
    return situation.diagnostic(
        "E0113", message, label, span=situation.span(situation.previous), help=f"write {_SPELLINGS[keyword]}"
    )


def inputs_without_of(situation: Situation) -> Diagnostic | None:
    """`block f(c) x { ... }`, `block f(c) of (a, b) { ... }`, `block f(c) -> g`."""
    token = situation.token
    if _keyword(situation) == "space" and token.kind == "of":
        return situation.diagnostic(
            "E0101",
            "the inputs of a space are declared in its body",
            help="write `input name: channels, height, width`",
        )
    if _keyword(situation) != "block":
        return None
    if token.kind == "NAME" and situation.accepts("of"):
        help = f"write `of {token.text}`, or `({token.text})` for a parameter"
        return situation.diagnostic("E0113", "the inputs of a block must follow `of`", help=help)
    if token.kind == "(" and situation.previous.kind == "of":
        return situation.diagnostic(
            "E0101", "the inputs of a block are written without parentheses", help="write `of a, b`"
        )
    if token.kind == "->" and situation.accepts("="):
        return situation.diagnostic("E0109", "the body of a block must follow `=` or be in braces", help="write `=`")
    return None


def malformed_input(situation: Situation) -> Diagnostic | None:
    """`input x = 3, 32, 32`, `input x(3, 32, 32)`, `auxiliary x = y`."""
    keyword = _keyword(situation)
    if keyword not in ("input", "auxiliary") or situation.previous.kind != "NAME" or not situation.accepts(":"):
        return None
    return situation.diagnostic(
        "E0113", f"missing `:` after the name of the {keyword}", help=f"write {_SPELLINGS[keyword]}"
    )


def missing_in(situation: Situation) -> Diagnostic | None:
    """`for x = xs { ... }`, `for x of xs`."""
    if not situation.accepts("in"):
        return None
    keyword = _keyword(situation)
    spelling = _SPELLINGS["for" if keyword == "for" else "choose"]
    if situation.place == "values":
        spelling = "`[f(n) for n in nodes]`"
    return situation.diagnostic("E0113", "missing `in` before this", help=f"write {spelling}")


def malformed_use(situation: Situation) -> Diagnostic | None:
    """`use std, blocks`, `use std bn = ...`, `use std with bn`."""
    if _keyword(situation) != "use":
        return None
    if situation.previous.kind == "use":
        return situation.diagnostic("E0113", "`use` needs a library or a file", help=f"write {_SPELLINGS['use']}")
    if situation.previous.kind in ("with", "NAME") and "with" in [token.kind for token in situation.statement]:
        place = situation.span(situation.previous) if situation.on_new_line else None
        help = "write `with bn = bn(eps=1e-3)`"
        return situation.diagnostic("E0113", "`with` needs a name and a value", span=place, help=help)
    if situation.token.kind == "NAME" and situation.accepts("with"):
        return situation.diagnostic("E0113", "missing `with` before this", help=f"write {_SPELLINGS['use']}")
    if situation.accepts("with"):
        return situation.diagnostic(
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
