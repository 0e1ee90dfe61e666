"""Windows on costs: drawing architectures inside them, the nearest ones, and the attainable range."""
