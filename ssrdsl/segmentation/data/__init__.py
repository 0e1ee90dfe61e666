"""Data sets: read from folders or generated, held in memory, cut into batches."""
