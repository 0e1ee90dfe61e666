"""Names that nothing binds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import Diagnostic, Label, suggest
from ssrdsl.space.binding.foreign import FOREIGN
from ssrdsl.space.binding.modules import Module

AUTOMATIC = "auto"
"""How an automatic value is written: `conv(8, 3, padding=auto)`."""
HELP = 'define it before, or import it: `use std` for the prelude, `use "blocks.ssr"` for a file'


def unknown(name: syntax.Name, known: Iterable[str]) -> Diagnostic:
    """The error of a name that stands for nothing, where others are known."""
    help = FOREIGN.get(name.name) or suggest(name.name, known) or HELP
    return Diagnostic("E0301", f"`{name.name}` is not defined", Label(name.span), help=help)


def unknown_names(module: Module) -> Iterator[Diagnostic]:
    """The errors of all names of a file that nothing binds, also in blocks that are not used."""
    known = module.names.visible(module.file.span.end) if module.names.unknown else {}
    return (unknown(name, known) for name in module.names.unknown if name.name != AUTOMATIC)
