"""The graph as nested instances of blocks; the bodies of one block's instances laid over each other as a template."""
