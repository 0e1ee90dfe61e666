"""The graph as nested instances of blocks; the bodies of instances of one block are merged to a template."""
