"""The commands of `ssrdsl`, listed without importing them."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module

import click

from ssrdsl import __version__

# Name and summary, in the order of `ssrdsl --help`. `compile` is in ssrdsl/cli/compile.py, and so on.
COMMANDS: dict[str, str] = {
    "compile": "Check a space; print its decisions, size and cost.",
    "check": "Check .ssr files for errors.",
    "fmt": "Format .ssr files.",
    "explain": "Explain an error code.",
    "new": "Create a commented example space.",
    "show": "Draw the graph of a space.",
    "sample": "Sample random architectures of a space.",
    "operators": "List operators, functions and blocks.",
    "search": "Search a space for a network on a data set.",
    "emit": "Write one network of a space as a plain PyTorch file.",
    "train": "Train an emitted network.",
    "evaluate": "Score an emitted network and its weights.",
    "predict": "Predict the classes of images.",
    "report": "Create the HTML report of a search.",
    "study": "Compare searches with random networks of the same cost.",
    "rank": "Score architectures with the weights of a supernet.",
    "budget": "Compute how many epochs cost as much as a search.",
    "pick": "Keep the best of several trained networks.",
    "lsp": "Start the language server.",
}


class LazyGroup(click.Group):
    """A group that imports a command's module only when the command or its help is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command with its summary, or None if there is no command of this name."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"ssrdsl.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        command.short_help = COMMANDS[cmd_name]
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As in click, but suggest the closest command for an unknown name."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            near = get_close_matches(name, COMMANDS, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            ctx.fail(f"No such command '{name}'.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(name="ssrdsl", cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ssrdsl")
def ssrdsl() -> None:
    """Describe a search space of networks in a file, search it, and emit one plain PyTorch file."""
