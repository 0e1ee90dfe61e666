"""Print pieces: on one line if they fit, on several lines otherwise.

Continuation lines of pipes begin with `->`, those of alternatives with `|`, those of conditionals with `else`; other
operators end a line. The parts of a broken call or list are printed one per line, with the closing bracket after the
last. Newlines of the source before `->`, `|` and `else` are kept, and a newline after an opening bracket, which then
is broken. Similar lines may be aligned as a table (`columns`). An expression that contains comments is not changed
except for its indentation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, groupby

from ssrdsl.language import syntax
from ssrdsl.language.formatting.columns import Row, begins_table, row_of, table
from ssrdsl.language.formatting.comments import Comments
from ssrdsl.language.formatting.pieces import (
    LEADING,
    Alternatives,
    Body,
    Bracket,
    BracketItem,
    Line,
    OperandPart,
    Operands,
    SubExpression,
    TextPiece,
    pieces,
    pieces_of,
)
from ssrdsl.language.formatting.place import STEP, LinePosition, line
from ssrdsl.language.formatting.precedence import in_parentheses
from ssrdsl.language.syntax import Argument, Node


@dataclass(slots=True)
class Printer:
    """Print pieces.

    `flat_body` prints a body on one line, or returns None; `body` prints it on several lines, given the indentation.
    """

    comments: Comments
    flat_body: Callable[[Node], str | None]
    body: Callable[[Node, int], str]
    _known: dict[int, str | None] = field(default_factory=dict)

    # On one line

    def flat(self, pieces: Iterable[TextPiece]) -> str | None:
        """Pieces on one line; None if one of them needs several lines."""
        text = ""
        for piece in pieces:
            flat = self._flat(piece)
            if flat is None:
                return None
            text += flat
        return text

    def _flat(self, piece: TextPiece) -> str | None:
        match piece:
            case SubExpression(node, level):
                text = self._flat_expression(node)
                return f"({text})" if text is not None and in_parentheses(node, level) else text
            case Line(flat, kept):
                return None if kept else flat
            case Bracket(left, items, right, opens_line):
                texts = [None if opens_line else self.flat(pieces_of(item)) for item in items]
                return None if None in texts else left + ", ".join(text or "" for text in texts) + right
            case Operands(operands, blank):
                signs = ["", *(f"{blank}{sign}{blank}" for sign, _, _ in operands[1:])]
                written = zip(signs, (operand.expression for operand in operands), strict=True)
                return None if any(operand.kept for operand in operands) else self.flat(chain.from_iterable(written))
            case Alternatives(operands):
                return self.flat(["{ ", operands, " }"])
            case Body(node):
                return self.flat_body(node)
        return piece

    def _flat_expression(self, node: syntax.Expression) -> str | None:
        if id(node) not in self._known:
            self._known[id(node)] = None if self.comments.inside(node.span) else self.flat(pieces(node))
        return self._known[id(node)]

    # On several lines

    def lay_all(self, pieces: Sequence[TextPiece], place: LinePosition) -> str:
        """Pieces in sequence from a position; those that do not fit are broken."""
        text, deeper = "", place.indent + STEP
        for number, piece in enumerate(pieces, start=1):
            if isinstance(piece, Line):
                text += "\n" + " " * deeper
                place = replace(place, indent=deeper)
            else:
                text += self.lay(piece, place.after(text).with_tail(_tail(pieces[number:], place.tail)))
        return text

    def lay(self, piece: TextPiece, place: LinePosition) -> str:
        """A piece from a position: on one line if possible, otherwise on several."""
        flat = self._flat(piece)
        if flat is not None and (isinstance(piece, str) or place.fits(flat)):
            return flat
        match piece:
            case SubExpression(node, level):
                if self.comments.between_parts(node.span):
                    return self._verbatim(node, place)
                if in_parentheses(node, level):
                    inner = LinePosition(place.column + 1, place.indent, place.tail + 1)
                    return f"({self.lay_all(pieces(node), inner)})"
                return self.lay_all(pieces(node), place)
            case Bracket():
                return self._lay_bracket(piece, place)
            case Operands(operands):
                return self._lay_operands(operands, place, place.continuation)
            case Alternatives(Operands(operands)):
                return self._lay_alternatives(operands, place)
            case Body(node):
                return self.body(node, place.indent)
        raise TypeError(type(piece).__name__)

    def _lay_operands(self, operands: Sequence[OperandPart], place: LinePosition, continuation: int) -> str:
        """Operands in sequence; lines are broken where the source does, and before operands that do not fit."""
        self._align_stages(operands, line(continuation + len("-> "), place.tail))
        tails = [*map(self._tail_before, operands[1:]), place.tail]
        text = self.lay(operands[0].expression, place.with_tail(tails[0]))
        for operand, tail in zip(operands[1:], tails[1:], strict=True):
            leading = f"{operand.sign} " if operand.sign in LEADING else ""
            here = place.after(text).with_tail(tail)
            if self._breaks_before(operand, here, line(continuation + len(leading), tail)):
                text += ("" if leading else f" {operand.sign}") + "\n" + " " * continuation + leading
                place = replace(place, indent=continuation)
            else:
                text += f" {operand.sign} "
            text += self.lay(operand.expression, place.after(text).with_tail(tail))
        return text

    def _breaks_before(self, operand: OperandPart, here: LinePosition, fresh: LinePosition) -> bool:
        """Whether an operand begins a line; `here` is the position after the previous one, `fresh` on a new line."""
        flat = self._flat(operand.expression)
        if operand.kept or flat is None or operand.sign == "if":
            return operand.kept
        return not here.fits(f" {operand.sign} {flat}") and fresh.fits(flat)

    def _tail_before(self, operand: OperandPart) -> int:
        """The number of characters printed at the end of the previous line: an operator, or `if` and its condition."""
        if operand.sign == "if":
            return len(f" if {self._flat(operand.expression) or ''}")
        return 0 if operand.sign in LEADING else len(operand.sign) + 1

    def _align_stages(self, operands: Sequence[OperandPart], place: LinePosition) -> None:
        """Align the parts of adjacent stages in columns if each stage is on a separate line."""
        if operands[-1].sign != "->":
            return
        kept = [*(operand.kept for operand in operands), True]
        stages = [operand.expression.node for operand in operands]
        rows = [row_of(stage, self.flat) for stage in stages]
        start = 0
        for kind, run in groupby(rows, key=lambda row: row and row.kind):
            stop = start + len(list(run))
            if kind is not None and all(kept[start : stop + 1]):
                self._align(stages[start:stop], rows[start:stop], place)
            start = stop

    def _align(self, items: Sequence[BracketItem], rows: Sequence[Row | None], place: LinePosition) -> None:
        """Align the parts of lines in columns if the author aligned one, they are of the same kind, and they fit."""
        found = [row for row in rows if row is not None]
        if len(found) < len(rows) or len({row.kind for row in found}) > 1 or not any(map(begins_table, items)):
            return
        lines = table(found)
        if all(map(place.fits, lines)):
            self._known.update((id(item), text) for item, text in zip(items, lines, strict=True))

    def _lay_bracket(self, bracket: Bracket, place: LinePosition) -> str:
        """A bracket with its items: one per line, or, if the last item is a bracket, only that one broken."""
        if not bracket.items:
            return bracket.left + bracket.right
        *items, last = map(pieces_of, bracket.items)
        flat = [self.flat(item) for item in items]
        if None not in flat and _is_bracket(bracket.items[-1]) and not bracket.opens_line:
            head = bracket.left + "".join(f"{text}, " for text in flat)
            if place.with_tail(STEP).fits(head):
                return head + self.lay_all(last, place.after(head).with_tail(place.tail + 1)) + bracket.right
        indent = place.indent + STEP
        if bracket.opens_line:
            rows = [row_of(item, self.flat) for item in bracket.items]
            self._align(bracket.items, rows, line(indent, place.tail + 1))
        lines = [self.lay_all(item, line(indent, 1)) for item in items]
        lines.append(self.lay_all(last, line(indent, place.tail + 1)))
        return bracket.left + "\n" + ",\n".join(" " * indent + text for text in lines) + bracket.right

    def _lay_alternatives(self, operands: Sequence[OperandPart], place: LinePosition) -> str:
        """Alternatives, with the line breaks of the source if there are any, otherwise one per line."""
        indent = place.indent + STEP
        if any(operand.kept for operand in operands):
            text = self._lay_operands(operands, line(indent + STEP), indent)
        else:
            places = [line(indent + STEP), *[line(indent).after("| ")] * (len(operands) - 1)]
            texts = (self.lay(operand.expression, here) for operand, here in zip(operands, places, strict=True))
            text = f"\n{' ' * indent}| ".join(texts)
        return "{\n" + " " * (indent + STEP) + text + "\n" + " " * place.indent + "}"

    def _verbatim(self, node: Node, place: LinePosition) -> str:
        """An expression as in the source, with its further lines moved to the indentation of this position."""
        self.comments.printed.update(self.comments.inside(node.span))
        first, *others = node.span.text.split("\n")
        closed = others[-1].strip()[0] in ")]}"
        margin = min(_indentation(other) for other in others if other.strip())
        shift = place.indent + (0 if closed else STEP) - margin
        shifted = [" " * (_indentation(other) + shift) + other.strip() for other in others]
        return "\n".join(line.rstrip() for line in (first, *shifted))


def _tail(following: Sequence[TextPiece], last: int) -> int:
    """The number of characters that follow a piece on its line, up to and including an opening bracket.

    If the pieces end on that line, `last` is added.
    """
    match following:
        case []:
            return last
        case [str(text), *others]:
            return len(text) + (isinstance(others[0], Body) if others else last)
        case [Line(), "if ", *_]:
            return last + 1  # as if the list ended before its condition
        case [Line(), *_]:
            return 0
    return 1


def _is_bracket(item: BracketItem) -> bool:
    """Whether an item can be broken after its opening bracket."""
    if isinstance(item, Argument):
        item = item.value if item.name is None else syntax.Name("", span=item.span)
    return isinstance(item, syntax.List | syntax.Comprehension | syntax.ChooseAlternatives | syntax.ChooseOver)


def _indentation(text: str) -> int:
    blank = text[: len(text) - len(text.lstrip())]
    return len(blank.expandtabs(4))
