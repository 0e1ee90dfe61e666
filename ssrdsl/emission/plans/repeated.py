"""Widths that a constructor writes again and again, `expand * in_channels`, get a name of their own."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from ssrdsl.emission.code.trees import COMPOUND, Leaf, Raw, Ternary, leaves, mapped
from ssrdsl.emission.plans.blueprint import Blueprint
from ssrdsl.emission.symbols.forms import Form
from ssrdsl.emission.symbols.symbol import Symbol

OFTEN = 4


def name_repeated(made: Blueprint) -> None:
    """Makes the width that occurs most, if it occurs often and is not simply a parameter, a variable."""
    texts = Counter(
        scalar.form.text
        for code in made.constructor()
        for leaf in leaves(code)
        for scalar in (leaf if isinstance(leaf, tuple) else (leaf,))
        if isinstance(scalar, Symbol) and not scalar.form.is_atom and not scalar.form.is_constant
    )
    text, count = max(texts.items(), key=lambda item: item[1], default=("", 0))
    name = "out_channels" if text in _results(made) else "mid"
    if count >= OFTEN and "self." not in text and name not in made.draft.parameters.table:
        _name(made, text, name)


def _results(made: Blueprint) -> set[str]:
    """The widths of what the class gives."""
    forms = (made.draft.form(wire) for wire in made.draft.template.results)
    return {form.text for form in forms if form is not None}


def _name(made: Blueprint, text: str, name: str) -> None:
    def change(scalar: Any) -> Any:
        if isinstance(scalar, tuple):
            return tuple(map(change, scalar))
        if isinstance(scalar, Symbol) and scalar.form.text == text:
            made.locals.setdefault(name, Leaf(scalar))
            return Symbol(scalar.value, Form.atom(name))
        return scalar

    def renamed(code: Any) -> Any:
        """The same in the texts of conditions."""
        if isinstance(code, Raw):
            return Raw(_replaced(code.text, text, name), code.binding)
        if isinstance(code, tuple):
            return tuple(map(renamed, code))
        if isinstance(code, COMPOUND):
            parts = {field: renamed(getattr(code, field)) for field in type(code).__dataclass_fields__}
            if isinstance(code, Ternary):
                parts["condition"] = _replaced(code.condition, text, name)
            return type(code)(**parts)
        return code

    for held in made.attributes:
        held.code = renamed(mapped(held.code, change))
    made.stored = {own: renamed(mapped(code, change)) for own, code in made.stored.items()}
    made.sequential = renamed(mapped(made.sequential, change))


def _replaced(condition: str, text: str, name: str) -> str:
    return re.sub(rf"(?<![\w.]){re.escape(text)}(?!\w)", name, condition)
