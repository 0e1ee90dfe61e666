"""A report as one HTML page that needs no other file: headings, facts, tables, pictures."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from string import Template

from ssrdsl.report.markup import escaped


@dataclass(slots=True)
class Page:
    """Grows from the top to the bottom; `html()` gives the whole."""

    title: str
    lead: str = ""
    parts: list[str] = field(default_factory=list)

    def heading(self, text: str, note: str = "") -> None:
        """Begins a section."""
        self.parts.append(f"<h2>{escaped(text)}</h2>")
        if note:
            self.note(note)

    def note(self, text: str) -> None:
        """A remark in small print."""
        self.parts.append(f'<p class="note">{escaped(text)}</p>')

    def facts(self, facts: Mapping[str, str]) -> None:
        """Figures with their names below."""
        cells = "".join(
            f"<div><b>{escaped(value)}</b><span>{escaped(name)}</span></div>" for name, value in facts.items()
        )
        self.parts.append(f'<div class="facts">{cells}</div>')

    def table(self, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A table; the first column names the rows."""
        head = "".join(f"<th>{escaped(cell)}</th>" for cell in header)
        body = "".join("<tr>" + "".join(f"<td>{escaped(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        self.parts.append(f"<table><tr>{head}</tr>{body}</table>")

    def code(self, text: str) -> None:
        """A text as it was written."""
        self.parts.append(f"<pre>{escaped(text.expandtabs(4))}</pre>")

    def figure(self, *figures: tuple[str, str]) -> None:
        """Pictures, each with a caption, side by side where there are two: SVG texts or `image` results."""
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
    """A PNG picture as an element that carries its own data."""
    return f'<img alt="{escaped(description, quote=True)}" src="data:image/png;base64,{b64encode(png).decode()}">'
