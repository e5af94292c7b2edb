"""The arena as data: panels, maps, algorithms, and the buffer of their arrays."""
