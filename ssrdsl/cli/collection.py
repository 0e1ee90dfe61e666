"""Garbage collection in commands that create many objects and drop few."""

from __future__ import annotations

import gc

import click


def pause_collection() -> None:
    """Disable garbage collection until the current command ends.

    The objects that exist then are not collected later either: the process ends soon, and visiting all takes long.
    """
    gc.disable()
    click.get_current_context().call_on_close(_resume)


def _resume() -> None:
    gc.freeze()
    gc.enable()
