"""The commands of `ssrdsl`, listed without importing them."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module

import click

from ssrdsl import __version__

# Name and one line of help, in the order in which a user meets them. `compile` is in ssrdsl/cli/compile.py, and so on.
COMMANDS: dict[str, str] = {
    "compile": "Check a space; print its decisions, size and cost.",
    "check": "Say what is wrong with files, and nothing else.",
    "fmt": "Bring files into the one style of the language.",
    "explain": "Say what the code of a diagnostic means.",
    "new": "Write a commented space to start from.",
    "show": "Draw the graph of a space.",
    "sample": "Draw random architectures of a space.",
    "operators": "List operators, functions and the prelude's blocks.",
    "search": "Search a space for a network on a data set.",
    "emit": "Write one network of a space as a plain PyTorch file.",
    "train": "Train an emitted network.",
    "evaluate": "Score an emitted network and its weights.",
    "predict": "Predict the classes of images.",
    "report": "Write the page of a search.",
    "lsp": "Start the language server for editors.",
}


class LazyGroup(click.Group):
    """A group that imports a command's module only when that command is called or asked for help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imports and returns a command, or None where there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"ssrdsl.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As in click, but an unknown command is told with the nearest known one."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            near = get_close_matches(name, COMMANDS, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            ctx.fail(f"No such command '{name}'.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the table of commands from their one-line helps."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(name="ssrdsl", cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ssrdsl")
def ssrdsl() -> None:
    """Describe a space of segmentation networks in a file, search it, get one plain PyTorch file."""
