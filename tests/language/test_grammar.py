"""The grammar: free of conflicts, a node for every rule, and Lark's own lexer of one mind with ours."""

import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path

import pytest
from lark import Lark
from lark.exceptions import GrammarError
from lark.lark import PostLex
from lark.lexer import Lexer
from lark.lexer import Token as LarkToken

import ssrdsl.language
from ssrdsl.language import Source, parse, syntax
from ssrdsl.language.grammar import END, grammar, terminals
from ssrdsl.language.layout import statements
from ssrdsl.language.lexer import Token
from ssrdsl.language.walk import walk

FOLDER = Path(ssrdsl.language.__file__).parent
GRAMMAR = (FOLDER / "grammar.lark").read_text(encoding="utf-8")
ROOT = FOLDER.parent.parent
SHIPPED = sorted([*ROOT.glob("spaces/*.ssr"), *ROOT.glob("ssrdsl/std/*.ssr")])


class _NoLexer(Lexer):
    """Lark looks for collisions of words in its strict mode, with a package that we do not use."""

    def __init__(self, conf: object) -> None:
        del conf

    def lex(self, *text: object) -> Iterator[LarkToken]:
        return iter(())


def _analyse(grammar: str) -> None:
    Lark(grammar, parser="lalr", lexer=_NoLexer, start="file", strict=True)


def test_there_are_no_conflicts() -> None:
    _analyse(GRAMMAR)


@pytest.mark.parametrize(
    ("rule", "other", "conflict"),
    [
        ('?pipe: disjunction ("->" disjunction)*', '?pipe: disjunction | pipe "->" pipe', "Shift/Reduce"),
        ("?value: NUMBER", "other: NAME\n?value: other | NUMBER", "Reduce/Reduce"),
    ],
)
def test_conflicts_are_found(rule: str, other: str, conflict: str) -> None:
    ambiguous = GRAMMAR.replace(rule, other)
    assert ambiguous != GRAMMAR
    with pytest.raises(GrammarError, match=conflict):
        _analyse(ambiguous)


def test_every_rule_makes_a_node_of_its_name() -> None:
    rules = {
        rule.alias or rule.origin.name
        for rule in grammar().rules
        if not rule.origin.name.startswith("_") and (rule.alias or not rule.options.expand1 or len(rule.expansion) > 1)
    }
    nodes = {name for name, value in vars(syntax).items() if isinstance(value, type) and issubclass(value, syntax.Node)}
    unlike = {"for_loop", "group", "sum", "product", "conjunction", "disjunction", "space_suite"}
    assert {rule.replace("_", "") for rule in rules - unlike} <= {node.lower() for node in nodes}
    assert {node.lower() for node in nodes} - {rule.replace("_", "") for rule in rules} == {
        "node",
        "namednode",
        "expression",
        "for",
        "arithmetic",
        "junction",
    }


def test_parser_is_cached_with_the_compiled_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    Path(cache_from_source(ssrdsl.language.grammar.__file__)).parent.mkdir(parents=True)
    first = grammar.__wrapped__()
    (kept,) = tmp_path.rglob("*.lark")
    assert kept.name == f"grammar.{sys.implementation.cache_tag}.lark"
    written = kept.stat().st_mtime_ns
    second = grammar.__wrapped__()
    assert kept.stat().st_mtime_ns == written, "it was computed again"
    words = [Token("search", "search", 0, 6), Token("{", "{", 6, 7), Token("}", "}", 7, 8), Token(END, "", 8, 8)]
    trees = [[parser.feed_token(word) for word in words][-1] for parser in map(Lark.parse_interactive, (first, second))]
    assert trees[0] == trees[1] is not None
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert grammar.__wrapped__().rules == second.rules


class _Layout(PostLex):
    """Our layout, for Lark's own lexer: newlines are always words, and those that end nothing are taken out."""

    always_accept = ("_NEWLINE",)

    def process(self, stream: Iterator[LarkToken]) -> Iterator[LarkToken]:
        latest: list[LarkToken] = []

        def words() -> Iterator[Token]:
            for token in stream:
                latest[:] = [token]
                yield Token(str(token) if token in terminals() else token.type, str(token), 0, 0)

        for _ in statements(words()):
            yield latest[0]


@cache
def _lark() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer="contextual", start="file", postlex=_Layout(), maybe_placeholders=False)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_larks_contextual_lexer_and_parser_accept_what_ours_do(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = _lark().parse(text)
    ours = parse(Source(path.name, text))
    counted = sum(1 for node in walk(ours) if isinstance(node, syntax.Call))
    assert sum(1 for _ in tree.find_data("call")) == counted > 0
