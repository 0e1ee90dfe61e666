"""`ssrdsl operators`: list primitive operators, functions, and the blocks of the prelude."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from dataclasses import Field

    from ssrdsl.language import syntax
    from ssrdsl.operators import Operator


def _names(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """Names for shell completion."""
    from ssrdsl.editor.words.signatures import FUNCTIONS
    from ssrdsl.operators import operators as known_operators

    return [name for name in (*known_operators(), *FUNCTIONS, *_prelude()) if name.startswith(begun)]


@click.command()
@click.argument("name", required=False, shell_complete=_names)
def operators(name: str | None) -> None:
    """List all operators, functions and blocks of the prelude (`use std`), or describe NAME.

    Operators of installed packages are included.

    \b
    ssrdsl operators
    ssrdsl operators deconv
    """
    from ssrdsl.editor.words.signatures import FUNCTIONS
    from ssrdsl.operators import operators as known_operators

    known, blocks = known_operators(), _prelude()
    if name is None:
        _list(known, FUNCTIONS, blocks)
    elif name in known:
        _describe(name, known[name])
    elif name in FUNCTIONS:
        _show(*FUNCTIONS[name])
    elif name in blocks:
        _show_block(blocks[name])
    else:
        from ssrdsl.errors import UserError
        from ssrdsl.language.diagnostics import suggest

        near = suggest(name, [*known, *FUNCTIONS, *blocks])
        raise UserError(f"unknown operator `{name}`", near or "run `ssrdsl operators` to list all operators")


def _prelude() -> dict[str, syntax.Block]:
    """The blocks of the prelude by name."""
    from ssrdsl.language import syntax
    from ssrdsl.space.binding.files import library_file

    return {item.name: item for item in library_file("std").items if isinstance(item, syntax.Block)}


def _list(
    known: Mapping[str, type[Operator]], functions: Mapping[str, tuple[str, str]], blocks: Mapping[str, syntax.Block]
) -> None:
    from rich.table import Column, Table

    from ssrdsl.cli.console import stdout_console
    from ssrdsl.operators.writing import signature_text, summary

    console = stdout_console()
    parts = {
        "Operators": [(signature_text(operator, name), summary(operator)) for name, operator in known.items()],
        "Functions": list(functions.values()),
        "Blocks of the prelude (`use std`)": [(_header(block), block.comment) for block in blocks.values()],
    }
    for place, (title, rows) in enumerate(parts.items()):
        columns = (Column(ratio=1, style="bold"), Column(ratio=1))
        table = Table(*columns, box=None, pad_edge=False, show_header=False, expand=True)
        for row in rows:
            table.add_row(*row)
        console.print("\n" * (place > 0) + title, style="dim", markup=False)
        console.print(table, markup=False)


def _header(block: syntax.Block) -> str:
    from ssrdsl.editor.words.signatures import header

    return header(block).removeprefix("block ")


def _show(signature: str, about: str) -> None:
    from rich.text import Text

    from ssrdsl.cli.console import stdout_console

    console = stdout_console()
    console.print(Text(signature, style="bold"))
    console.print(about, markup=False, soft_wrap=True)


def _show_block(block: syntax.Block) -> None:
    """Print the signature, the comment and the source of a block."""
    from textwrap import dedent

    _show(_header(block), block.comment)
    click.echo(f"\n{dedent(block.span.text)}")


def _describe(name: str, operator: type[Operator]) -> None:
    from rich.table import Table

    from ssrdsl.cli.console import stdout_console
    from ssrdsl.operators.writing import description, signature_text

    _show(signature_text(operator, name), description(operator))
    if not operator.signature():
        return
    table = Table("attribute", "takes", "default", "dimension of a set", box=None, pad_edge=False)
    for field in operator.signature():
        table.add_row(*_row(field))
    console = stdout_console()
    console.print()
    console.print(table, markup=False)


def _row(field: Field[Any]) -> tuple[str, str, str, str]:
    from dataclasses import MISSING

    from ssrdsl.operators.writing import written

    takes = field.metadata.get("takes")
    has_default = field.default is not MISSING and not field.metadata.get("alternative")
    return (
        field.name,
        "" if takes is None else takes.text,
        written(field.default) if has_default else "",
        field.metadata.get("dimension") or "",
    )
