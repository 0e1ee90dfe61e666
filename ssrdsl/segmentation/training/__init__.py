"""Training: options, the loop, and the files of a run."""
