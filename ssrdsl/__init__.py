"""A language for search spaces of segmentation networks.

A `.ssr` file describes a space of networks. It is parsed, elaborated into a graph of decisions, searched with a
supernet, and emitted as one plain PyTorch file. The packages read in that order: `language`, `space`, `supernet`,
`search`, `emission`.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
