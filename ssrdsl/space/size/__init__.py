"""How large a space is, exactly."""

from ssrdsl.space.size.counting import architectures, configurations

__all__ = ["architectures", "configurations"]
