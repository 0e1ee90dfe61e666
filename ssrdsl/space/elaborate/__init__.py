"""Elaboration: from the syntax tree of a `.ssr` file to the space graph."""

from ssrdsl.space.elaborate.space import Elaborated, check_definitions, elaborate

__all__ = ["Elaborated", "check_definitions", "elaborate"]
