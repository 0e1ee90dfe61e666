"""`ssrdsl explain`: explain an error code."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import indent

import click


def _codes(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """Codes for shell completion."""
    from ssrdsl.language.explanations import codes

    return [code for code in codes() if code.startswith(begun.upper())]


@click.command()
@click.argument("code", required=False, shell_complete=_codes)
def explain(code: str | None) -> None:
    """Explain the error CODE with a wrong and a right example. Without CODE, list all codes.

    \b
    ssrdsl explain E0203
    ssrdsl explain
    """
    from ssrdsl.errors import UserError
    from ssrdsl.language.explanations import codes, explanation

    if code is None:
        for known in codes():
            click.echo(f"{known}  {explanation(known).title}")
        return
    if code.upper() not in codes():
        raise UserError(f"unknown error code `{code}`", _nearest(code, codes()))
    found = explanation(code.upper())
    repeated = f" (repeated {found.times:,} times)" if found.times > 1 else ""
    click.echo(f"{found.code}: {found.title}\n\n{found.text}\n")
    wrong, right = (indent(text.rstrip("\n"), "    ") for text in (found.wrong, found.right))
    click.echo(f"wrong{repeated}:\n\n{wrong}\n\nright:\n\n{right}")


def _nearest(code: str, known: Sequence[str]) -> str:
    """A hint for an unknown code: the code with the same number, if any."""
    digits = code.upper().removeprefix("E")
    meant = f"E{int(digits):04}" if digits.isdecimal() and len(digits) <= 4 else ""
    return f"did you mean `{meant}`?" if meant in known else "run `ssrdsl explain` to list all codes"
