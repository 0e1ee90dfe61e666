"""Python expressions as trees, their layout in lines of limited length, and valid names."""
