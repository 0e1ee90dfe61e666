"""Pictures of spaces and reports of searches."""
