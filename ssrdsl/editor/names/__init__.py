"""The names of a file: their meaning, and where they are bound, used and visible."""
