"""The graph as nested instances of blocks, and the body of each: its operators and the instances directly inside."""
