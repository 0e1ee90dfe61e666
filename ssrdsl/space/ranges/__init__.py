"""The least and the greatest values of scalars over decisions, and of the costs of the networks of a space."""
