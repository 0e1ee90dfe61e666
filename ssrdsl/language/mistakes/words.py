"""Reserved words used as names, and keywords of other languages."""

from __future__ import annotations

from ssrdsl.language.diagnostics import Diagnostic
from ssrdsl.language.error_context import ErrorContext
from ssrdsl.language.lexer import Token

_FOREIGN = {
    "def": "write `block name(parameters) of inputs { ... }`",
    "func": "write `block name(parameters) of inputs { ... }`",
    "function": "write `block name(parameters) of inputs { ... }`",
    "fn": "write `block name(parameters) of inputs { ... }`",
    "class": "write `block name(parameters) of inputs { ... }`",
    "module": "write `block name(parameters) of inputs { ... }`",
    "lambda": "write the layer directly: `conv(64, 3) -> bn`; with parameters, write a block",
    "return": "omit `return`: the last line of a body is its value",
    "import": 'write `use std`, or `use "blocks.ssr"` for a file in the same directory',
    "include": 'write `use "blocks.ssr"` for a file in the same directory',
    "from": 'write `use std`, or `use "blocks.ssr"` for a file in the same directory',
    "while": "loop over a list: `for i in [1..4] { ... }`",
    "not": "negate the comparison: `!=` for `==`, `>=` for `<`",
    "elif": "write the second condition after `else`: `a if p else b if q else c`",
    "is": "compare with `==`",
    "let": "write `name = value`",
    "var": "write `name = value`",
    "const": "write `name = value`",
    "network": "write a space without decisions: `space name { ... }`",
    "model": "write a space without decisions: `space name { ... }`",
    "as": "definitions cannot be renamed on import; bind another name: `other = name`",
    "select": "write `select(k, [a, b, c])`",
    "repeat": "write `repeat(layer, n)`",
}
_WANTING_A_NAME = frozenset(["block", "space", "for", "of", ".", "input", "auxiliary"])
_NOUNS = frozenset(
    ["use", "with", "block", "space", "search", "input", "output", "auxiliary", "require", "step", "choose"]
)
_REMEDIES = {
    "output": "write `output value`, or `output name: value`",
    "input": "write `input name: channels, height, width`; to bind a name, use another one, such as `image`",
    "require": "write `require condition`; to bind a name, use another one",
    "if": "write `a if condition else b`",
    "else": "write `a if condition else b`",
    "for": "write `for name in [1..4] { ... }`",
}


def foreign_word(context: ErrorContext) -> Diagnostic | None:
    """`def f(x)`, `return x`, `not p`: a keyword of another language at or before the unexpected token."""
    for token in (context.previous, context.token):
        if token.kind == "NAME" and token.text in _FOREIGN and not _is_used(context, token):
            message = f"`{token.text}` is not supported"
            return context.diagnostic("E0109", message, token, help=_FOREIGN[token.text])
    return None


def _is_used(context: ErrorContext, token: Token) -> bool:
    """Whether a word is a name here: bound, called or passed as an argument."""
    following = context.token if token is context.previous else context.next
    return following.kind in ("=", ".", "[", ",", ")", "->") or (following.kind == "(" and token.end == following.start)


def keyword_as_name(context: ErrorContext) -> Diagnostic | None:
    """`input = image`, `f(step=2)`, `block space(c)`: a reserved word in place of a name."""
    token, previous = context.token, context.previous
    if _is_word(previous) and token.kind == "=" and context.back(2).kind != ".":
        return _taken(context, previous)
    wanted = previous.kind in _WANTING_A_NAME or context.next.kind == "="
    likely = token.kind in _NOUNS and not context.at_statement and not context.on_new_line
    if _is_word(token) and context.accepts("NAME") and (wanted or likely):
        return _taken(context, token)
    return None


def conditional_statement(context: ErrorContext) -> Diagnostic | None:
    """`if p { ... }`: the conditional is an expression."""
    if context.token.kind not in ("if", "else") or not context.at_statement:
        return None
    message = "`if` and `else` select between two values, not between statements"
    return context.diagnostic("E0105", message, help="write `name = a if condition else b`")


def tied_what(context: ErrorContext) -> Diagnostic | None:
    """`tied relu`: only bindings and blocks can be tied."""
    tied = context.previous
    if tied.kind == "NAME" and context.token.kind not in ("=", ","):
        tied = context.back(2)
    if tied.kind != "tied":
        return None
    message = "`tied` must be followed by a binding or a block"
    return context.diagnostic("E0101", message, tied, help="write `tied name = value`")


def _is_word(token: Token) -> bool:
    return token.kind == token.text and token.kind.isalpha()


def _taken(context: ErrorContext, word: Token) -> Diagnostic:
    other = f"use another name, such as `{word.text}_` or `the_{word.text}`"
    help = _REMEDIES.get(word.text, other) if context.place in ("file", "body", "space") else other
    message = f"`{word.text}` is a reserved word and cannot be used as a name"
    return context.diagnostic("E0108", message, word, help=help)


RULES = (foreign_word, conditional_statement, tied_what, keyword_as_name)
