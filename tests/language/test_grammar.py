"""The grammar: free of conflicts, and a node for every rule."""

import sys
from collections.abc import Iterator
from importlib.util import cache_from_source
from pathlib import Path

import pytest
from lark import Lark
from lark.exceptions import GrammarError
from lark.lexer import Lexer
from lark.lexer import Token as LarkToken

import ssrdsl.language
from ssrdsl.language import syntax
from ssrdsl.language.grammar import grammar

FOLDER = Path(ssrdsl.language.__file__).parent
GRAMMAR = (FOLDER / "grammar.lark").read_text(encoding="utf-8")


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
    text = "search {\n\n  steps =\n    3\n}"
    assert first.parse(text) == second.parse(text)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert grammar.__wrapped__().rules == second.rules
