"""Elaboration: from the syntax tree of a `.ssr` file to the space graph."""

from ssrdsl.space.elaborate.modules import Reader, read_source
from ssrdsl.space.elaborate.space import Elaborated, elaborate

__all__ = ["Elaborated", "Reader", "elaborate", "read_source"]
