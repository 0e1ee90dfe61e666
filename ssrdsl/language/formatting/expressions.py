"""Expressions on the page: on one line where they fit, else broken in the language's style.

Broken pipes begin their lines with `->`, alternatives with `|`, conditionals with `else`; other operators end a line.
The parts of a call or a list then stand one to a line, and the closing bracket behind the last. Some line breaks of the
author stay: those before `->`, `|` and `else`, and one behind an opening bracket, which keeps its parts apart. An
expression with comments inside stays as it is, shifted to its indentation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ssrdsl.language import syntax
from ssrdsl.language.formatting.joining import separated, whole
from ssrdsl.language.formatting.place import STEP, Place, line
from ssrdsl.language.formatting.precedence import Level, level_of
from ssrdsl.language.formatting.remarks import Remarks
from ssrdsl.language.syntax import Argument, Domain, Expression, Node, Suite

Item = Expression | Argument | syntax.Parameter
SuitePrinter = Callable[[Suite, int], str]


@dataclass(slots=True)
class Expressions:
    """Prints expressions; `suites` prints the bodies inside them, from the opening to the closing brace."""

    remarks: Remarks
    groups: frozenset[tuple[int, int]]
    flat_suite: Callable[[Suite], str | None]
    broken_suite: SuitePrinter
    known: dict[int, str | None] = field(default_factory=dict)

    # On one line

    def flat(self, node: Expression, level: Level = Level.EXPRESSION) -> str | None:
        """An expression on one line, in parentheses where they are needed or stood; None where it has to be broken."""
        if id(node) not in self.known:
            self.known[id(node)] = None if self.remarks.inside(node.span) else self._flat(node)
        text = self.known[id(node)]
        return f"({text})" if text is not None and self._in_parentheses(node, level) else text

    def _in_parentheses(self, node: Expression, level: Level) -> bool:
        return level_of(node) < level or (node.span.start, node.span.end) in self.groups

    def _flat(self, node: Expression) -> str | None:
        match node:
            case syntax.Arithmetic("/", syntax.Number() as upper, syntax.Number() as lower):
                return whole(self.flat(upper), "/", self.flat(lower))
            case syntax.Number(text=spelling) | syntax.Name(name=spelling):
                return spelling
            case syntax.String(value=value):
                return f'"{value}"'
            case syntax.Boolean(value=truth):
                return "true" if truth else "false"
            case syntax.Tuple(items=items):
                return self.flat_items("(", items, ")", node.span.start)
            case syntax.List(items=items):
                return self.flat_items("[", items, "]", node.span.start)
            case syntax.Set(items=items):
                return self.flat_items("{", items, "}", node.span.start)
            case syntax.Comprehension():
                return (
                    None if self._opens_line(node.span.start, node.element) else whole("[", *self._clauses(node), "]")
                )
            case syntax.Call(function=function, arguments=arguments):
                bracket = self.flat_items("(", arguments, ")", function.span.end)
                return whole(self.flat(function, Level.POSTFIX), bracket)
            case syntax.Index(value=value, index=index):
                return whole(self.flat(value, Level.POSTFIX), "[", self.flat(index), "]")
            case syntax.Attribute(value=value, name=name):
                return whole(self.flat(value, Level.POSTFIX), f".{name}")
            case syntax.Negation(operand=operand):
                return whole("-", self.flat(operand, Level.FACTOR))
            case syntax.Range(start=start, stop=stop, step=step):
                last = "" if stop is None else self.flat(stop, Level.SUM)
                by = "" if step is None else whole(" step ", self.flat(step, Level.SUM))
                return whole(self.flat(start, Level.SUM), "..", last, by)
            case syntax.ChooseAlternatives(alternatives=alternatives):
                text = self._flat_parts([("|", alternative, Level.EXPRESSION) for alternative in alternatives])
                return whole("choose { ", text, " }")
            case syntax.ChooseOver(domains=domains, body=body):
                return whole("choose ", self._flat_domains(domains), " ", self.flat_suite(body))
        return self._flat_parts(self._parts(node))

    def _flat_parts(self, parts: Sequence[tuple[str, Expression, Level]]) -> str | None:
        """Operands with their operators between them; None where the author broke the line at one that leads it."""
        text = self.flat(parts[0][1], parts[0][2])
        for (_, left, _), (sign, right, level) in pairwise(parts):
            if sign in _LEADING and self._broken_between(left, right):
                return None
            text = whole(text, f" {sign} ", self.flat(right, level))
        return text

    def flat_items(self, left: str, items: Sequence[Item], right: str, opened: int) -> str | None:
        """A bracket and its parts on one line; `opened` is an offset no later than that of the bracket."""
        if items and self._opens_line(opened, items[0]):
            return None
        texts = [self.flat_item(item) for item in items]
        return whole(left, separated(texts), right)

    def flat_item(self, item: Item) -> str | None:
        """An argument, a parameter or the element of a list, on one line."""
        match item:
            case syntax.Argument(value=value, name=name):
                return whole("" if name is None else f"{name}=", self.flat(value))
            case syntax.Parameter(name=name, default=default):
                return name if default is None else whole(f"{name}=", self.flat(default))
        return self.flat(item)

    def _clauses(self, node: syntax.Comprehension) -> list[str | None]:
        """The element of a list over names, and behind it the clauses with a blank before each."""
        names = ", ".join(name.name for name in node.names)
        clauses = [self.flat(node.element), whole(f" for {names} in ", self.flat(node.values, Level.SUM))]
        if node.condition is not None:
            clauses.append(whole(" if ", self.flat(node.condition, Level.CONDITION)))
        return clauses

    def _flat_domains(self, domains: Sequence[Domain]) -> str | None:
        return separated(whole(_domain_head(domain), self.flat(domain.values, Level.SUM)) for domain in domains)

    def _parts(self, node: Expression) -> list[tuple[str, Expression, Level]]:
        """The operands of a pipe, a condition or a sum: the operator before each, and the level it has to have."""
        match node:
            case syntax.Pipe(stages=stages):
                return [("->", stage, Level.CONDITION) for stage in stages]
            case syntax.Junction(operator=operator, operands=operands):
                level = Level.CONJUNCTION if operator == "or" else Level.RELATION
                return [(operator, operand, level) for operand in operands]
            case syntax.Comparison(operands=operands, operators=operators):
                return [(sign, operand, Level.SUM) for sign, operand in zip(("", *operators), operands, strict=True)]
            case syntax.Conditional(then=then, condition=condition, otherwise=otherwise):
                return [
                    ("", then, Level.PIPE),
                    ("if", condition, Level.CONDITION),
                    ("else", otherwise, Level.EXPRESSION),
                ]
            case syntax.Arithmetic(operator=operator, left=left, right=right):
                level = level_of(node)
                ungrouped = level_of(left) == level and not self._in_parentheses(left, level)
                before = self._parts(left) if ungrouped else [("", left, level)]
                return [*before, (operator, right, Level(level + 1))]
        raise TypeError(type(node).__name__)

    # On several lines

    def lay(self, node: Expression, place: Place, level: Level = Level.EXPRESSION) -> str:
        """An expression from a place on: on one line where it fits and may be, else on several."""
        text = self.flat(node, level)
        if text is not None and place.fits(text):
            return text
        if self.remarks.between_parts(node.span):
            return self._verbatim(node, place)
        if self._in_parentheses(node, level):
            return f"({self._broken(node, Place(place.column + 1, place.indent, place.tail + 1))})"
        return self._broken(node, place)

    def _broken(self, node: Expression, place: Place) -> str:
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
            return self.flat(node) or ""
        return self._broken_parts(self._parts(node), place, place.hang)

    def _broken_parts(self, parts: Sequence[tuple[str, Expression, Level]], place: Place, hang: int) -> str:
        """Operands one behind the other; a new line where the author had one, or where the next one does not fit."""
        start = place
        text = self.lay(parts[0][1], place.with_tail(self._tail(parts, 0, place.tail)), parts[0][2])
        for number, (sign, operand, level) in enumerate(parts[1:], start=1):
            here = start.behind(text).with_tail(self._tail(parts, number, start.tail))
            fresh = line(hang, here.tail)
            leading = f"{sign} " if sign in _LEADING else ""
            text += self._separator(parts[number - 1][1], operand, sign, self.flat(operand, level), here, fresh)
            if text.endswith("\n"):
                text += " " * hang + leading
                start = Place(start.column, hang, start.tail)
            here = start.behind(text).with_tail(here.tail)
            text += self.lay(operand, here, level)
        return text

    def _separator(self, left: Node, right: Node, sign: str, flat: str | None, here: Place, fresh: Place) -> str:
        """What stands between two operands: the sign between blanks, or a newline in the place that its kind has."""
        breaking = "\n" if sign in _LEADING else f" {sign}\n"
        if sign in _LEADING and self._broken_between(left, right):
            return breaking
        if flat is None or sign == "if":
            return f" {sign} "
        ahead = f"{sign} " if sign in _LEADING else ""
        if not here.fits(f" {sign} {flat}") and fresh.fits(ahead + flat):
            return breaking
        return f" {sign} "

    def _tail(self, parts: Sequence[tuple[str, Expression, Level]], number: int, last: int) -> int:
        """What must follow an operand on its line: a sign that ends the line, or an `if` with its condition."""
        if number == len(parts) - 1:
            return last
        sign, operand, level = parts[number + 1]
        if sign == "if":
            return len(f" if {self.flat(operand, level) or ''}")
        return 0 if sign in _LEADING else len(sign) + 1

    def lay_items(self, left: str, items: Sequence[Item], right: str, place: Place, opened: int) -> str:
        """A bracket with its parts: one to a line, or the last one alone broken where that is a bracket itself."""
        if not items:
            return left + right
        flat = [self.flat_item(item) for item in items[:-1]]
        if None not in flat and _is_bracket(items[-1]) and not self._opens_line(opened, items[0]):
            head = left + "".join(f"{text}, " for text in flat)
            if place.with_tail(STEP).fits(head):
                return head + self.lay_item(items[-1], place.behind(head).with_tail(place.tail + 1)) + right
        indent = place.indent + STEP
        tails = [1] * (len(items) - 1) + [place.tail + 1]
        lines = [self.lay_item(item, line(indent, tail)) for item, tail in zip(items, tails, strict=True)]
        return left + "\n" + ",\n".join(" " * indent + text for text in lines) + right

    def lay_item(self, item: Item, place: Place) -> str:
        """An argument, a parameter or the element of a list, from a place on."""
        match item:
            case syntax.Argument(value=value, name=name):
                head = "" if name is None else f"{name}="
                return head + self.lay(value, place.behind(head))
            case syntax.Parameter(name=name, default=default):
                return name if default is None else f"{name}={self.lay(default, place.behind(name + '='))}"
        return self.lay(item, place)

    def _broken_comprehension(self, node: syntax.Comprehension, place: Place) -> str:
        indent = place.indent + STEP
        names = ", ".join(name.name for name in node.names)
        lines = [self.lay(node.element, line(indent))]
        head = f"for {names} in "
        lines.append(head + self.lay(node.values, line(indent, place.tail + 1).behind(head), Level.SUM))
        if node.condition is not None:
            text = self.lay(node.condition, line(indent, place.tail + 1).behind("if "), Level.CONDITION)
            lines.append(f"if {text}")
        return "[" + "".join("\n" + " " * indent + text for text in lines) + "]"

    def _broken_range(self, start: Expression, stop: Expression | None, step: Expression | None, place: Place) -> str:
        text = self.lay(start, place.with_tail(2), Level.SUM) + ".."
        if stop is not None:
            text += self.lay(stop, place.behind(text), Level.SUM)
        if step is not None:
            text += " step "
            text += self.lay(step, place.behind(text), Level.SUM)
        return text

    def _broken_alternatives(self, alternatives: Sequence[Expression], place: Place) -> str:
        indent = place.indent + STEP
        parts = [("|", alternative, Level.EXPRESSION) for alternative in alternatives]
        text = self._broken_parts(parts, line(indent + STEP), indent)
        return "choose {\n" + " " * (indent + STEP) + text + "\n" + " " * place.indent + "}"

    def _broken_choose(self, domains: Sequence[Domain], body: Suite, place: Place) -> str:
        text = "choose "
        for number, domain in enumerate(domains):
            text += ", " * (number > 0) + _domain_head(domain)
            text += self.lay(domain.values, place.behind(text).with_tail(2), Level.SUM)
        flat = self.flat_suite(body)
        if flat is not None and place.behind(text + " ").fits(flat):
            return f"{text} {flat}"
        return f"{text} {self.broken_suite(body, place.indent)}"

    # What the author wrote

    def _broken_between(self, left: Node, right: Node) -> bool:
        return "\n" in self.remarks.source.text[left.span.end : right.span.start]

    def _opens_line(self, opened: int, first: Node) -> bool:
        """Whether the author broke the line between a bracket and the first part behind it."""
        return "\n" in self.remarks.source.text[opened : first.span.start]

    def _verbatim(self, node: Expression, place: Place) -> str:
        """An expression as the author wrote it, its further lines shifted to the indentation of this place."""
        self.remarks.printed.update(self.remarks.inside(node.span))
        first, *others = node.span.text.split("\n")
        closed = others[-1].strip()[0] in ")]}"
        margin = min(_indentation(other) for other in others if other.strip())
        shift = place.indent + (0 if closed else STEP) - margin
        shifted = [" " * (_indentation(other) + shift) + other.strip() for other in others]
        return "\n".join(line.rstrip() for line in (first, *shifted))


_LEADING = frozenset(["->", "|", "else"])


def _domain_head(domain: Domain) -> str:
    return ", ".join(name.name for name in domain.names) + " in "


def _is_bracket(item: Item) -> bool:
    """Whether an item can be broken behind its own bracket, on the line where it begins."""
    if isinstance(item, Argument):
        item = item.value if item.name is None else syntax.Name("", span=item.span)
    return isinstance(item, syntax.List | syntax.Comprehension | syntax.ChooseAlternatives | syntax.ChooseOver)


def _indentation(text: str) -> int:
    blank = text[: len(text) - len(text.lstrip())]
    return len(blank.expandtabs(4))
