"""Windows on costs: architectures drawn inside of them, the nearest ones, and the range that is attainable."""
