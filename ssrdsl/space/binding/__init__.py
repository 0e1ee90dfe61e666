"""Binding: the meaning of every name of a file, from its text only, before anything is evaluated."""

from ssrdsl.space.binding.files import Reader, read_source
from ssrdsl.space.binding.modules import Declaration, Module, Modules

__all__ = ["Declaration", "Module", "Modules", "Reader", "read_source"]
