"""Numbers that remember how they were written: `c - in_channels` beside the 13 that it is in one instance."""
