"""A report as a single HTML file: headings, facts, tables, pictures."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from string import Template

from ssrdsl.report.markup import escaped


@dataclass(slots=True)
class Page:
    """A page, built from top to bottom; `html()` returns it."""

    title: str
    lead: str = ""
    parts: list[str] = field(default_factory=list)

    def heading(self, text: str, note: str = "") -> None:
        """Add a heading."""
        self.parts.append(f"<h2>{escaped(text)}</h2>")
        if note:
            self.note(note)

    def note(self, text: str) -> None:
        """Add a note in small print."""
        self.parts.append(f'<p class="note">{escaped(text)}</p>')

    def facts(self, facts: Mapping[str, str]) -> None:
        """Add figures with their names below."""
        cells = "".join(
            f"<div><b>{escaped(value)}</b><span>{escaped(name)}</span></div>" for name, value in facts.items()
        )
        self.parts.append(f'<div class="facts">{cells}</div>')

    def table(self, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Add a table; the first column has the names of the rows."""
        head = "".join(f"<th>{escaped(cell)}</th>" for cell in header)
        body = "".join("<tr>" + "".join(f"<td>{escaped(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        self.parts.append(f"<table><tr>{head}</tr>{body}</table>")

    def code(self, text: str) -> None:
        """Add a text in a code block."""
        self.parts.append(f"<pre>{escaped(text.expandtabs(4))}</pre>")

    def figure(self, *figures: tuple[str, str]) -> None:
        """Add pictures with captions, side by side if there are two: SVG texts or `image` results."""
        captioned = [(picture, f"<figcaption>{escaped(caption)}</figcaption>") for picture, caption in figures]
        made = [f"<figure>{picture}{caption}</figure>" for picture, caption in captioned]
        self.parts.append(made[0] if len(made) == 1 else f'<div class="pair">{"".join(made)}</div>')

    def html(self) -> str:
        """The page."""
        template = Template((resources.files("ssrdsl.report") / "page.html").read_text(encoding="utf-8"))
        lead = f'<p class="lead">{escaped(self.lead)}</p>' if self.lead else ""
        body = "\n".join([f"<h1>{escaped(self.title)}</h1>", lead, *self.parts])
        return template.substitute(title=escaped(self.title), body=body)


def image(png: bytes, description: str) -> str:
    """A PNG picture as an element with embedded data."""
    return f'<img alt="{escaped(description, quote=True)}" src="data:image/png;base64,{b64encode(png).decode()}">'
