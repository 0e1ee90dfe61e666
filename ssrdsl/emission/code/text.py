"""How code reads on one line, with parentheses where an operation binds less tightly than the one around it."""

from __future__ import annotations

from fractions import Fraction

from ssrdsl.emission.code.trees import (
    Called,
    Code,
    Compared,
    Each,
    Infix,
    Junction,
    Leaf,
    Listed,
    Mapped,
    Member,
    Method,
    Negated,
    Operand,
    Raw,
    Slice,
    Spread,
    Subscript,
    Ternary,
    Tupled,
)  # fmt: skip
from ssrdsl.emission.symbols.forms import Form
from ssrdsl.emission.symbols.literals import scalar_text
from ssrdsl.emission.symbols.symbol import Symbol

ATOM, UNARY, PRODUCT, SUM, COMPARISON, JUNCTION, TERNARY = range(7)


def flat(code: Code) -> str:
    """The text on one line."""
    match code:
        case Raw(text=text):
            return text
        case Operand(index=index):
            return f"${index}"
        case Leaf(scalar=scalar):
            return scalar_text(scalar)
        case Called(function=function):
            return f"{function}({flat_arguments(code)})"
        case Method(owner=owner, name=name):
            return f"{bound(owner, ATOM)}.{name}({flat_arguments(code)})"
        case Member(owner=owner, name=name):
            return f"{bound(owner, ATOM)}.{name}"
        case Subscript(owner=owner, slices=slices):
            return f"{bound(owner, ATOM)}[{', '.join(map(flat, slices))}]"
        case Slice(start=start, stop=stop, step=step):
            ends = ":".join("" if part is None else bound(part, UNARY) for part in (start, stop))
            if step is None:
                return ends
            text = bound(step, UNARY)
            return f"{ends}:{text}" if text.isalnum() else f"{ends}: {text}"
        case Listed(items=items):
            return f"[{', '.join(map(flat, items))}]"
        case Tupled(items=items):
            return ", ".join(map(flat, items))
        case Mapped(items=pairs):
            return "{" + ", ".join(f'"{name}": {flat(value)}' for name, value in pairs) + "}"
        case Each(element=element, names=names, values=values, brackets=brackets):
            return f"{brackets[:1]}{flat(element)} for {names} in {flat(values)}{brackets[1:]}"
        case Spread(value=value):
            return f"*{flat(value)}"
        case Infix(operator=operator, parts=parts):
            strength = binding(code)
            return f" {operator} ".join(bound(part, strength) for part in parts)
        case Ternary(then=then, condition=condition, otherwise=otherwise):
            return f"{flat(then)} if {flat(condition)} else {flat(otherwise)}"
        case Compared(left=left, sign=sign, right=right):
            return f"{flat(left)} {sign} {flat(right)}"
        case Junction(word=word, parts=parts):
            return f" {word} ".join(bound(part, COMPARISON) for part in parts)
        case Negated(part=part):
            return f"not {flat(part)}"
    raise TypeError(code)


def flat_arguments(call: Called | Method) -> str:
    """The arguments of a call on one line."""
    return ", ".join([*map(flat, call.arguments), *(f"{name}={flat(value)}" for name, value in call.keywords)])


def binding(code: Code) -> int:
    """How tightly the outermost operation of a tree binds."""
    match code:
        case Leaf(scalar=Symbol(form=form)):
            return form_binding(form)
        case Leaf(scalar=scalar):
            return UNARY if isinstance(scalar, (int, Fraction, float)) and scalar < 0 else ATOM
        case Infix(operator=operator):
            return PRODUCT if operator == "*" else SUM
        case Compared() | Negated():
            return COMPARISON
        case Junction():
            return JUNCTION
        case Ternary():
            return TERNARY
        case _:
            return ATOM


def form_binding(form: Form) -> int:
    """How tightly the text of a form binds."""
    if form.is_atom:
        return ATOM
    return SUM if " + " in form.text or " - " in form.text else PRODUCT


def bound(code: Code, strength: int) -> str:
    """The text, in parentheses where it binds less tightly than asked."""
    return flat(code) if binding(code) <= strength else f"({flat(code)})"
