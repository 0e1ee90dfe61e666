"""Reserved words used as names, and keywords of other languages."""

from __future__ import annotations

from ssrdsl.language.diagnostics import Diagnostic
from ssrdsl.language.lexer import Token
from ssrdsl.language.situation import Situation

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


def foreign_word(situation: Situation) -> Diagnostic | None:
    """`def f(x)`, `return x`, `not p`: a keyword of another language at or before the unexpected token."""
    for token in (situation.previous, situation.token):
        if token.kind == "NAME" and token.text in _FOREIGN and not _is_used(situation, token):
            message = f"`{token.text}` is not supported"
            return situation.diagnostic("E0109", message, span=situation.span(token), help=_FOREIGN[token.text])
    return None


def _is_used(situation: Situation, token: Token) -> bool:
    """Whether a word is a name here: bound, called or passed as an argument."""
    following = situation.token if token is situation.previous else situation.next
    return following.kind in ("=", ".", "[", ",", ")", "->") or (following.kind == "(" and token.end == following.start)


def keyword_as_name(situation: Situation) -> Diagnostic | None:
    """`input = image`, `f(step=2)`, `block space(c)`: a reserved word in place of a name."""
    token, previous = situation.token, situation.previous
    if _is_word(previous) and token.kind == "=" and situation.back(2).kind != ".":
        return _taken(situation, previous)
    wanted = previous.kind in _WANTING_A_NAME or situation.next.kind == "="
    likely = token.kind in _NOUNS and not situation.at_statement and not situation.on_new_line
    if _is_word(token) and situation.accepts("NAME") and (wanted or likely):
        return _taken(situation, token)
    return None


def conditional_statement(situation: Situation) -> Diagnostic | None:
    """`if p { ... }`: the conditional is an expression."""
    if situation.token.kind not in ("if", "else") or not situation.at_statement:
        return None
    message = "`if` and `else` select between two values, not between statements"
    return situation.diagnostic("E0105", message, help="write `name = a if condition else b`")


def tied_what(situation: Situation) -> Diagnostic | None:
    """`tied relu`: only bindings and blocks can be tied."""
    tied = situation.previous
    if tied.kind == "NAME" and situation.token.kind not in ("=", ","):
        tied = situation.back(2)
    if tied.kind != "tied":
        return None
    message = "`tied` must be followed by a binding or a block"
    return situation.diagnostic("E0101", message, span=situation.span(tied), help="write `tied name = value`")


def _is_word(token: Token) -> bool:
    return token.kind == token.text and token.kind.isalpha()


def _taken(situation: Situation, word: Token) -> Diagnostic:
    other = f"use another name, such as `{word.text}_` or `the_{word.text}`"
    help = _REMEDIES.get(word.text, other) if situation.place in ("file", "body", "space") else other
    message = f"`{word.text}` is a reserved word and cannot be used as a name"
    return situation.diagnostic("E0108", message, span=situation.span(word), help=help)


RULES = (foreign_word, conditional_statement, tied_what, keyword_as_name)
