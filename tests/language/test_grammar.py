"""The grammar: free of conflicts, the shipped tables its own, and Lark's own parser of one mind with ours."""

import json
import logging
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lark import Lark
from lark.exceptions import GrammarError
from lark.lark import PostLex
from lark.lexer import Token as LarkToken
from lark.parsers.lalr_analysis import LALR_Analyzer

import ssrdsl.language
from ssrdsl.language import Source, parse, syntax
from ssrdsl.language.layout import statements
from ssrdsl.language.lexer import Token
from ssrdsl.language.tables import END, START, build_lark, compute_tables, load_tables, to_json
from ssrdsl.language.walk import walk

FOLDER = Path(ssrdsl.language.__file__).parent
GRAMMAR = (FOLDER / "grammar.lark").read_text(encoding="utf-8")
ROOT = FOLDER.parent.parent
SHIPPED = sorted([*ROOT.glob("spaces/*.ssr"), *ROOT.glob("ssrdsl/std/*.ssr")])


def _conflicts(grammar: str) -> list[tuple[int, str]]:
    """The states in which a terminal may do more than one thing."""
    lark = build_lark(grammar)
    analyzer = LALR_Analyzer(lark.parser.parser_conf, debug=False, strict=False)
    analyzer.compute_lr0_states()
    analyzer.compute_reads_relations()
    analyzer.compute_includes_lookback()
    analyzer.compute_lookaheads()
    found: list[tuple[int, str]] = []
    for number, state in enumerate(analyzer.lr0_itemsets):
        reductions: dict[Any, int] = defaultdict(int)
        for terminal, rules in state.lookaheads.items():
            reductions[terminal.name] += len(rules)
        shifts = {symbol.name for symbol in state.transitions if symbol.is_term}
        found += [(number, name) for name, count in reductions.items() if count + (name in shifts) > 1]
    return found


def test_there_are_no_conflicts() -> None:
    assert _conflicts(GRAMMAR) == []


def test_the_search_for_conflicts_finds_them() -> None:
    ambiguous = GRAMMAR.replace('pipe: _condition ("->" _condition)+', 'pipe: _piped "->" _piped')
    assert ambiguous != GRAMMAR
    assert _conflicts(ambiguous) != []


def test_lark_reports_several_reductions_itself() -> None:
    twice = GRAMMAR + "\nother: NAME\n"
    twice = twice.replace("_atom: number", "_atom: other | number")
    with pytest.raises(GrammarError, match="Reduce/Reduce"):
        build_lark(twice)


def test_lark_logs_no_conflict(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="lark"):
        Lark(GRAMMAR, parser="lalr", start=START, debug=True)
    assert [record.message for record in caplog.records if "conflict" in record.message.lower()] == []


def test_shipped_tables_are_those_of_the_grammar() -> None:
    assert (FOLDER / "grammar.json").read_text(encoding="utf-8") == to_json(compute_tables(GRAMMAR))
    assert load_tables() == compute_tables(GRAMMAR)


def test_tables_of_another_grammar_are_computed_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = json.loads((FOLDER / "grammar.json").read_text(encoding="utf-8"))
    (tmp_path / "grammar.lark").write_text(GRAMMAR, encoding="utf-8")
    (tmp_path / "grammar.json").write_text(json.dumps({**other, "grammar": "0", "rules": []}), encoding="utf-8")
    monkeypatch.setattr("ssrdsl.language.tables.__file__", str(tmp_path / "tables.py"))
    assert load_tables.__wrapped__() == compute_tables(GRAMMAR)


def test_every_rule_makes_a_node_of_its_name() -> None:
    rules = {origin for origin, _ in load_tables().rules if not origin.startswith("_")}
    nodes = {name for name, value in vars(syntax).items() if isinstance(value, type) and issubclass(value, syntax.Node)}
    unlike = {"for_loop", "group", "sum", "product", "conjunction", "disjunction"}
    assert {rule.replace("_", "") for rule in rules - unlike} <= {node.lower() for node in nodes}
    assert {node.lower() for node in nodes} - {rule.replace("_", "") for rule in rules} == {
        "node",
        "for",
        "arithmetic",
        "junction",
    }


class _Layout(PostLex):
    """Our layout, for Lark's own lexer: newlines are always words, and those that end nothing are taken out."""

    always_accept = ("_NEWLINE",)

    def process(self, stream: Iterator[LarkToken]) -> Iterator[LarkToken]:
        latest: list[LarkToken] = []

        def words() -> Iterator[Token]:
            for token in stream:
                latest[:] = [token]
                named = token.type in ("_NEWLINE", "COMPARISON", "NAME", "NUMBER", "STRING")
                yield Token(token.type if named else str(token), str(token), 0, 0)

        for _ in statements(words()):
            yield latest[0]


@cache
def _lark() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer="contextual", start=START, postlex=_Layout(), maybe_placeholders=False)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_larks_contextual_lexer_and_parser_accept_what_ours_do(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = _lark().parse(text)
    ours = parse(Source(path.name, text))
    counted = sum(1 for node in walk(ours) if isinstance(node, syntax.Call))
    assert sum(1 for _ in tree.find_data("call")) == counted > 0


def test_end_is_a_symbol_of_lark() -> None:
    assert END in load_tables().actions[0]
