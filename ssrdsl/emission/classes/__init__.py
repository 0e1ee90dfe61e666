"""Which blocks become classes and which instances share one, what they are called, and where their modules are."""
