"""Print statements and bodies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ssrdsl.language import syntax
from ssrdsl.language.formatting.columns import StatementHead, paddings
from ssrdsl.language.formatting.comments import Comment, Comments, body_start
from ssrdsl.language.formatting.pieces import TextPiece, is_one_liner, pieces, pieces_of
from ssrdsl.language.formatting.place import STEP, line
from ssrdsl.language.formatting.printer import Printer
from ssrdsl.language.syntax import Node


@dataclass(slots=True)
class Statements:
    """Print the statements of a file; each comment is printed once."""

    comments: Comments
    printer: Printer = field(init=False)

    def __post_init__(self) -> None:
        self.printer = Printer(self.comments, self.flat_body, self.body)

    def file(self, tree: syntax.File) -> str:
        """The whole file, with a newline at the end."""
        lines = self._lines(tree, 0)
        return "\n".join(lines) + "\n" if lines else ""

    # Bodies

    def flat_body(self, node: Node) -> str | None:
        """A body on one line; None if it has several statements, comments, or newlines in the source."""
        entries, source = _entries(node), self.comments.source.text
        if len(entries) > 1 or self.comments.inside(node.span) or "\n" in source[body_start(node) : node.span.end]:
            return None
        if not entries:
            return "{}"
        text = self.printer.flat(pieces_of(entries[0]))
        return None if text is None else f"{{ {text} }}"

    def body(self, node: Node, indent: int) -> str:
        """A body in braces on several lines; a comment after the opening brace is kept there."""
        opening = "{"
        for comment in self.comments.of_body(node)[:1]:
            if not self.comments.source.text[body_start(node) + 1 : comment.span.start].strip(" \t"):
                self.comments.printed.add(comment)
                opening += f"  {comment.text}"
        lines = self._lines(node, indent + STEP)
        return "\n".join([opening, *lines, " " * indent + "}"])

    def _lines(self, body: Node, indent: int) -> list[str]:
        """The lines of the statements and comments of a body."""
        placed = self._parts(body)
        parts = [part for part, _ in placed]
        apart = [number == 0 or self._gap(parts[number - 1], parts[number]) for number in range(len(parts))]
        headings = [self._heading(part) if isinstance(part, Node) else None for part in parts]
        # A comment inside a statement may be moved above it.
        split = [gap or bool(self._inside(part)) for gap, part in zip(apart, parts, strict=True)]
        lines: list[str] = []
        tall = True
        for number, ((part, trailing), padding) in enumerate(zip(placed, paddings(headings, split), strict=True)):
            written = self._part(part, trailing, indent, padding)
            before, tall = tall, _is_tall(part, written[-1])
            # At file level, definitions of several lines are surrounded by empty lines.
            alone = isinstance(body, syntax.File) and not isinstance(parts[number - 1], Comment) and (before or tall)
            if number and (apart[number] or alone):
                lines.append("")
            lines += written
        return lines

    def _parts(self, body: Node) -> list[tuple[Node | Comment, list[Comment]]]:
        """Statements, each with the comments at the end of its last line, and comments on separate lines."""
        comments = (comment for comment in self.comments.of_body(body) if comment not in self.comments.printed)
        every: list[Node | Comment] = [*_entries(body), *comments]
        parts: list[tuple[Node | Comment, list[Comment]]] = []
        trailing, end = list[Comment](), -1
        for part in sorted(every, key=lambda part: part.span.start):
            if isinstance(part, Node):
                trailing, end = [], part.span.end
                parts.append((part, trailing))
            elif end < 0 or "\n" in self.comments.source.text[end : part.span.start]:
                parts.append((part, []))
            elif part.span.start >= end:
                trailing.append(part)
        return parts

    def _part(self, part: Node | Comment, trailing: list[Comment], indent: int, padding: int) -> list[str]:
        blank = " " * indent
        if isinstance(part, Comment):
            self.comments.printed.add(part)
            return [blank + part.text]
        text = blank + self.statement(part, indent, padding)
        stranded = [comment for comment in self._inside(part) if comment not in self.comments.printed]
        self.comments.printed.update(stranded, trailing)
        return [*(blank + comment.text for comment in stranded), "  ".join([text, *(r.text for r in trailing)])]

    def _inside(self, part: Node | Comment) -> list[Comment]:
        return self.comments.inside(part.span) if isinstance(part, Node) else []

    def _gap(self, before: Node | Comment, after: Node | Comment) -> bool:
        """Whether the source has an empty line between two parts."""
        between = self.comments.source.text[before.span.end : after.span.start]
        return "\n\n" in between.replace(" ", "").replace("\t", "")

    # Statements

    def statement(self, node: Node, indent: int, padding: int = 0) -> str:
        """A statement without its indentation; `padding` spaces are added before its `=` or `:`."""
        written, place = pieces_of(node, padding), line(indent)
        flat = self.printer.flat(written)
        if flat is not None and place.fits(flat):
            return flat
        if isinstance(node, syntax.Use | syntax.Input):
            return self._laid_list(node, written, indent)
        # The `=` of a block is aligned only if the layer is on the same line.
        return self.printer.lay_all(pieces_of(node) if isinstance(node, syntax.Block) else written, place)

    def _laid_list(self, node: syntax.Use | syntax.Input, written: Sequence[TextPiece], indent: int) -> str:
        """A statement with commas: each rebinding begins a line, each extent follows on the line if it fits."""
        text = ""
        for number, piece in enumerate(written, start=1):
            if piece == ", ":
                flat = self.printer.flat(written[number : number + 1])
                here, fresh = line(indent, 1).after(text + ", "), line(indent + STEP, 1)
                breaks = flat is not None and not here.fits(flat) and fresh.fits(flat)
                text += f",\n{' ' * (indent + STEP)}" if breaks or isinstance(node, syntax.Use) else ", "
            else:
                text += self.printer.lay(piece, line(indent, 1).after(text))
        return text

    # Columns

    def _heading(self, node: Node) -> StatementHead | None:
        """The part of a statement before its `=` or `:`; None if that is not aligned."""
        match node:
            case syntax.Binding(names=names, tied=tied, value=value):
                kind: tuple[object, ...] = ("binding", len(names), tied)
            case syntax.Output(auxiliary=True, value=value) | syntax.Setting(value=value):
                kind = (type(node),)
            case syntax.Block(tied=tied, inputs=inputs, body=value) if is_one_liner(node):
                kind = ("block", tied, bool(inputs))
            case _:
                return None
        written = pieces(node)
        if isinstance(node, syntax.Block) and not self.printer.flat(written):
            return None
        return StatementHead(self.printer.flat(written[:-2]) or "", kind, self._is_padded(node, value))

    def _is_padded(self, node: Node, value: Node) -> bool:
        """Whether the source has more than one space before the `=` or after the `:` of a statement."""
        head = self.comments.source.text[node.span.start : value.span.start]
        place = r":[ \t]{2,}$" if isinstance(node, syntax.Output) else r"[ \t]{2,}=[ \t]*$"
        return re.search(place, head) is not None


def _entries(node: Node) -> list[Node]:
    """The statements of a body, and its value if it has one."""
    match node:
        case syntax.File(items=entries) | syntax.Search(settings=entries):
            return [*entries]
        case syntax.Suite(statements=statements, value=value):
            return [*statements] if value is None else [*statements, value]
    raise TypeError(type(node).__name__)


def _is_tall(part: Node | Comment, written: str) -> bool:
    return isinstance(part, syntax.Block | syntax.Space | syntax.Search) and "\n" in written
