"""Expressions on the page: on one line where they fit, else broken in the language's style.

Broken pipes begin their lines with `->`, alternatives with `|`, conditionals with `else`; other operators end a line.
The parts of a call or a list then stand one to a line, and the closing bracket after the last. Some line breaks of the
author stay: those before `->`, `|` and `else`, and one after an opening bracket, which keeps its parts apart. Lines
that are alike may be a table (`rows`). An expression with comments inside stays as it is, shifted to its indentation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from ssrdsl.language import syntax
from ssrdsl.language.formatting.flat import LEADING, FlatExpressions, OperandPart
from ssrdsl.language.formatting.pieces import (
    Body,
    Bracket,
    BracketItem,
    SubExpression,
    TextPiece,
    names_of,
    pieces,
    pieces_of_items,
)
from ssrdsl.language.formatting.place import STEP, LinePosition, line
from ssrdsl.language.formatting.precedence import Level
from ssrdsl.language.formatting.rows import Row, begins_table, row_of, table
from ssrdsl.language.syntax import Argument, Expression, Node


@dataclass(slots=True)
class Expressions:
    """Prints expressions; `body` prints the bodies inside them over several lines, given their indentation."""

    flat: FlatExpressions
    body: Callable[[Node, int], str]

    def lay(self, node: Expression, place: LinePosition, level: Level = Level.EXPRESSION) -> str:
        """An expression from a place on: on one line where it fits and may be, else on several."""
        text = self.flat.flat(node, level)
        if text is not None and place.fits(text):
            return text
        if self.flat.remarks.between_parts(node.span):
            return self._verbatim(node, place)
        if self.flat.in_parentheses(node, level):
            return f"({self._broken(node, LinePosition(place.column + 1, place.indent, place.tail + 1))})"
        return self._broken(node, place)

    def _broken(self, node: Expression, place: LinePosition) -> str:
        match node:
            case syntax.Comprehension():
                return self._broken_comprehension(node, place)
            case syntax.ChooseAlternatives():
                return self._broken_alternatives(node, place)
            case syntax.Pipe() | syntax.Junction() | syntax.Comparison() | syntax.Conditional() | syntax.Arithmetic():
                return self._broken_parts(self.flat.parts(node), place, place.hang)
        return self.lay_pieces(pieces(node), place)

    def lay_pieces(self, pieces: Sequence[TextPiece], place: LinePosition) -> str:
        """Pieces one after the other from a place on, each broken where it does not fit."""
        text = ""
        for number, piece in enumerate(pieces, start=1):
            text += self._lay_piece(piece, place.behind(text).with_tail(_tail(pieces[number:], place.tail)))
        return text

    def _lay_piece(self, piece: TextPiece, place: LinePosition) -> str:
        if isinstance(piece, str):
            return piece
        if isinstance(piece, SubExpression):
            return self.lay(piece.node, place, piece.level)
        flat = self.flat.joined([piece])
        if flat is not None and place.fits(flat):
            return flat
        return self._lay_bracket(piece, place) if isinstance(piece, Bracket) else self.body(piece.node, place.indent)

    def _broken_parts(self, parts: Sequence[OperandPart], place: LinePosition, hang: int) -> str:
        """Operands one after the other; a new line where the author had one, or where the next one does not fit."""
        self._align_stages(parts, place, hang)
        start = place
        text = self.lay(parts[0][1], place.with_tail(self._tail(parts, 0, place.tail)), parts[0][2])
        for number, (sign, operand, level) in enumerate(parts[1:], start=1):
            here = start.behind(text).with_tail(self._tail(parts, number, start.tail))
            fresh = line(hang, here.tail)
            leading = f"{sign} " if sign in LEADING else ""
            text += self._separator(parts[number - 1][1], operand, sign, self.flat.flat(operand, level), here, fresh)
            if text.endswith("\n"):
                text += " " * hang + leading
                start = LinePosition(start.column, hang, start.tail)
            here = start.behind(text).with_tail(here.tail)
            text += self.lay(operand, here, level)
        return text

    def _align_stages(self, parts: Sequence[OperandPart], place: LinePosition, hang: int) -> None:
        """Sets the parts of neighbouring stages into columns, where each of these has a line of its own."""
        if parts[-1][0] != "->":
            return
        operands = [operand for _, operand, _ in parts]
        fresh = [False, *(self.flat.broken_between(left, right) for left, right in pairwise(operands)), True]
        rows = [row_of(operand, self.flat) for operand in operands]
        start = 0
        for kind, run in groupby(rows, key=lambda row: row and row.kind):
            stop = start + len(list(run))
            if kind is not None and all(fresh[start : stop + 1]):
                self._align(operands[start:stop], rows[start:stop], line(hang + len("-> "), place.tail))
            start = stop

    def _align(self, items: Sequence[BracketItem], rows: Sequence[Row | None], place: LinePosition) -> None:
        """Sets the parts of lines into columns, if the author began to, they are of one kind, and they fit."""
        found = [row for row in rows if row is not None]
        if len(found) < len(rows) or len({row.kind for row in found}) > 1 or not any(map(begins_table, items)):
            return
        lines = table(found)
        if all(map(place.fits, lines)):
            self.flat.known.update((id(item), text) for item, text in zip(items, lines, strict=True))

    def _separator(
        self, left: Node, right: Node, sign: str, flat: str | None, here: LinePosition, fresh: LinePosition
    ) -> str:
        """What is between two operands: the sign between blanks, or a newline in the place that its kind has."""
        breaking = "\n" if sign in LEADING else f" {sign}\n"
        if sign in LEADING and self.flat.broken_between(left, right):
            return breaking
        if flat is None or sign == "if":
            return f" {sign} "
        ahead = f"{sign} " if sign in LEADING else ""
        if not here.fits(f" {sign} {flat}") and fresh.fits(ahead + flat):
            return breaking
        return f" {sign} "

    def _tail(self, parts: Sequence[OperandPart], number: int, last: int) -> int:
        """What must follow an operand on its line: a sign that ends the line, or an `if` with its condition."""
        if number == len(parts) - 1:
            return last
        sign, operand, level = parts[number + 1]
        if sign == "if":
            return len(f" if {self.flat.flat(operand, level) or ''}")
        return 0 if sign in LEADING else len(sign) + 1

    def _lay_bracket(self, bracket: Bracket, place: LinePosition) -> str:
        """A bracket with its items: one to a line, or the last one alone broken where that is a bracket itself."""
        if not bracket.items:
            return bracket.left + bracket.right
        *items, last = pieces_of_items(bracket)
        opens_line = self.flat.opens_line(bracket)
        flat = [self.flat.joined(item) for item in items]
        if None not in flat and _is_bracket(bracket.items[-1]) and not opens_line:
            head = bracket.left + "".join(f"{text}, " for text in flat)
            if place.with_tail(STEP).fits(head):
                return head + self.lay_pieces(last, place.behind(head).with_tail(place.tail + 1)) + bracket.right
        indent = place.indent + STEP
        if opens_line:
            rows = [row_of(item, self.flat) for item in bracket.items]
            self._align(bracket.items, rows, line(indent, place.tail + 1))
        lines = [self.lay_pieces(item, line(indent, 1)) for item in items]
        lines.append(self.lay_pieces(last, line(indent, place.tail + 1)))
        return bracket.left + "\n" + ",\n".join(" " * indent + text for text in lines) + bracket.right

    def _broken_comprehension(self, node: syntax.Comprehension, place: LinePosition) -> str:
        indent = place.indent + STEP
        lines = [self.lay(node.element, line(indent))]
        head = f"for {names_of(node.names)} in "
        lines.append(head + self.lay(node.values, line(indent, place.tail + 1).behind(head), Level.SUM))
        if node.condition is not None:
            text = self.lay(node.condition, line(indent, place.tail + 1).behind("if "), Level.CONDITION)
            lines.append(f"if {text}")
        return "[" + "".join("\n" + " " * indent + text for text in lines) + "]"

    def _broken_alternatives(self, node: syntax.ChooseAlternatives, place: LinePosition) -> str:
        """As the author broke them, else one to a line."""
        alternatives = node.alternatives
        indent = place.indent + STEP
        if any(self.flat.broken_between(left, right) for left, right in pairwise(alternatives)):
            text = self._broken_parts(self.flat.parts(node), line(indent + STEP), indent)
        else:
            places = [line(indent + STEP), *[line(indent).behind("| ")] * (len(alternatives) - 1)]
            text = f"\n{' ' * indent}| ".join(map(self.lay, alternatives, places))
        return "choose {\n" + " " * (indent + STEP) + text + "\n" + " " * place.indent + "}"

    def _verbatim(self, node: Expression, place: LinePosition) -> str:
        """An expression as the author wrote it, its further lines shifted to the indentation of this place."""
        self.flat.remarks.printed.update(self.flat.remarks.inside(node.span))
        first, *others = node.span.text.split("\n")
        closed = others[-1].strip()[0] in ")]}"
        margin = min(_indentation(other) for other in others if other.strip())
        shift = place.indent + (0 if closed else STEP) - margin
        shifted = [" " * (_indentation(other) + shift) + other.strip() for other in others]
        return "\n".join(line.rstrip() for line in (first, *shifted))


def _tail(following: Sequence[TextPiece], last: int) -> int:
    """The number of characters that follow a piece on its line, up to and with an opening bracket.

    Where the pieces end on that line, `last` is added.
    """
    match following:
        case []:
            return last
        case [str(text), *others]:
            return len(text) + (isinstance(others[0], Body) if others else last)
    return 1


def _is_bracket(item: BracketItem) -> bool:
    """Whether an item can be broken after its own bracket, on the line where it begins."""
    if isinstance(item, Argument):
        item = item.value if item.name is None else syntax.Name("", span=item.span)
    return isinstance(item, syntax.List | syntax.Comprehension | syntax.ChooseAlternatives | syntax.ChooseOver)


def _indentation(text: str) -> int:
    blank = text[: len(text) - len(text.lstrip())]
    return len(blank.expandtabs(4))
