"""A study: searches of a space compared with random networks of the same cost, all trained with one recipe."""
