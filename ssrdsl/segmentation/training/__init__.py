"""Training: options, the loop, and what a run keeps on disk."""
