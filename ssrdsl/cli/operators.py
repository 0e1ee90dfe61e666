"""`ssrdsl operators`: the primitive operators of the language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from dataclasses import Field

    from ssrdsl.operators import Operator


@click.command(short_help="List the operators of the language.")
@click.argument("name", required=False)
def operators(name: str | None) -> None:
    """List the primitive operators, those of installed packages included, or describe the operator NAME.

    \b
    ssrdsl operators
    ssrdsl operators deconv
    """
    from ssrdsl.operators import operators as known_operators

    known = known_operators()
    if name is None:
        _list(known)
    else:
        _describe(name, _find(name, known))


def _find(name: str, known: Mapping[str, type[Operator]]) -> type[Operator]:
    if name in known:
        return known[name]
    from ssrdsl.errors import UserError
    from ssrdsl.language.diagnostics import suggest

    raise UserError(f"there is no operator `{name}`", suggest(name, known) or "`ssrdsl operators` lists them")


def _list(known: Mapping[str, type[Operator]]) -> None:
    from rich.table import Table

    from ssrdsl.cli.console import stdout_console
    from ssrdsl.operators.writing import signature_text, summary

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(ratio=1, style="bold")
    table.add_column(ratio=1)
    for name, operator in known.items():
        table.add_row(signature_text(operator, name), summary(operator))
    stdout_console().print(table, markup=False)


def _describe(name: str, operator: type[Operator]) -> None:
    from rich.table import Table
    from rich.text import Text

    from ssrdsl.cli.console import stdout_console
    from ssrdsl.operators.writing import description, signature_text

    console = stdout_console()
    console.print(Text(signature_text(operator, name), style="bold"))
    console.print(description(operator), markup=False, soft_wrap=True)
    if not operator.signature():
        return
    table = Table(box=None, pad_edge=False)
    for column in ("attribute", "takes", "default", "a set decides"):
        table.add_column(column)
    for field in operator.signature():
        table.add_row(*_row(field))
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
