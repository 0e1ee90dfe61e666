"""`ssrdsl explain`: what the code of a diagnostic means."""

from __future__ import annotations

import click


@click.command(short_help="Say what the code of a diagnostic means.")
@click.argument("code", required=False)
def explain(code: str | None) -> None:
    """Say what the diagnostic CODE means, with an example of the mistake and one without it; or list all codes.

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
        raise UserError(f"there is no code `{code}`", "`ssrdsl explain` lists them")
    found = explanation(code.upper())
    repeated = f" ({found.times:,} times this)" if found.times > 1 else ""
    click.echo(f"{found.code}: {found.title}\n\n{found.text}\n")
    click.echo(f"wrong{repeated}:\n\n{_indented(found.wrong)}\nright:\n\n{_indented(found.right)}", nl=False)


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" if line else "\n" for line in text.splitlines())
