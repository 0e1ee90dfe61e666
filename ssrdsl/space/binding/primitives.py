"""The names visible in all files: operators and functions."""

from __future__ import annotations

from collections.abc import Mapping

from ssrdsl.errors import UserError
from ssrdsl.language.grammar import keywords
from ssrdsl.operators import OPERATORS, Operator, operators
from ssrdsl.space.binding.symbols import Symbol, SymbolKind

SCALAR_FUNCTIONS = ("min", "max", "sum", "floor", "ceil", "round", "round_to", "len")
"""The functions that make no decisions and no nodes."""
FUNCTIONS = {
    **dict.fromkeys(SCALAR_FUNCTIONS, "scalar"),
    **dict.fromkeys(("repeat", "chain"), "layer"),
    "select": "tensors",
    **dict.fromkeys(("split", "permutation"), "scalar"),
}
"""The functions of the language by name, with the kind of their results."""


def installed_operators() -> Mapping[str, type[Operator]]:
    """The operators by name. Raises `UserError` if an operator of an installed package cannot be loaded."""
    found = operators()
    for name in found.keys() - OPERATORS.keys():
        if name in {*FUNCTIONS, *keywords()}:
            raise UserError(f"an installed operator has the name `{name}`, which is reserved in the language",
                            help="rename it, or uninstall its package")  # fmt: skip
    return found


def known_operators() -> Mapping[str, type[Operator]]:
    """The operators by name; without those of other packages if one of them cannot be loaded."""
    try:
        return installed_operators()
    except UserError:
        return OPERATORS


def primitives() -> dict[str, Symbol]:
    """The symbols of the operators and functions."""
    functions = {name: Symbol(name, SymbolKind.FUNCTION) for name in FUNCTIONS}
    return {name: Symbol(name, SymbolKind.OPERATOR) for name in known_operators()} | functions
