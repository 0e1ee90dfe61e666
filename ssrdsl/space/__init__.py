"""The space graph, and what can be said about it without building a network."""

from ssrdsl.space.graph import Graph
from ssrdsl.space.program import Program, open_source, open_space

__all__ = ["Graph", "Program", "open_source", "open_space"]
