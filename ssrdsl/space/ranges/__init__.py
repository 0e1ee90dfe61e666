"""The least and the greatest values: of scalars over decisions, and of what the networks of a space cost."""
