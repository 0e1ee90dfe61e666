"""Properties of operators for the supernet, beyond their definitions: their effect on channels and sums."""

from __future__ import annotations

from typing import Final

KEEPS_ZERO: Final = frozenset(
    {
        *("relu", "relu6", "leaky_relu", "prelu", "elu", "gelu", "swish", "hswish", "tanh"),
        *("maxpool", "maxpool_indices", "unpool", "avgpool", "adaptive_avgpool", "adaptive_maxpool"),
        *("resize", "pixel_shuffle", "pad", "crop", "shift"),
        *("dropout", "dropout2d", "identity", "zero", "zeros", "mul"),
    }
)
"""Operators that keep zero channels zero; all others are followed by a mask."""

LINEAR_BY_CHANNEL: Final = frozenset({"resize", "avgpool", "adaptive_avgpool", "pad", "crop", "shift"})
"""Operators without state that commute with sums and with scales of channels."""

RANDOM: Final = frozenset({"dropout", "dropout2d"})
"""Operators that draw random numbers in training."""
