"""Name widths that occur repeatedly in a constructor, such as `expand * in_channels`."""

from __future__ import annotations

from collections import Counter

from ssrdsl.emission.code.trees import symbols, with_symbols
from ssrdsl.emission.plans.block_class import BlockClass
from ssrdsl.operators.construction import Leaf
from ssrdsl.space.symbols.forms import Form
from ssrdsl.space.symbols.symbol import Symbol

OFTEN = 4


def name_repeated(made: BlockClass) -> None:
    """Make the most frequent width a variable, if it is frequent and not just a parameter."""
    forms = (symbol.form for symbol in symbols(made.constructor()))
    texts = Counter(form.text for form in forms if not form.is_atom and not form.is_constant)
    text, count = max(texts.items(), key=lambda item: item[1], default=("", 0))
    name = "out_channels" if text in _results(made) else "mid"
    if count >= OFTEN and "self." not in text and name not in made.draft.parameters.table:
        _name(made, text, name)


def _results(made: BlockClass) -> set[str]:
    """The widths of the results of the class."""
    forms = (made.draft.form(wire) for wire in made.draft.template.results)
    return {form.text for form in forms if form is not None}


def _name(made: BlockClass, text: str, name: str) -> None:
    def change(symbol: Symbol) -> Symbol:
        if symbol.form.text != text:
            return symbol
        made.locals.setdefault(name, Leaf(symbol))
        return Symbol(symbol.value, Form.atom(name))

    for held in made.attributes:
        held.code = with_symbols(held.code, change)
    made.stored.update({own: with_symbols(code, change) for own, code in made.stored.items()})
    made.sequential = with_symbols(made.sequential, change)
