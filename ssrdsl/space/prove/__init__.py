"""Proof: every architecture of a space is sound, or the mistake is told with an architecture that shows it."""

from ssrdsl.space.prove.proof import prove

__all__ = ["prove"]
