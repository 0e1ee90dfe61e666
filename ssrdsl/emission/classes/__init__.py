"""The classes of a file: which blocks become classes, which instances share one, their names and paths of modules."""
