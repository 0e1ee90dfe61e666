"""Proof: every architecture of a space is valid, or an error shows an architecture that is not."""

from ssrdsl.space.prove.proof import prove

__all__ = ["prove"]
