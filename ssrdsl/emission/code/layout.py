"""Lay out code in lines of at most 120 characters, in the style of black and ruff.

Code that fits is on one line. Otherwise a call is split: its arguments on one line if they fit there, else each on its
own line with a trailing comma. Sums are never split; the printer gives their parts names instead.
"""

from __future__ import annotations

from collections.abc import Sequence

from ssrdsl.emission.code.text import called, flat
from ssrdsl.emission.code.trees import Each, Mapped, Starred, Ternary
from ssrdsl.operators.construction import Called, Code, Leaf, Listed

WIDTH = 120
STEP = "    "


def laid_out(code: Code, indent: str, before: str = "", after: str = "", *, statement: bool = True) -> list[str]:
    """The lines of a tree between a text before it (`self.body = `) and one after it.

    `statement`: there are no brackets around it, so that a long condition needs parentheses.
    """
    line = f"{indent}{before}{flat(code)}{after}"
    if len(line) <= WIDTH:
        return [line]
    match code:
        case Called():
            function, arguments = called(code)
            return _opened(f"{indent}{before}{function}(", arguments, f"{indent}){after}", indent + STEP)
        case Listed(items=items):
            return _opened(f"{indent}{before}[", [("", item) for item in items], f"{indent}]{after}", indent + STEP)
        case Leaf(scalar=tuple() as items):
            numbers: list[tuple[str, Code]] = [("", Leaf(item)) for item in items]
            return _opened(f"{indent}{before}(", numbers, f"{indent}){after}", indent + STEP)
        case Mapped(items=pairs):
            parts = [(f'"{name}": ', value) for name, value in pairs]
            return _opened(f"{indent}{before}{{", parts, f"{indent}}}{after}", indent + STEP)
        case Starred(value=value):
            return laid_out(value, indent, f"{before}*", after, statement=False)
        case Each(brackets=brackets) if brackets:
            inner = Each(code.element, code.names, code.values)
            return [f"{indent}{before}{brackets[0]}", *_each(inner, indent + STEP), f"{indent}{brackets[1]}{after}"]
        case Each():
            return _each(code, indent)
        case Ternary() if statement:
            return [f"{indent}{before}(", *_ternary(code, indent + STEP), f"{indent}){after}"]
        case Ternary():
            return _ternary(code, indent, before, after)
        case _:
            return [line]


def _opened(head: str, parts: Sequence[tuple[str, Code]], tail: str, indent: str) -> list[str]:
    joined = indent + ", ".join(before + flat(part) for before, part in parts)
    if len(joined) <= WIDTH:
        return [head, joined, tail]
    if len(parts) == 1 and isinstance(parts[0][1], Each) and not parts[0][1].brackets:
        return [head, *_each(parts[0][1], indent), tail]
    lines = [line for before, part in parts for line in laid_out(part, indent, before, ",", statement=False)]
    return [head, *lines, tail]


def _each(code: Each, indent: str) -> list[str]:
    line = indent + flat(code)
    if len(line) <= WIDTH:
        return [line]
    element = laid_out(code.element, indent, statement=False)
    return [*element, *laid_out(code.values, indent, f"for {code.names} in ", statement=False)]


def _ternary(code: Ternary, indent: str, before: str = "", after: str = "") -> list[str]:
    line = f"{indent}{before}{flat(code)}{after}"
    if len(line) <= WIDTH:
        return [line]
    then = laid_out(code.then, indent, before, statement=False)
    otherwise = laid_out(code.otherwise, indent, "else ", after, statement=False)
    return [*then, f"{indent}if {flat(code.condition)}", *otherwise]


def signature(indent: str, name: str, parameters: Sequence[str]) -> list[str]:
    """The lines of `def name(parameters):`."""
    line = f"{indent}def {name}({', '.join(parameters)}):"
    if len(line) <= WIDTH:
        return [line]
    inner = f"{indent}{STEP}{', '.join(parameters)}"
    if len(inner) <= WIDTH:
        return [f"{indent}def {name}(", inner, f"{indent}):"]
    return [f"{indent}def {name}(", *(f"{indent}{STEP}{parameter}," for parameter in parameters), f"{indent}):"]
