"""Name binding: the meaning of each name of a file, determined from the syntax tree before evaluation."""

from ssrdsl.space.binding.files import Reader, read_source
from ssrdsl.space.binding.modules import Declaration, Module, Modules

__all__ = ["Declaration", "Module", "Modules", "Reader", "read_source"]
