"""Name widths that occur repeatedly in a constructor, such as `expand * in_channels`."""

from __future__ import annotations

from collections import Counter

from ssrdsl.emission.code.trees import symbols, with_symbols
from ssrdsl.emission.drafts.block_class import BlockClass
from ssrdsl.operators.construction import Leaf
from ssrdsl.space.expressions.formulas import is_atom
from ssrdsl.space.expressions.formulas import text as text_of
from ssrdsl.space.expressions.symbols import SymbolicValue, named

OFTEN = 4


def name_repeated(made: BlockClass) -> None:
    """Make the most frequent width a variable, if it is frequent and not just a parameter."""
    texts = Counter(str(symbol) for symbol in symbols(made.constructor()) if not is_atom(symbol.form))
    text, count = max(texts.items(), key=lambda item: item[1], default=("", 0))
    name = "out_channels" if text in _results(made) else "mid"
    if count >= OFTEN and "self." not in text and name not in made.parameters.table:
        _name(made, text, name)


def _results(made: BlockClass) -> set[str]:
    """The widths of the results of the class."""
    forms = (made.form(wire) for wire in made.results)
    return {text_of(form) for form in forms if form is not None}


def _name(made: BlockClass, text: str, name: str) -> None:
    def change(symbol: SymbolicValue) -> SymbolicValue:
        if str(symbol) != text:
            return symbol
        made.locals.setdefault(name, Leaf(symbol))
        return named(symbol.value, name)

    for assigned in (made.attributes, made.auxiliary_attributes, made.stored):
        assigned.update({own: with_symbols(code, change) for own, code in assigned.items()})
    made.sequential = with_symbols(made.sequential, change)
