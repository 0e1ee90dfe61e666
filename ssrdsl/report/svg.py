"""A small SVG writer: shapes with classes, and text with estimated width."""

from __future__ import annotations

from dataclasses import dataclass, field

from ssrdsl.report.markup import escaped
from ssrdsl.space.decisions import Dimension

COLOURS: dict[Dimension, str] = {
    Dimension.INPUT: "#57606a",
    Dimension.DEPTH: "#8250df",
    Dimension.TOPOLOGY: "#0a7f8c",
    Dimension.OPERATOR: "#0969da",
    Dimension.RESOLUTION: "#bc4c00",
    Dimension.DILATION: "#bf3989",
    Dimension.KERNEL: "#8a6500",
    Dimension.CHANNEL: "#1a7f37",
}
"""One colour for each dimension, dark enough for white text on it."""
_BRIGHT: dict[Dimension, str] = {
    Dimension.INPUT: "#b1bac4",
    Dimension.DEPTH: "#be8fff",
    Dimension.TOPOLOGY: "#56d4dd",
    Dimension.OPERATOR: "#79c0ff",
    Dimension.RESOLUTION: "#ffa657",
    Dimension.DILATION: "#ff9bce",
    Dimension.KERNEL: "#e3b341",
    Dimension.CHANNEL: "#56d364",
}
"""Colours of text on a dark background."""

FACES: dict[str, tuple[int, int]] = {
    "head": (19, 600),
    "title": (13, 600),
    "badge": (11, 600),
    "small": (11, 400),
    "label": (11, 400),
}
"""Size in pixels and weight of the classes of text in the sans-serif face; a `label` is a text at a line."""

_SANS = "ui-sans-serif,-apple-system,'Segoe UI',Inter,Roboto,'Helvetica Neue',Arial,sans-serif"
_MONO = "ui-monospace,'SF Mono',SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"

_FONTS = "\n".join(f".ssr-{kind}{{font:{weight} {size}px {_SANS}}}" for kind, (size, weight) in FACES.items())
_INKS = "".join(f".ssr-{d.value}{{fill:{colour};font-weight:700}}" for d, colour in COLOURS.items())
_BRIGHT_INKS = "".join(f".ssr-{d.value}{{fill:{colour}}}" for d, colour in _BRIGHT.items())
STYLE = f"""
.ssr-ground{{fill:#ffffff;stroke:#d0d7de}}
.ssr-card{{fill:#f6f8fa;stroke:#c4ccd5;stroke-width:1.2}}
.ssr-row{{fill:#ffffff;stroke:#d0d7de}}
{_FONTS}
.ssr-code{{font:11px {_MONO}}}
.ssr-head,.ssr-title,.ssr-code{{fill:#1f2328}}
.ssr-small,.ssr-label{{fill:#59636e}}
.ssr-label{{paint-order:stroke;stroke:#ffffff;stroke-width:4;stroke-linejoin:round}}
.ssr-badge{{fill:#ffffff}}
.ssr-line{{fill:none;stroke:#8c959f;stroke-width:1.5}}
.ssr-tip{{fill:#8c959f}}
.ssr-tint{{fill-opacity:.07;stroke-opacity:.75;stroke-width:1.3}}
{_INKS}
"""
_DARK = f"""@media (prefers-color-scheme:dark){{
.ssr-ground{{fill:#0d1117;stroke:#3d444d}}
.ssr-card{{fill:#161b22;stroke:#3d444d}}
.ssr-row{{fill:#21262d;stroke:#3d444d}}
.ssr-head,.ssr-title,.ssr-code{{fill:#f0f6fc}}
.ssr-small,.ssr-label{{fill:#9198a1}}
.ssr-label{{stroke:#0d1117}}
.ssr-tint{{fill-opacity:.16}}
{_BRIGHT_INKS}
}}
"""

CODE = 6.65
"""Width of a character of class `code`."""
_NARROW = set("ijlI.,:;|/!' ")
_SLIM = set("frt-()[]")
_WIDE = set("mwMW@%×+=<>…")
_BOLD = 1.13
_APART = 10


def code_width(text: str) -> float:
    """The width of a text of class `code`."""
    return CODE * len(text)


def text_width(text: str, kind: str) -> float:
    """The approximate width of a text of a class of `FACES` in DejaVu Sans, the widest of the possible fonts."""
    size, weight = FACES[kind]
    width = sum(0.34 if c in _NARROW else 0.42 if c in _SLIM else 0.9 if c in _WIDE else 0.64 for c in text)
    return size * width * (_BOLD if weight > 400 else 1)


def heading_width(text: str, kind: str, note: str) -> float:
    """The width of a heading, as `Drawing.heading` writes it."""
    return text_width(text, kind) + (_APART + text_width(note, "small") if note else 0)


def cut(text: str, limit: int) -> str:
    """A text, cut to at most this number of characters."""
    return text if len(text) <= limit else text[: limit - 1].rstrip(" ,(") + "…"


@dataclass(slots=True)
class Drawing:
    """Elements of a picture, in the order of drawing. Coordinates are pixels, y points down."""

    elements: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)

    def rect(self, x: float, y: float, width: float, height: float, kind: str, radius: float) -> None:
        """A rounded rectangle."""
        self._add(f'<rect class="ssr-{kind}" {_box(x, y, width, height)} rx="{_n(radius)}"/>')

    def coloured(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """A rounded rectangle filled with a colour."""
        self._add(f'<rect {_box(x, y, width, height)} rx="4" fill="{colour}"/>')

    def tinted(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """A frame in a colour, faintly filled with it."""
        self._add(f'<rect class="ssr-tint" {_box(x, y, width, height)} rx="8" fill="{colour}" stroke="{colour}"/>')

    def text(self, x: float, y: float, text: str, kind: str, anchor: str = "start") -> None:
        """A line of text; y is its base line."""
        self._add(_text(x, y, text, kind, anchor))

    def label(self, x: float, y: float, text: str, anchor: str = "middle") -> None:
        """A text at a line, drawn above everything else; it interrupts the lines that it crosses."""
        if text:
            self.labels.append(_text(x, y, text, "label", anchor))

    def heading(self, x: float, y: float, text: str, kind: str, note: str) -> None:
        """A text and a small note in one line."""
        spans = f'<tspan class="ssr-{kind}">{escaped(text)}</tspan>'
        if note:
            spans += f'<tspan class="ssr-small" dx="{_APART}">{escaped(note)}</tspan>'
        self._add(f'<text x="{_n(x)}" y="{_n(y)}">{spans}</text>')

    def words(self, x: float, y: float, pieces: list[tuple[str, Dimension | None]]) -> None:
        """A line of code in pieces, some of them in the colour of a dimension."""
        spans = "".join(
            escaped(text) if dimension is None else f'<tspan class="ssr-{dimension.value}">{escaped(text)}</tspan>'
            for text, dimension in pieces
        )
        self._add(f'<text class="ssr-code" xml:space="preserve" x="{_n(x)}" y="{_n(y)}">{spans}</text>')

    def dot(self, x: float, y: float, radius: float, colour: str | None = None) -> None:
        """A filled circle, in the colour of lines if no other is given."""
        paint = 'class="ssr-tip"' if colour is None else f'fill="{colour}"'
        self._add(f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" {paint}/>')

    def line(self, path: str) -> None:
        """A line along a path."""
        self._add(f'<path class="ssr-line" d="{path}"/>')

    def tip(self, x: float, y: float) -> None:
        """The tip of an arrow that points to the right."""
        self._add(f'<path class="ssr-tip" d="M{x - 8:.1f} {y - 4:.1f}l8 4l-8 4z"/>')

    def _add(self, element: str) -> None:
        self.elements.append(element)

    def svg(self, width: float, height: float, title: str, *, dark: bool = True) -> str:
        """The picture as text; with `dark`, it has dark colours if the viewer prefers them."""
        style = STYLE + (_DARK if dark else "")
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}" '
            f'height="{_n(height)}" role="img"><title>{escaped(title)}</title><style>{style}</style>\n'
            + "\n".join([*self.elements, *self.labels])
            + "\n</svg>\n"
        )


def _text(x: float, y: float, text: str, kind: str, anchor: str) -> str:
    where = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text class="ssr-{kind}" x="{_n(x)}" y="{_n(y)}"{where}>{escaped(text)}</text>'


def _box(x: float, y: float, width: float, height: float) -> str:
    return f'x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}"'


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
