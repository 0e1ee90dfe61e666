"""Emission: the graph of one network becomes a Python file that reads as if written by hand.

Every block of the source becomes a class whose constructor takes what the block takes and what was decided inside it;
blocks of the prelude are written out where they stand. Nothing here needs torch.
"""

from ssrdsl.emission.file import Heading, emit
from ssrdsl.emission.model import parameter_names

__all__ = ["Heading", "emit", "parameter_names"]
