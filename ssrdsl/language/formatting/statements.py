"""Statements and bodies on the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ssrdsl.language import syntax
from ssrdsl.language.formatting.columns import StatementHead, paddings
from ssrdsl.language.formatting.expressions import Expressions
from ssrdsl.language.formatting.flat import FlatExpressions
from ssrdsl.language.formatting.heads import head_of, is_one_liner, name_end, names_of
from ssrdsl.language.formatting.joining import separated, whole
from ssrdsl.language.formatting.place import LIMIT, STEP, LinePosition, line
from ssrdsl.language.formatting.precedence import Level
from ssrdsl.language.formatting.remarks import Remark, Remarks, body_start
from ssrdsl.language.source import Span
from ssrdsl.language.syntax import Node, Suite


@dataclass(slots=True)
class Statements:
    """Prints what a file consists of; every comment of the file is printed once."""

    remarks: Remarks
    groups: frozenset[tuple[int, int]]
    flat: FlatExpressions = field(init=False)
    expressions: Expressions = field(init=False)

    def __post_init__(self) -> None:
        self.flat = FlatExpressions(self.remarks, self.groups, self.flat_suite)
        self.expressions = Expressions(self.flat, self.suite)

    def file(self, tree: syntax.File) -> str:
        """The whole file, its last line ended."""
        lines = self._body(tree, list(tree.items), 0)
        return "\n".join(lines) + "\n" if lines else ""

    # Bodies

    def suite(self, suite: Suite, indent: int) -> str:
        """A body from its opening to its closing brace, its statements indented by two."""
        return self._braces(suite, _entries(suite), indent)

    def flat_suite(self, suite: Suite) -> str | None:
        """A body on one line, where the author wrote it so and it has no more than one statement."""
        return self._flat_braces(suite, _entries(suite))

    def _flat_braces(self, body: Node, entries: Sequence[Node]) -> str | None:
        source = self.remarks.source.text
        if len(entries) > 1 or self.remarks.inside(body.span) or "\n" in source[body_start(body) : body.span.end]:
            return None
        if not entries:
            return "{}"
        text = self._flat(entries[0])
        return None if text is None else f"{{ {text} }}"

    def _braces(self, body: Node, entries: Sequence[Node], indent: int) -> str:
        """A body in braces over several lines; a comment after the opening brace stays there."""
        opening = "{"
        for remark in self.remarks.of_body(body)[:1]:
            if not self.remarks.source.text[body_start(body) + 1 : remark.start].strip(" \t"):
                self.remarks.printed.add(remark)
                opening += f"  {remark.text}"
        lines = self._body(body, entries, indent + STEP)
        return "\n".join([opening, *lines, " " * indent + "}"])

    def _body(self, body: Node, entries: Sequence[Node], indent: int) -> list[str]:
        """The lines of statements and of the comments between and after them."""
        remarks = [remark for remark in self.remarks.of_body(body) if remark not in self.remarks.printed]
        pieces = self._pieces(entries, remarks)
        apart = [number == 0 or self._gap(pieces[number - 1], pieces[number]) for number in range(len(pieces))]
        headings = [self._heading(piece) if isinstance(piece, Node) else None for piece in pieces]
        # A comment inside a statement may come to be above it.
        split = [gap or bool(self._inside(piece)) for gap, piece in zip(apart, pieces, strict=True)]
        lines: list[str] = []
        tall = True
        for number, (piece, padding) in enumerate(zip(pieces, paddings(headings, split), strict=True)):
            written = self._piece(piece, indent, padding, body)
            before, tall = tall, _is_tall(piece, written[-1])
            # At the margin, definitions over several lines have an empty line around them.
            alone = isinstance(body, syntax.File) and not isinstance(pieces[number - 1], Remark) and (before or tall)
            if number and (apart[number] or alone):
                lines.append("")
            lines += written
        return lines

    def _pieces(self, entries: Sequence[Node], remarks: list[Remark]) -> list[Node | Remark]:
        """Statements, and the comments that are on lines of their own, in order; other comments belong to a piece."""
        alone = [remark for remark in remarks if not any(self._belongs(remark, entry) for entry in entries)]
        return sorted([*entries, *alone], key=_start)

    def _belongs(self, remark: Remark, entry: Node) -> bool:
        """Whether a comment lies in a statement or after it on its last line."""
        between = self.remarks.source.text[entry.span.end : remark.start]
        return entry.span.start <= remark.start and (remark.start < entry.span.end or "\n" not in between)

    def _piece(self, piece: Node | Remark, indent: int, padding: int, body: Node) -> list[str]:
        blank = " " * indent
        if isinstance(piece, Remark):
            self.remarks.printed.add(piece)
            return [blank + piece.text]
        text = blank + self.statement(piece, indent, padding)
        stranded = [remark for remark in self._inside(piece) if remark not in self.remarks.printed]
        trailing = [remark for remark in self._behind(piece, body) if remark not in self.remarks.printed]
        self.remarks.printed.update(stranded, trailing)
        return [*(blank + remark.text for remark in stranded), "  ".join([text, *(r.text for r in trailing)])]

    def _inside(self, piece: Node | Remark) -> list[Remark]:
        return self.remarks.inside(piece.span) if isinstance(piece, Node) else []

    def _behind(self, piece: Node, body: Node) -> list[Remark]:
        """The comment after a statement of a body on its last line, unless the body ends before."""
        text = self.remarks.source.text
        end = text.find("\n", piece.span.end)
        rest = Span(piece.span.source, piece.span.end, len(text) if end < 0 else end)
        return [remark for remark in self.remarks.inside(rest) if remark.body == body_start(body)]

    def _gap(self, before: Node | Remark, behind: Node | Remark) -> bool:
        """Whether the author left an empty line between two pieces."""
        between = self.remarks.source.text[_end(before) : _start(behind)]
        return "\n\n" in between.replace(" ", "").replace("\t", "")

    # Statements

    def _flat(self, node: Node) -> str | None:
        """A statement on one line."""
        match node:
            case syntax.Binding() | syntax.Output() | syntax.Auxiliary() | syntax.Setting():
                return whole(head_of(node), self.flat.flat(node.value))
            case syntax.Require(condition=condition):
                return whole("require ", self.flat.flat(condition, Level.CONDITION))
            case syntax.Input(extents=extents):
                return whole(head_of(node), separated([self.flat.flat(e, Level.SUM) for e in extents]))
            case syntax.For(names=names, values=values, body=body):
                over = self.flat.flat(values, Level.SUM)
                return whole(f"for {names_of(names)} in ", over, " ", self.flat_suite(body))
            case syntax.Block():
                head = self._flat_block_head(node)
                if is_one_liner(node):
                    value = None if self._breaks_behind_sign(node) else node.body.value
                    return whole(head, " = ", None if value is None else self.flat.flat(value))
                return whole(head, " ", self.flat_suite(node.body))
            case syntax.Use(rebindings=rebindings):
                texts = [whole(f"{r.name} = ", self.flat.flat(r.value)) for r in rebindings]
                return whole(head_of(node), separated(texts))
            case syntax.Space(parameters=parameters, statements=statements):
                head = whole(head_of(node), self._flat_parameters(parameters, node.span.start))
                return whole(head, " ", self._flat_braces(node, statements))
            case syntax.Search(settings=settings):
                return whole("search ", self._flat_braces(node, settings))
        return self.flat.flat(node)  # type: ignore[arg-type]

    def statement(self, node: Node, indent: int, padding: int = 0) -> str:
        """A statement from its indentation on; `padding` blanks are before its sign."""
        flat = self._flat(node)
        if flat is not None and len(flat) + indent + padding <= LIMIT:
            return flat if not padding else self._padded(node, flat, padding)
        match node:
            case syntax.Binding() | syntax.Output() | syntax.Auxiliary() | syntax.Setting():
                head = self._padded(node, head_of(node), padding)
                return head + self.expressions.lay(node.value, line(indent).behind(head))
            case syntax.Require(condition=condition):
                return "require " + self.expressions.lay(condition, line(indent).behind("require "), Level.CONDITION)
            case syntax.Input(extents=extents):
                return self._laid_list(head_of(node), [(extent, Level.SUM) for extent in extents], indent)
            case syntax.For(names=names, values=values, body=body):
                head = f"for {names_of(names)} in "
                head += self.expressions.lay(values, line(indent, 2).behind(head), Level.SUM)
                return self._with_suite(head, body, indent)
            case syntax.Block():
                return self._block(node, indent)
            case syntax.Use():
                return self._use(node, indent)
            case syntax.Space(parameters=parameters, statements=statements):
                head = self._with_parameters(head_of(node), parameters, line(indent, STEP), node.span.start)
                return f"{head} {self._braces(node, statements, indent)}"
            case syntax.Search(settings=settings):
                return f"search {self._braces(node, settings, indent)}"
        return self.expressions.lay(node, line(indent))  # type: ignore[arg-type]

    def _with_suite(self, head: str, body: Suite, indent: int) -> str:
        flat = self.flat_suite(body)
        if flat is not None and line(indent).behind(head + " ").fits(flat):
            return f"{head} {flat}"
        return f"{head} {self.suite(body, indent)}"

    def _block(self, node: syntax.Block, indent: int) -> str:
        inputs = f" of {names_of(node.inputs)}" if node.inputs else ""
        head = self._with_parameters(head_of(node), node.parameters, line(indent, len(inputs) + STEP), name_end(node))
        head += inputs
        if not is_one_liner(node):
            return self._with_suite(head, node.body, indent)
        value = node.body.value
        assert value is not None
        if self._stays_behind_sign(value) and not self._breaks_behind_sign(node):
            return f"{head} = {self.expressions.lay(value, line(indent).behind(head + ' = '))}"
        return f"{head} =\n{' ' * (indent + STEP)}{self.expressions.lay(value, line(indent + STEP))}"

    def _stays_behind_sign(self, value: syntax.Expression) -> bool:
        """Whether a block's layer begins on the line of the head: a `choose`, or a call that ends in a list or so."""
        last = value.arguments[-1].value if isinstance(value, syntax.Call) and value.arguments else value
        brackets = syntax.ChooseAlternatives | syntax.ChooseOver
        return isinstance(last, brackets if last is value else brackets | syntax.List | syntax.Comprehension)

    def _breaks_behind_sign(self, node: syntax.Block) -> bool:
        """Whether the author began the layer of a block on a line of its own."""
        head = self.remarks.source.text[node.span.start : node.body.span.start]
        return "\n" in head[len(head.rstrip()) :]

    def _use(self, node: syntax.Use, indent: int) -> str:
        text = head_of(node)
        for number, rebinding in enumerate(node.rebindings):
            text += (",\n" + " " * (indent + STEP)) * (number > 0) + f"{rebinding.name} = "
            text += self.expressions.lay(rebinding.value, line(indent, 1).behind(text))
        return text

    def _laid_list(self, head: str, values: Sequence[tuple[syntax.Expression, Level]], indent: int) -> str:
        """Values with commas between them, each on the line where it fits."""
        text = head
        for number, (value, level) in enumerate(values):
            flat = self.flat.flat(value, level)
            here, fresh = line(indent, 1).behind(text + ", "), line(indent + STEP, 1)
            breaks = flat is not None and not here.fits(flat) and fresh.fits(flat)
            text += "" if not number else ",\n" + " " * (indent + STEP) if breaks else ", "
            text += self.expressions.lay(value, line(indent, 1).behind(text), level)
        return text

    def _flat_block_head(self, node: syntax.Block) -> str | None:
        parameters = self._flat_parameters(node.parameters, name_end(node))
        return whole(head_of(node), parameters, f" of {names_of(node.inputs)}" if node.inputs else "")

    def _flat_parameters(self, parameters: Sequence[syntax.Parameter], start: int) -> str | None:
        return self.flat.flat_items("(", parameters, ")", start) if parameters else ""

    def _with_parameters(
        self, head: str, parameters: Sequence[syntax.Parameter], place: LinePosition, start: int
    ) -> str:
        """The first words of a block or space from a place on, and after them its parameters."""
        flat = self._flat_parameters(parameters, start)
        place = place.behind(head)
        if flat is not None and place.fits(flat):
            return head + flat
        return head + self.expressions.lay_items("(", parameters, ")", place, start)

    # Columns

    def _heading(self, node: Node) -> StatementHead | None:
        """What of a statement is before the sign that may be set below that of its neighbours."""
        match node:
            case syntax.Binding(names=names, tied=tied, value=value):
                return StatementHead(head_of(node), ("binding", len(names), tied), self._is_padded(node, value))
            case syntax.Auxiliary(value=value):
                return StatementHead(head_of(node), ("auxiliary",), self._is_padded(node, value))
            case syntax.Setting(value=value):
                return StatementHead(head_of(node), ("setting",), self._is_padded(node, value))
            case syntax.Block(tied=tied, inputs=inputs, body=body) if is_one_liner(node) and self._flat(node):
                kind = ("block", tied, bool(inputs))
                return StatementHead(self._flat_block_head(node) or "", kind, self._is_padded(node, body))
        return None

    def _is_padded(self, node: Node, value: Node) -> bool:
        """Whether the author put more than one blank before the sign of a statement, or after the colon."""
        head = self.remarks.source.text[node.span.start : value.span.start]
        place = r":[ \t]{2,}$" if isinstance(node, syntax.Auxiliary) else r"[ \t]{2,}=[ \t]*$"
        return re.search(place, head) is not None

    def _padded(self, node: Node, text: str, padding: int) -> str:
        """A statement's text with blanks before its sign, or after the colon of an auxiliary output."""
        head = (self._flat_block_head(node) or "") + " = " if isinstance(node, syntax.Block) else head_of(node)
        cut = len(head) if isinstance(node, syntax.Auxiliary) else len(head) - 2
        return text[:cut] + " " * padding + text[cut:]


def _entries(suite: Suite) -> list[Node]:
    """The statements of a body, and its value."""
    return [*suite.statements] if suite.value is None else [*suite.statements, suite.value]


def _is_tall(piece: Node | Remark, written: str) -> bool:
    return isinstance(piece, syntax.Block | syntax.Space | syntax.Search) and "\n" in written


def _start(piece: Node | Remark) -> int:
    return piece.span.start if isinstance(piece, Node) else piece.start


def _end(piece: Node | Remark) -> int:
    return piece.span.end if isinstance(piece, Node) else piece.end
