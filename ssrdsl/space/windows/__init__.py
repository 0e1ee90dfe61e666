"""Windows on costs: sampling of architectures inside them, the nearest architecture, and the attainable range."""
