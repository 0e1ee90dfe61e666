"""`ssrdsl show`: the graph of a space as a picture, or as a tree in the terminal."""

from __future__ import annotations

from pathlib import Path

import click

from ssrdsl.cli.options import PATH, read_overrides, set_option

PICTURE = ".svg"


@click.command()
@click.argument("file", type=PATH)
@click.option("-o", "--out", type=PATH, metavar="SVG", help="Write an SVG picture.")
@click.option("--architecture", type=PATH, metavar="FILE", help="Draw one architecture of the space.")
@set_option
@click.option("--unfold", is_flag=True, help="Expand all blocks and options (without -o).")
def show(file: Path, out: Path | None, architecture: Path | None, settings: tuple[str, ...], unfold: bool) -> None:
    """Draw the graph of the space in FILE, with its blocks, decisions and tensor shapes.

    Without -o, print it as a tree.

    \b
    ssrdsl show spaces/realtime.ssr
    ssrdsl show spaces/realtime.ssr -o space.svg
    """
    from ssrdsl.cli.opening import open_with
    from ssrdsl.errors import UserError
    from ssrdsl.space.architecture import apply
    from ssrdsl.space.prove import prove

    if out is not None and out.suffix != PICTURE:
        raise UserError(f"{out} does not end in {PICTURE}", f"use {out.with_suffix(PICTURE)}")
    program, named = open_with(file, read_overrides(settings), architecture)
    prove(program.graph).raise_errors()
    graph = program.graph if named is None else apply(program.graph, named)
    if out is None:
        from ssrdsl.cli.console import stdout_console
        from ssrdsl.cli.tree import space_tree

        stdout_console().print(space_tree(program, graph, unfold=unfold))
        return
    from ssrdsl.cli.paths import refuse_foreign
    from ssrdsl.cli.printing import echo
    from ssrdsl.files import write_atomically
    from ssrdsl.report.picture import space_svg

    refuse_foreign(out, "<svg ")
    write_atomically(out, space_svg(graph))
    echo(f"{out} written")
