"""Random syntax trees, every shape that the grammar allows, and random layouts of their texts."""

from fractions import Fraction
from random import Random

from hypothesis import strategies as st

from ssrdsl.language import Source, Span, syntax
from ssrdsl.language.diagnostics import Diagnostics
from ssrdsl.language.formatting.comments import Comments
from ssrdsl.language.formatting.statements import Statements
from ssrdsl.language.layout import JOINING
from ssrdsl.language.lexer import Token, read_words

NOWHERE = Span(Source("", ""), 0, 0)
NAMES = st.sampled_from(["x", "y", "conv", "bn", "relu", "a_long_name_for_a_layer", "n1", "stepping", "inner"])
NUMBERS = st.sampled_from(
    [
        (3, "3", None),
        (16, "16", None),
        (Fraction(1, 10), "0.1", None),
        (Fraction(1, 1000), "1e-3", None),
        (7_800_000_000, "7.8G", "G"),
        (Fraction(1, 200), "5ms", "ms"),
        (Fraction(3, 10), "30%", "%"),
    ]
)


def _node(kind, *arguments):
    spans = ["span", "name_span"] if issubclass(kind, syntax.NamedNode) else ["span"]
    return st.builds(kind, *arguments, **dict.fromkeys(spans, st.just(NOWHERE)))


def _several(items, least=0, most=3):
    return st.lists(items, min_size=least, max_size=most).map(tuple)


NAME = _node(syntax.Name, NAMES)
NAME_LIST = _several(NAME, 1, 2)
NUMBER = NUMBERS.flatmap(lambda number: _node(syntax.Number, *map(st.just, number)))
ATOM = st.one_of(
    NUMBER,
    NAME,
    _node(syntax.Boolean, st.booleans()),
    _node(syntax.String, st.sampled_from(["bilinear", "", "a # b", "größer → x"])),
)


def _ungrouped_junctions(operator, expressions):
    """A chain of one operator is one junction: one of the same kind inside is in parentheses, as in the text."""
    return _node(syntax.Junction, st.just(operator), _several(expressions, 2))


def _larger(expressions):
    ranges = _node(syntax.Range, expressions, expressions, st.none() | expressions)
    elements = expressions | ranges
    arguments = _several(_node(syntax.Argument, expressions, st.none() | NAMES), 0)
    comparisons = _several(expressions, 2).flatmap(
        lambda operands: _node(
            syntax.Comparison,
            st.just(operands),
            st.lists(st.sampled_from(["<", "<=", "==", "!=", ">", ">="]), min_size=len(operands) - 1).map(
                lambda signs: tuple(signs[: len(operands) - 1])
            ),
        )
    )
    domains = _several(_node(syntax.Domain, NAME_LIST, expressions), 1, 2)
    return st.one_of(
        _node(syntax.Tuple, _several(expressions, 2)),
        _node(syntax.List, _several(elements)),
        _node(syntax.Set, _several(elements, 1)),
        _node(syntax.Comprehension, expressions, NAME_LIST, expressions, st.none() | expressions),
        _node(syntax.Call, expressions, arguments),
        _node(syntax.Attribute, expressions, NAMES),
        _node(syntax.Index, expressions, expressions | _node(syntax.Range, expressions, st.none())),
        _node(syntax.Negation, expressions),
        _node(syntax.Arithmetic, st.sampled_from("+-*/"), expressions, expressions),
        comparisons,
        _ungrouped_junctions("and", expressions),
        _ungrouped_junctions("or", expressions),
        _node(syntax.Conditional, expressions, expressions, expressions),
        _node(syntax.Pipe, _several(expressions, 2, 5)),
        _node(syntax.ChooseAlternatives, _several(expressions, 1, 4)),
        _node(syntax.ChooseOver, domains, suites(expressions)),
    )


def suites(expressions):
    return _node(syntax.Suite, _several(statements(expressions), 0, 2), expressions)


def statements(expressions):
    binding = _node(syntax.Binding, NAME_LIST, expressions, st.booleans())
    loop_body = _node(syntax.Suite, _several(binding, 0, 2), st.none())
    return st.one_of(
        binding,
        _node(syntax.For, NAME_LIST, expressions, loop_body),
        _node(syntax.Require, expressions),
    )


EXPRESSIONS = st.recursive(ATOM, _larger, max_leaves=12)
PARAMETERS = _several(_node(syntax.Parameter, NAMES, st.none() | EXPRESSIONS))
BLOCK = _node(syntax.Block, NAMES, PARAMETERS, _several(NAME), suites(EXPRESSIONS), st.booleans())
SPACE_STATEMENT = st.one_of(
    statements(EXPRESSIONS),
    _node(syntax.Input, NAMES, _several(EXPRESSIONS, 1)),
    _node(syntax.Output, EXPRESSIONS, st.none() | NAMES),
    _node(syntax.Output, EXPRESSIONS, NAMES, st.just(True)),
    BLOCK,
)
ITEM = st.one_of(
    _node(syntax.Use, st.just("std"), st.just(True), _several(_node(syntax.Rebinding, NAMES, EXPRESSIONS))),
    _node(syntax.Use, st.just("blocks.ssr"), st.just(False)),
    BLOCK,
    _node(syntax.Binding, NAME_LIST, EXPRESSIONS, st.booleans()),
    _node(syntax.Space, NAMES, PARAMETERS, _node(syntax.Suite, _several(SPACE_STATEMENT), st.none())),
    _node(syntax.Search, _several(_node(syntax.Setting, st.sampled_from([("seed",), ("ssr", "input")]), EXPRESSIONS))),
)
FILES = _node(syntax.File, _several(ITEM, 0, 4))


def format_tree(tree: syntax.File) -> str:
    """The text of a tree, without comments."""
    return Statements(Comments(NOWHERE.source, [])).file(tree)


def relaid(text: str, random: Random, comments: bool) -> str:
    """The words of a text with blanks, newlines and comments between them wherever they change no meaning."""
    words = read_words(Source("", text), Diagnostics())
    brackets: list[str] = []
    written: list[str] = []
    for number, word in enumerate(words):
        following = words[number + 1] if number + 1 < len(words) else Token("", "", 0, 0)
        if word.kind in ("(", "[", "{"):
            brackets.append(word.kind)
        elif word.kind in (")", "]", "}"):
            brackets.pop()
        written.append("\n" if word.kind == "_NEWLINE" else word.text)
        free = bool(brackets) and brackets[-1] != "{"
        free = free or word.kind in JOINING or word.kind in ("{", "_NEWLINE")
        free = free or following.kind in ("->", "|", "else", "}", "_NEWLINE")
        written.append(_gap(random, comments) if free else " " * random.randint(1, 2))
    return "".join(written)


def _gap(random: Random, comments: bool) -> str:
    kind = random.randrange(12 if comments else 9)
    if kind < 7:
        return " " * random.randint(1, 3)
    if kind < 9:
        return "\n" * random.randint(1, 3) + " " * random.randint(0, 6)
    return f"  # comment {random.randrange(10**6)}\n" + " " * random.randint(0, 6)
