"""Classes as text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from ssrdsl.emission.blocks.block_class import BlockClass
from ssrdsl.emission.blocks.unify import Reference
from ssrdsl.emission.code.layout import WIDTH, laid_out, signature
from ssrdsl.emission.code.trees import Mapped, flat, rebuilt
from ssrdsl.emission.instances.parameters import MISSING, ConstructorParameter
from ssrdsl.operators.construction import Called, Code, Leaf, scalar_text
from ssrdsl.space.expressions.symbols import equal

Keywords = tuple[tuple[str, Code], ...]
INDENT = "    "
BODY = 2 * INDENT


@dataclass(slots=True)
class Writer:
    """Collects the lines of a file.

    Classes are given by their keys; `norm` are the arguments of the file's default batch norm, `resizing` those of its
    default `resize`, and `one_resizing`: there are no others.
    """

    classes: Mapping[str, BlockClass]
    norm: Keywords | None = None
    resizing: Keywords | None = None
    one_resizing: bool = True
    lines: list[str] = field(default_factory=list)

    def code(self, code: Code, indent: str, before: str = "") -> None:
        """Add an expression with a prefix."""
        self.lines += laid_out(self.finished(code), indent, before)

    def finished(self, code: Code) -> Code:
        """The code with the names of classes and without arguments that are defaults."""
        done: Code = rebuilt(code, self._finished)
        return done

    def _finished(self, code: Code) -> Code | None:
        if not isinstance(code, Called):
            return None
        if code.target in self.classes:
            return self._call(code)
        if code.target == "nn.BatchNorm2d" and code.keywords == self.norm:
            return Called("norm", code.arguments)
        if code.target == "resize":
            return Called("resize", rebuilt(code.arguments, self._finished), self._resizing(code.keywords))
        return None

    def _resizing(self, keywords: Keywords) -> Keywords:
        """The arguments of a `resize` without defaults."""
        like, *options = keywords
        if self.one_resizing:
            return (like,)
        unaligned = {"align_corners": Leaf(None)}
        usual, given = unaligned | dict(self.resizing or ()), unaligned | dict(options)
        return (like, *((name, given[name]) for name in ("mode", "align_corners") if given[name] != usual[name]))

    def _call(self, code: Called) -> Called:
        made = self.classes[code.target]
        given = dict(code.keywords)
        positional: list[Code] = []
        keywords: list[tuple[str, Code]] = []
        for parameter in made.signature:
            argument = self._argument(parameter, given[parameter.name])
            if argument is None:
                continue
            if parameter.is_positional and not keywords:
                positional.append(argument)
            else:
                keywords.append((parameter.name, argument))
        return Called(made.name, tuple(positional), tuple(keywords))

    @staticmethod
    def _argument(parameter: ConstructorParameter, argument: Code) -> Code | None:
        """An argument as it is printed; None if it is the default."""
        if isinstance(argument, Leaf):
            scalar = argument.scalar
            if parameter.default is not MISSING and _same(scalar, parameter.default):
                return None
            if _is_real(parameter) and isinstance(scalar, int) and not isinstance(scalar, bool):
                return Leaf(float(scalar))
        return argument

    # Classes

    def block(self, made: BlockClass, comment: str = "") -> None:
        """Add a class, with the comment of its block, or this one if it has none."""
        sequential = made.sequential is not None
        self.lines.append(f"class {made.name}({'nn.Sequential' if sequential else 'nn.Module'}):")
        described = docstring(made.definition.comment, INDENT) or docstring(comment, INDENT)
        if described:
            self.lines += [*described, ""]
        if sequential:
            self._sequential(made)
            return
        if made.attributes or made.auxiliary_attributes or made.stored:
            self._constructor(made)
            self.lines.append("")
        self._forward(made)

    def _signature(self, made: BlockClass, more: Sequence[str] = ()) -> None:
        names = ["self"]
        for parameter in made.signature:
            if parameter.default is MISSING:
                names.append(parameter.name)
            else:
                default = parameter.default
                names.append(f"{parameter.name}={scalar_text(float(default) if _is_real(parameter) else default)}")
        self.lines += signature(INDENT, "__init__", [*names, *more])

    def _sequential(self, made: BlockClass) -> None:
        self._signature(made)
        self._assign(made.locals.items(), BODY)
        self.code(Called("super().__init__", made.sequential or ()), BODY)

    def _constructor(self, made: BlockClass) -> None:
        self._signature(made, ["auxiliary=False"] if made.heads else ())
        self.lines.append(f"{BODY}super().__init__()")
        self._assign(made.locals.items(), BODY)
        self._assign([*made.stored.items(), *made.attributes.items()], BODY, "self.")
        if made.heads:
            self.lines.append(f"{BODY}if auxiliary:")
            self._assign(made.auxiliary_attributes.items(), BODY + INDENT, "self.")

    def _assign(self, assigned: Iterable[tuple[str, Code]], indent: str, owner: str = "") -> None:
        for name, code in assigned:
            self.code(code, indent, f"{owner}{name} = ")

    def _forward(self, made: BlockClass) -> None:
        self.lines += signature(INDENT, "forward", ["self", *made.inputs])
        self._assign(made.statements, BODY)
        if made.heads:
            self.lines.append(f"{BODY}if self.auxiliary and self.training:")
            self._assign(made.auxiliary_statements, BODY + INDENT)
            self._heads(made)
        self.code(made.result, BODY, "return ")

    def _heads(self, made: BlockClass) -> None:
        indent = BODY + INDENT
        heads = Mapped(made.heads)
        result = flat(self.finished(made.result))
        line = f"{indent}return {result}, {flat(self.finished(heads))}"
        if len(line) <= WIDTH:
            self.lines.append(line)
        else:
            self.code(heads, indent, "heads = ")
            self.lines.append(f"{indent}return {result}, heads")


def docstring(text: str, indent: str, more: Sequence[str] = ()) -> list[str]:
    """The lines of a docstring; if it does not fit on one line, the first line is the first sentence.

    The lines are a valid docstring for any text: quotes and backslashes are escaped, control characters removed. A text
    without printable characters gives no lines. `more` are lines that follow unchanged.
    """
    paragraphs = [_printable(part) for part in text.split("\n\n")]
    paragraphs = [part.replace("\\", "\\\\").replace('"""', "'''") for part in paragraphs if part]
    if not paragraphs:
        return []
    whole = f'{indent}"""{paragraphs[0]}"""'
    if len(paragraphs) == 1 and not more and len(whole) <= WIDTH and not paragraphs[0].endswith('"'):
        return [whole]
    if len(paragraphs) == 1:
        first, _, rest = paragraphs[0].partition(". ")
        paragraphs = [f"{first}.", rest] if rest else paragraphs
    # Do not break long words: a break could be between the two backslashes of an escaped one.
    wrapped = [textwrap.wrap(part, WIDTH - len(indent) - 3, break_long_words=False) for part in paragraphs]
    lines = [f'{indent}"""{wrapped[0][0]}', *(indent + line for line in wrapped[0][1:])]
    for part in wrapped[1:]:
        lines += ["", *(indent + line for line in part)]
    lines += ["", *more] if more else []
    return [*lines, f'{indent}"""']


def _printable(text: str) -> str:
    """A text on one line without characters that cannot be printed, such as NUL or marks that reverse the direction."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _is_real(parameter: ConstructorParameter) -> bool:
    """Whether some instance has a fractional value, so that all are printed with a decimal point."""
    values = [*parameter.values, parameter.default]
    return any(isinstance(v, float) or (isinstance(v, Fraction) and v.denominator != 1) for v in values)


def _same(one: Any, other: Any) -> bool:
    return type(one) in {int, Fraction, str, bool, tuple, Reference} and equal(one, other)
