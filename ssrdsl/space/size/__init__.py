"""The exact size of a space."""

from ssrdsl.space.size.counting import architectures, configurations

__all__ = ["architectures", "configurations"]
