"""Lay out code in lines of at most 120 characters, in the style of black and ruff.

Code that fits is on one line. Otherwise a call is split: its arguments on one line if they fit there, else each on its
own line with a trailing comma. Sums are never split; the printer gives their parts names instead.
"""

from __future__ import annotations

from collections.abc import Sequence

from ssrdsl.emission.code.trees import Each, Raw, Starred, Ternary, bracketed, flat
from ssrdsl.operators.construction import Called, Code

WIDTH = 120
STEP = "    "


def laid_out(code: Code, indent: str, before: str = "", after: str = "", *, statement: bool = True) -> list[str]:
    """The lines of a tree between a text before it (`self.body = `) and one after it.

    `statement`: there are no brackets around it, so that a long condition needs parentheses.
    """
    line = f"{indent}{before}{flat(code)}{after}"
    if len(line) <= WIDTH:
        return [line]
    if (found := bracketed(code)) is not None:
        head, parts, tail = found
        return _opened(f"{indent}{before}{head}", parts, f"{indent}{tail}{after}", indent + STEP)
    match code:
        case Starred(value=value):
            return laid_out(value, indent, f"{before}*", after, statement=False)
        case Each(brackets=brackets) if brackets:
            inner = laid_out(Each(code.element, code.names, code.values), indent + STEP)
            return [f"{indent}{before}{brackets[0]}", *inner, f"{indent}{brackets[1]}{after}"]
        case Each(element=element, names=names, values=values):
            first = laid_out(element, indent, statement=False)
            return [*first, *laid_out(values, indent, f"for {names} in ", statement=False)]
        case Ternary() if statement:
            inner = laid_out(code, indent + STEP, statement=False)
            return [f"{indent}{before}(", *inner, f"{indent}){after}"]
        case Ternary(then=then, condition=condition, otherwise=otherwise):
            first = laid_out(then, indent, before, statement=False)
            last = laid_out(otherwise, indent, "else ", after, statement=False)
            return [*first, f"{indent}if {flat(condition)}", *last]
        case _:
            return [line]


def _opened(head: str, parts: Sequence[tuple[str, Code]], tail: str, indent: str) -> list[str]:
    joined = indent + ", ".join(before + flat(part) for before, part in parts)
    if len(joined) <= WIDTH:
        return [head, joined, tail]
    if len(parts) == 1 and isinstance(parts[0][1], Each) and not parts[0][1].brackets:
        return [head, *laid_out(parts[0][1], indent), tail]
    lines = [line for before, part in parts for line in laid_out(part, indent, before, ",", statement=False)]
    return [head, *lines, tail]


def signature(indent: str, name: str, parameters: Sequence[str]) -> list[str]:
    """The lines of `def name(parameters):`."""
    return laid_out(Called(f"def {name}", tuple(map(Raw, parameters))), indent, after=":")
