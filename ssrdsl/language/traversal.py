"""Walking over syntax trees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from ssrdsl.language import syntax


def nodes(value: Any) -> Iterator[syntax.Node]:
    """A node and all nodes below it, from the outside in; also for a tuple of nodes."""
    pending = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, tuple):
            pending.extend(reversed(current))
        elif isinstance(current, syntax.Node):
            yield current
            pending.extend(getattr(current, item.name) for item in reversed(fields(current)) if item.compare)
