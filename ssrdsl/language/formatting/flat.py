"""Expressions on one line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ssrdsl.language import syntax
from ssrdsl.language.formatting.joining import separated, whole
from ssrdsl.language.formatting.precedence import Level, level_of
from ssrdsl.language.formatting.remarks import Remarks
from ssrdsl.language.syntax import Argument, Domain, Expression, Node, Parameter, Suite

FlatItem = Expression | Argument | Parameter
OperandPart = tuple[str, Expression, Level]
"""An operand: the operator before it, the operand, and the level that it has to have."""

LEADING = frozenset(["->", "|", "else"])
"""The signs that begin a line, where a line is broken; others end one."""


@dataclass(slots=True)
class FlatExpressions:
    """Writes expressions on one line, if they can be; `suite` does so for the bodies inside them."""

    remarks: Remarks
    groups: frozenset[tuple[int, int]]
    suite: Callable[[Suite], str | None]
    known: dict[int, str | None] = field(default_factory=dict)

    def flat(self, node: Expression, level: Level = Level.EXPRESSION) -> str | None:
        """An expression on one line, in parentheses where they are needed or stood; None where it has to be broken."""
        if id(node) not in self.known:
            self.known[id(node)] = None if self.remarks.inside(node.span) else self._flat(node)
        text = self.known[id(node)]
        return f"({text})" if text is not None and self.in_parentheses(node, level) else text

    def in_parentheses(self, node: Expression, level: Level) -> bool:
        """Whether an expression is in parentheses where this level is wanted: it has to, or did."""
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
                return None if self.opens_line(node.span.start, node.element) else whole("[", *self._clauses(node), "]")
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
                return whole("choose ", self._flat_domains(domains), " ", self.suite(body))
        return self._flat_parts(self.parts(node))

    def _flat_parts(self, parts: Sequence[OperandPart]) -> str | None:
        """Operands with their operators between them; None where the author broke the line at one that leads it."""
        text = self.flat(parts[0][1], parts[0][2])
        for (_, left, _), (sign, right, level) in pairwise(parts):
            if sign in LEADING and self.broken_between(left, right):
                return None
            text = whole(text, f" {sign} ", self.flat(right, level))
        return text

    def flat_items(self, left: str, items: Sequence[FlatItem], right: str, opened: int) -> str | None:
        """A bracket and its parts on one line; `opened` is an offset no later than that of the bracket."""
        if items and self.opens_line(opened, items[0]):
            return None
        texts = [self.flat_item(item) for item in items]
        return whole(left, separated(texts), right)

    def flat_item(self, item: FlatItem) -> str | None:
        """An argument, a parameter or the element of a list, on one line."""
        match item:
            case syntax.Argument(value=value, name=name):
                return whole("" if name is None else f"{name}=", self.flat(value))
            case syntax.Parameter(name=name, default=default):
                return name if default is None else whole(f"{name}=", self.flat(default))
        return self.flat(item)

    def _clauses(self, node: syntax.Comprehension) -> list[str | None]:
        """The element of a list over names, and after it the clauses with a blank before each."""
        names = ", ".join(name.name for name in node.names)
        clauses = [self.flat(node.element), whole(f" for {names} in ", self.flat(node.values, Level.SUM))]
        if node.condition is not None:
            clauses.append(whole(" if ", self.flat(node.condition, Level.CONDITION)))
        return clauses

    def _flat_domains(self, domains: Sequence[Domain]) -> str | None:
        return separated(whole(domain_head(domain), self.flat(domain.values, Level.SUM)) for domain in domains)

    def parts(self, node: Expression) -> list[OperandPart]:
        """The operands of a pipe, a condition or a sum."""
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
                ungrouped = level_of(left) == level and not self.in_parentheses(left, level)
                before = self.parts(left) if ungrouped else [("", left, level)]
                return [*before, (operator, right, Level(level + 1))]
        raise TypeError(type(node).__name__)

    def broken_between(self, left: Node, right: Node) -> bool:
        """Whether the author broke the line between two operands."""
        return "\n" in self.remarks.source.text[left.span.end : right.span.start]

    def opens_line(self, opened: int, first: Node) -> bool:
        """Whether the author broke the line between a bracket and the first part after it."""
        return "\n" in self.remarks.source.text[opened : first.span.start]


def domain_head(domain: Domain) -> str:
    """`names in `, of a `choose`."""
    return ", ".join(name.name for name in domain.names) + " in "
