"""Python expressions as trees, how they read in lines of limited length, and names that are valid in them."""
