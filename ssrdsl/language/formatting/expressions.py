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
from ssrdsl.language.formatting.flat import LEADING, FlatExpressions, FlatItem, OperandPart, domain_head
from ssrdsl.language.formatting.place import STEP, LinePosition, line
from ssrdsl.language.formatting.precedence import Level
from ssrdsl.language.formatting.rows import Row, begins_table, row_of, table
from ssrdsl.language.syntax import Argument, Domain, Expression, Node, Suite


@dataclass(slots=True)
class Expressions:
    """Prints expressions; `suite` prints the bodies inside them over several lines, given their indentation."""

    flat: FlatExpressions
    suite: Callable[[Suite, int], str]

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
            case syntax.Tuple(items=items):
                return self.lay_items("(", items, ")", place, node.span.start)
            case syntax.List(items=items):
                return self.lay_items("[", items, "]", place, node.span.start)
            case syntax.Set(items=items):
                return self.lay_items("{", items, "}", place, node.span.start)
            case syntax.Comprehension():
                return self._broken_comprehension(node, place)
            case syntax.Call(function=function, arguments=arguments):
                head = self.lay(function, place.with_tail(1), Level.POSTFIX)
                return head + self.lay_items("(", arguments, ")", place.behind(head), function.span.end)
            case syntax.Index(value=value, index=index):
                head = self.lay(value, place.with_tail(1), Level.POSTFIX) + "["
                return head + self.lay(index, place.behind(head).with_tail(place.tail + 1)) + "]"
            case syntax.Attribute(value=value, name=name):
                return self.lay(value, place.with_tail(place.tail + 1 + len(name)), Level.POSTFIX) + f".{name}"
            case syntax.Negation(operand=operand):
                return "-" + self.lay(operand, place.behind("-"), Level.FACTOR)
            case syntax.Range(start=start, stop=stop, step=step):
                return self._broken_range(start, stop, step, place)
            case syntax.ChooseAlternatives(alternatives=alternatives):
                return self._broken_alternatives(alternatives, place)
            case syntax.ChooseOver(domains=domains, body=body):
                return self._broken_choose(domains, body, place)
        if isinstance(node, syntax.Number | syntax.String | syntax.Boolean | syntax.Name):
            return self.flat.flat(node) or ""
        return self._broken_parts(self.flat.parts(node), place, place.hang)

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

    def _align(self, items: Sequence[FlatItem], rows: Sequence[Row | None], place: LinePosition) -> None:
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

    def lay_items(self, left: str, items: Sequence[FlatItem], right: str, place: LinePosition, opened: int) -> str:
        """A bracket with its parts: one to a line, or the last one alone broken where that is a bracket itself."""
        if not items:
            return left + right
        flat = [self.flat.flat_item(item) for item in items[:-1]]
        if None not in flat and _is_bracket(items[-1]) and not self.flat.opens_line(opened, items[0]):
            head = left + "".join(f"{text}, " for text in flat)
            if place.with_tail(STEP).fits(head):
                return head + self.lay_item(items[-1], place.behind(head).with_tail(place.tail + 1)) + right
        indent = place.indent + STEP
        tails = [1] * (len(items) - 1) + [place.tail + 1]
        if self.flat.opens_line(opened, items[0]):
            self._align(items, [row_of(item, self.flat) for item in items], line(indent, place.tail + 1))
        lines = [self.lay_item(item, line(indent, tail)) for item, tail in zip(items, tails, strict=True)]
        return left + "\n" + ",\n".join(" " * indent + text for text in lines) + right

    def lay_item(self, item: FlatItem, place: LinePosition) -> str:
        """An argument, a parameter or the element of a list, from a place on."""
        match item:
            case syntax.Argument(value=value, name=name):
                head = "" if name is None else f"{name}="
                return head + self.lay(value, place.behind(head))
            case syntax.Parameter(name=name, default=default):
                return name if default is None else f"{name}={self.lay(default, place.behind(name + '='))}"
        return self.lay(item, place)

    def _broken_comprehension(self, node: syntax.Comprehension, place: LinePosition) -> str:
        indent = place.indent + STEP
        names = ", ".join(name.name for name in node.names)
        lines = [self.lay(node.element, line(indent))]
        head = f"for {names} in "
        lines.append(head + self.lay(node.values, line(indent, place.tail + 1).behind(head), Level.SUM))
        if node.condition is not None:
            text = self.lay(node.condition, line(indent, place.tail + 1).behind("if "), Level.CONDITION)
            lines.append(f"if {text}")
        return "[" + "".join("\n" + " " * indent + text for text in lines) + "]"

    def _broken_range(
        self, start: Expression, stop: Expression | None, step: Expression | None, place: LinePosition
    ) -> str:
        text = self.lay(start, place.with_tail(2), Level.SUM) + ".."
        if stop is not None:
            text += self.lay(stop, place.behind(text), Level.SUM)
        if step is not None:
            text += " step "
            text += self.lay(step, place.behind(text), Level.SUM)
        return text

    def _broken_alternatives(self, alternatives: Sequence[Expression], place: LinePosition) -> str:
        """As the author broke them, else one to a line."""
        indent = place.indent + STEP
        if any(self.flat.broken_between(left, right) for left, right in pairwise(alternatives)):
            parts = [("|", alternative, Level.EXPRESSION) for alternative in alternatives]
            text = self._broken_parts(parts, line(indent + STEP), indent)
        else:
            places = [line(indent + STEP), *[line(indent).behind("| ")] * (len(alternatives) - 1)]
            text = f"\n{' ' * indent}| ".join(map(self.lay, alternatives, places))
        return "choose {\n" + " " * (indent + STEP) + text + "\n" + " " * place.indent + "}"

    def _broken_choose(self, domains: Sequence[Domain], body: Suite, place: LinePosition) -> str:
        text = "choose "
        for number, domain in enumerate(domains):
            text += ", " * (number > 0) + domain_head(domain)
            text += self.lay(domain.values, place.behind(text).with_tail(2), Level.SUM)
        flat = self.flat.suite(body)
        if flat is not None and place.behind(text + " ").fits(flat):
            return f"{text} {flat}"
        return f"{text} {self.suite(body, place.indent)}"

    def _verbatim(self, node: Expression, place: LinePosition) -> str:
        """An expression as the author wrote it, its further lines shifted to the indentation of this place."""
        self.flat.remarks.printed.update(self.flat.remarks.inside(node.span))
        first, *others = node.span.text.split("\n")
        closed = others[-1].strip()[0] in ")]}"
        margin = min(_indentation(other) for other in others if other.strip())
        shift = place.indent + (0 if closed else STEP) - margin
        shifted = [" " * (_indentation(other) + shift) + other.strip() for other in others]
        return "\n".join(line.rstrip() for line in (first, *shifted))


def _is_bracket(item: FlatItem) -> bool:
    """Whether an item can be broken after its own bracket, on the line where it begins."""
    if isinstance(item, Argument):
        item = item.value if item.name is None else syntax.Name("", span=item.span)
    return isinstance(item, syntax.List | syntax.Comprehension | syntax.ChooseAlternatives | syntax.ChooseOver)


def _indentation(text: str) -> int:
    blank = text[: len(text) - len(text.lstrip())]
    return len(blank.expandtabs(4))
