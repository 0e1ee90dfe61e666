"""The space graph, and its analyses without building a network."""

from ssrdsl.space.graph import Graph
from ssrdsl.space.program import Program, open_source, open_space

__all__ = ["Graph", "Program", "open_source", "open_space"]
