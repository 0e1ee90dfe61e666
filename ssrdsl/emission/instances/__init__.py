"""The network as nested instances of blocks, and the expressions of an instance as symbols over parameters."""
